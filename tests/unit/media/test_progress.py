"""What is told of a stream: where nobody watches, too."""

from facsimile.media import progress
from facsimile.media.progress import FrameProgress, StreamProgress


def test_a_log_is_told_now_and_then(monkeypatch, capsys):
    """Standard error is no terminal here."""
    now = iter(range(0, 1000, 20))  # seconds: every second step is more than LOGGED after
    monkeypatch.setattr(progress.time, "monotonic", lambda: next(now))
    with FrameProgress() as frames:
        assert list(frames.watch(iter("abcd"), "clip.mp4", 4)) == [*"abcd"]
    told = [line for line in capsys.readouterr().err.splitlines() if line.startswith("clip.mp4: ")]
    assert [line.rpartition(" frames")[0].rpartition(" ")[0] for line in told] == [
        "clip.mp4: 2 of 4",
        "clip.mp4: 4 of 4",
    ]


def test_what_is_told_of_a_stream_of_unknown_length(monkeypatch, capsys):
    monkeypatch.setattr(progress, "LOGGED", -1.0)
    with StreamProgress("{task.fields[told]}") as lines:
        line = lines.begin("train", None, told="")
        lines.advance(line, 3, told="train/loss 0.5")
        lines.say("step 3: [val/psnr] 30")
    told = capsys.readouterr().err.splitlines()
    assert "train: 3 train/loss 0.5" in told and "step 3: [val/psnr] 30" in told
