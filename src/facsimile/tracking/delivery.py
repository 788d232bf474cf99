"""A journal's entries, put into the MLflow store in their order."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from facsimile.tracking.journal import LOCAL, RUNNING, Entry, Journal
from facsimile.tracking.registry import register
from facsimile.tracking.store import AwayError, Store, is_refusal
from facsimile.tracking.uploads import patience_for

VERSION = "facsimile.version"
PARENT = "mlflow.parentRunId"
ENDINGS = ("error", "interrupted", "pruned")  # tags that say why a run did not come to its end
CURVES = "curves"  # tag of a run that was not logged while it trained: means between its steps
BY_STEP = ("train/", "val/")
LATER = ("files", "model")
BATCH = 500  # metrics a request; MLflow takes up to 1000
SETTINGS = 100  # params or tags a request, at most
_TOLD: set[tuple[Path, str]] = set()  # what was refused of a run


def send(journal: Journal, store: Store) -> bool:
    """Send what is not sent yet; returns whether nothing is left.

    An entry that the store refuses is set aside with the reason, the rest goes on. Entries carry
    their times: one whose answer was lost is sent again, and the store knows it. Files may have a
    store of their own: while that is away, they go to the end of the journal.

    Raises:
        AwayError: The store went away, or failed; what is left stays.
    """
    failed: AwayError | None = None
    with journal.sending() as ours:
        for entry, place in _batches(journal) if ours else ():
            try:
                taken = _deliver(entry, journal, store)
            except AwayError as error:
                if entry["do"] not in LATER:
                    raise
                journal.append(entry)
                taken, failed = False, error
            journal.sent(place)  # before its files go: a kill in between leaves them, no more
            for name in entry.get("files", ()) if taken else ():
                journal.drop(name)
    if failed is not None:
        raise failed
    return journal.is_sent


def find_run(store: Store, version: str, parent: str | None) -> str | None:
    """The id of the run of this version below this parent, if there is one."""
    quote = '"' if "'" in version else "'"  # a sweep's version is its folder
    query = f"tags.`{VERSION}` = {quote}{version}{quote}"
    for run in store.client.search_runs([store.experiment_id], query, max_results=1000):
        if run.data.tags.get(PARENT) == parent:
            return str(run.info.run_id)
    return None


def _batches(journal: Journal) -> Iterator[tuple[Entry, int]]:
    """The entries that are there now, with what is metrics on end in one."""
    gathered: list[Any] = []
    end, last = 0, journal.end
    for entry, place in journal.entries():
        if place > last:
            break
        is_metrics = entry["do"] == "metrics"
        if gathered and (not is_metrics or len(gathered) + len(entry["values"]) > BATCH):
            yield {"do": "metrics", "values": gathered}, end
            gathered = []
        if is_metrics:
            gathered, end = [*gathered, *entry["values"]], place
        else:
            yield entry, place
    if gathered:
        yield {"do": "metrics", "values": gathered}, end


def _deliver(entry: Entry, journal: Journal, store: Store) -> bool:
    """Whether the store took an entry."""
    if gone := [name for name in entry.get("files", ()) if not journal.file(name).exists()]:
        journal.refuse(entry, f"its file {gone[0]} is gone")
        return False
    try:
        ACTIONS[entry["do"]](entry, journal, store)
    except AwayError:
        raise
    except Exception as error:  # of MLflow, its database's driver, or the store of its files
        if not is_refusal(error):
            raise AwayError(f"{type(error).__name__}: {error}") from error
        journal.refuse(entry, store.worded(error))
        _tell_of_refusal(journal, entry["do"], store.worded(error))
        return False
    return True


def _tell_of_refusal(journal: Journal, kind: str, reason: str) -> None:
    """Say it once of a run and kind of entry: of a run that was deleted, all are refused."""
    if (told := (journal.folder, kind)) in _TOLD:
        return
    _TOLD.add(told)
    print(
        f"MLflow does not take what was logged as {kind}: {reason}; it is set aside in "
        f"{journal.folder}, and so is all of this kind that it does not take",
        file=sys.stderr,
    )


def _run(journal: Journal) -> str:
    if (run_id := journal.run_id) is None:
        raise ValueError("its run was never made")
    return run_id


def _create(entry: Entry, journal: Journal, store: Store) -> None:
    if journal.run_id is not None:
        return
    tags, parent = dict(entry["tags"]), entry["tags"].get(PARENT)
    if parent is not None and parent.startswith(LOCAL):
        parent = Journal(journal.folder.with_name(parent)).run_id
        if parent is None:
            raise AwayError("the run's parent is not sent yet")
        tags[PARENT] = parent
    run_id = find_run(store, tags[VERSION], parent)
    if run_id is None:
        run = store.client.create_run(
            store.experiment_id, start_time=entry["time"], tags=tags, run_name=entry["name"]
        )
        run_id = run.info.run_id
    journal.created(str(run_id))


def _metrics(entry: Entry, journal: Journal, store: Store) -> None:
    from mlflow.entities import Metric

    metrics = [Metric(*value) for value in entry["values"]]
    for start in range(0, len(metrics), BATCH):
        store.client.log_batch(_run(journal), metrics=metrics[start : start + BATCH])


def _curves(entry: Entry, journal: Journal, store: Store) -> None:
    """Metrics by step, but for those that the run has: logged while it trained."""
    present = store.client.get_run(_run(journal)).data.metrics
    fresh = [value for value in entry["values"] if value[0] not in present]
    _metrics({"values": fresh}, journal, store)
    if not any(key.startswith(BY_STEP) for key in present):
        _tags({"tags": {CURVES: "of the finished training's table"}}, journal, store)


def _settings(entry: Entry, journal: Journal, store: Store) -> None:
    """What is there already stays: MLflow refuses to change it."""
    from mlflow.entities import Param

    present = store.client.get_run(_run(journal)).data
    fresh = [Param(k, v) for k, v in entry["params"].items() if k not in present.params]
    for start in range(0, len(fresh), SETTINGS):
        store.client.log_batch(_run(journal), params=fresh[start : start + SETTINGS])
    tags = {k: v for k, v in entry["tags"].items() if k not in present.tags}
    _tags({"tags": tags}, journal, store)


def _tags(entry: Entry, journal: Journal, store: Store) -> None:
    from mlflow.entities import RunTag

    tags = [RunTag(key, value) for key, value in entry["tags"].items()]
    for start in range(0, len(tags), SETTINGS):
        store.client.log_batch(_run(journal), tags=tags[start : start + SETTINGS])


def _files(entry: Entry, journal: Journal, store: Store) -> None:
    for path in map(journal.file, entry["files"]):
        with patience_for(path):
            if path.is_dir():
                below = f"{entry['below']}/{path.name}".strip("/")
                store.client.log_artifacts(_run(journal), str(path), below)
            else:
                store.client.log_artifact(_run(journal), str(path), entry["below"] or None)


def _inputs(entry: Entry, journal: Journal, store: Store) -> None:
    from mlflow.entities import Dataset, DatasetInput, InputTag

    inputs = [
        DatasetInput(Dataset(**one["dataset"]), [InputTag("mlflow.data.context", one["context"])])
        for one in entry["datasets"]
    ]
    store.client.log_inputs(_run(journal), datasets=inputs)


def _model(entry: Entry, journal: Journal, store: Store) -> None:
    folder = journal.file(entry["files"][0])
    with patience_for(folder):
        print(register(store, _run(journal), folder, entry))


def _status(entry: Entry, journal: Journal, store: Store) -> None:
    if entry["status"] == RUNNING:
        _reopen(_run(journal), store)
    else:
        store.client.set_terminated(_run(journal), entry["status"], entry["time"])


def _reopen(run_id: str, store: Store) -> None:
    """Let a run go on; why it ended before is no longer true of it."""
    store.client.update_run(run_id, status=RUNNING)
    for name in store.client.get_run(run_id).data.tags.keys() & {*ENDINGS}:
        store.client.delete_tag(run_id, name)


def _delete(entry: Entry, journal: Journal, store: Store) -> None:
    store.client.delete_run(_run(journal))


Action = Callable[[Entry, Journal, Store], None]
ACTIONS: dict[str, Action] = {
    "create": _create,
    "metrics": _metrics,
    "curves": _curves,
    "settings": _settings,
    "tags": _tags,
    "files": _files,
    "inputs": _inputs,
    "model": _model,
    "status": _status,
    "delete": _delete,
}


def kept_journals(folder: Path) -> list[Journal]:
    """The journals of a folder, parents of runs before their children."""
    found = [Journal(path) for path in sorted(folder.glob("*")) if path.is_dir()]
    return sorted(found, key=lambda one: _time(one))


def _time(journal: Journal) -> int:
    """When the run was begun, as far as the journal tells."""
    first = next(journal.entries(all_of_them=True), None)
    return int(first[0].get("time") or 0) if first else 0
