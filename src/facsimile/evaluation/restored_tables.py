"""The tables of a restoration that people read: the net beside all that it has to beat."""

from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd

from facsimile.evaluation.tables import Table, Value, below, cell, cells, headings

IDENTITY = "identity_cosine"
MEASURES = ("psnr", "ssim", "pixel_cosine", IDENTITY, "keras_accuracy", "within_0.1", "n")
FIRST = {"": "net", "blind_chain": "blind chain"}
RIVALS = {**FIRST, "best_filter": "best single filter", "no_op": "no-op"}
LAST = {"no_op": "no-op", "constant_red": "constant red"}
ROWS = FIRST | LAST
TONES = ("colour", "grey")
BOTH = ("psnr", "ssim")
_NAMES = {method or "net": label for method, label in RIVALS.items()}


def verdict_table(
    metrics: Mapping[str, Value], beside: Mapping[str, Mapping[str, Value]] | None = None
) -> Table:
    """Of every fixed set in one row: the net beside what it has to beat, and other runs' nets.

    Args:
        metrics: Of the run.
        beside: Metrics of other runs, by the names that their nets are to have.
    """
    others = beside or {}
    columns = ["degradation", "beats the chain", "by", *RIVALS.values(), *others, "pictures"]
    rows = []
    for name in below(metrics, "test/"):
        place = f"test/{name}"
        nets = [_both(other, place) for other in others.values()]
        count = cell(metrics, place, "n")
        rows.append([name, *_verdict(metrics, place), *_rivals(metrics, place), *nets, count])
    note = (
        "PSNR dB / SSIM. The chain is one for all degradations, chosen on validation; the best "
        "single filter is chosen on these very pictures. *: but for identical pictures, whose PSNR "
        "is infinite; then there is no verdict."
    )
    return Table("Held-out people: the net and what it has to beat", columns, rows, note, names=2)


def methods_table(metrics: Mapping[str, Value]) -> Table:
    """Every degradation and every method: net, chain, filters, doing nothing, constant red."""
    seen = any(key.endswith(f"/{IDENTITY}") for key in metrics)
    measures = [one for one in MEASURES if seen or one != IDENTITY]
    rows = []
    for degradation in below(metrics, "test/"):
        prefix = f"test/{degradation}"
        filters = [one for one in below(metrics, f"{prefix}/") if one not in (*ROWS, *TONES)]
        for method in (*FIRST, *filters, *LAST):
            place = f"{prefix}/{method}".rstrip("/")
            if f"{place}/psnr" in metrics:
                label = ROWS.get(method, method)
                label += " (best filter)" if metrics.get(f"{place}/best_filter") else ""
                rows.append([degradation, label, *cells(metrics, place, measures)])
    note = (
        "Pixel cosines and accuracies say little: compare them with no-op and constant red. *: but "
        "for identical pictures. Slow filters were run on fewer pictures."
    )
    if seen:
        note += " Identity cosine: between embeddings of the face restored and as it was, of some."
    columns = ["degradation", "method", *headings(measures)]
    return Table("Held-out people, per degradation and method", columns, rows, note, names=2)


def tones_table(metrics: Mapping[str, Value]) -> Table:
    """Colour and grey pictures apart, with `keras_accuracy` of net, no-op and constant red."""
    accuracy = {"": "keras: net", "no_op": "no-op's", "constant_red": "red's"}
    columns = ["degradation", "tone", *RIVALS.values(), "pictures", *accuracy.values()]
    rows = []
    for name in below(metrics, "test/"):
        for tone in TONES:
            prefix = f"test/{name}/{tone}"
            if f"{prefix}/n" in metrics:
                places = (f"{prefix}/{method}".rstrip("/") for method in accuracy)
                keras = [cell(metrics, place, "keras_accuracy") for place in places]
                count = cell(metrics, prefix, "n")
                rows.append([name, tone, *_rivals(metrics, prefix), count, *keras])
    note = "PSNR dB / SSIM. A grey picture's largest channel is always the first, as red's is."
    return Table("Held-out people: colour and grey pictures", columns, rows, note, names=2)


def strength_table(by_strength: pd.DataFrame) -> Table:
    """Every degradation in every strength, as `restored_curves.by_strength` tells of them."""
    shown = {method: label for method, label in _NAMES.items() if f"{method}_psnr" in by_strength}
    rows = [
        [
            str(row["degradation"]),
            f"{row['strength']:g}",
            *(_of_strength(row, method) for method in shown),
            str(row["pictures"]),
        ]
        for row in by_strength.to_dict("records")
    ]
    columns = ["degradation", "strength", *shown.values(), "pictures"]
    note = (
        "PSNR dB / SSIM, of some of the people's pictures; the best single filter is that of each "
        "strength. Identical pictures, whose PSNR is infinite, are left out of its mean."
    )
    return Table("Held-out people, per degradation and strength", columns, rows, note, names=2)


def _of_strength(row: Mapping[Hashable, Any], method: str) -> str:
    name = row["best_filter"] if method == "best_filter" else ""
    return f"{row[f'{method}_psnr']:.2f} / {row[f'{method}_ssim']:.3f} {name}".rstrip()


def _rivals(metrics: Mapping[str, Value], prefix: str) -> list[str]:
    """PSNR and SSIM of each of `RIVALS`."""
    found = []
    for method in RIVALS:
        name = _best_filter(metrics, prefix) if method == "best_filter" else ""
        # of colour or grey pictures the best filter's figures stand under that very word
        figures = _both(metrics, f"{prefix}/{name or method}".rstrip("/"))
        found.append(f"{figures} {name}".rstrip())
    return found


def _both(metrics: Mapping[str, Value], place: str) -> str:
    return " / ".join(cells(metrics, place, BOTH))


def _best_filter(metrics: Mapping[str, Value], prefix: str) -> str:
    found = (one for one in below(metrics, f"{prefix}/"))
    return next((one for one in found if metrics.get(f"{prefix}/{one}/best_filter")), "")


def _verdict(metrics: Mapping[str, Value], prefix: str) -> list[str]:
    """Whether the net beats the blind chain, and by how much in PSNR and SSIM."""
    chain = f"{prefix}/blind_chain"
    if any(metrics.get(f"{place}/psnr_infinite") for place in (prefix, chain)):
        return ["-", "-"]
    gains: list[float] = []
    for measure in BOTH:
        ours, theirs = metrics.get(f"{prefix}/{measure}"), metrics.get(f"{chain}/{measure}")
        if ours is None or theirs is None:
            return ["-", "-"]
        gains.append(ours - theirs)
    won = [name for name, gain in zip(("PSNR", "SSIM"), gains, strict=True) if gain > 0]
    verdict = ("no", f"only in {''.join(won)}", "YES")[len(won)]
    return [verdict, f"{gains[0]:+.2f} / {gains[1]:+.3f}"]
