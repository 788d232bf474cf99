"""Trained nets as registered models: a version each, the best by the recipe's metric as `best`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from facsimile.tracking.journal import Entry
from facsimile.tracking.store import Store

BEST = "best"
SHA, MEASURED = "sha256", "measured"


def register(store: Store, run_id: str, folder: Path, entry: Entry) -> str:
    """Put a saved model into the store as a version of its name, once, and see if it is the best.

    Args:
        store: Where to.
        run_id: The run that trained it.
        folder: The model, as MLflow saves one.
        entry: `name`; `sha256` of the weights; `card` in Markdown; `metric`, its `value` (None:
            not measured) and whether `higher` is better; `measured`, which tells how it was
            measured: values of one metric are compared if this is the same.

    Returns:
        What to say of it: the version, and whether it is the best, and why.
    """
    client, name = store.client, entry["name"]
    version = _version(store, run_id, entry)
    if version is None:
        _ensure_name(store, name)
        model = _logged(store, run_id, folder, entry)
        # by its place: MLflow would look for `models:/ID` where the environment says, not here
        version = client.create_model_version(
            name, model.artifact_location, run_id, description=entry["card"],
            model_id=model.model_id, tags={SHA: entry[SHA], MEASURED: entry[MEASURED]},
        ).version  # fmt: skip
    if entry["value"] is None:
        return f"{name} version {version}: not compared with others, it has no {entry['metric']}"
    client.set_model_version_tag(name, version, MEASURED, entry[MEASURED])
    client.set_model_version_tag(name, version, entry["metric"], repr(entry["value"]))
    told = f"{name} version {version}, {entry['metric']} {entry['value']:.6g}"
    return f"{told}: {_ranked(store, entry, str(version))}"


def _ranked(store: Store, entry: Entry, version: str) -> str:
    """Give the version the alias if it beats the one that has it; says what came of it."""
    current = _current(store, entry["name"])
    if reason := _not_best(current, entry, version):
        return reason
    store.client.set_registered_model_alias(entry["name"], BEST, version)
    earlier = 0 if current is None else int(current.version)
    # two that end at the same time both beat the present one; whoever comes last sees the other
    for other in _comparable(store, entry):
        if int(other.version) > earlier and _beats(other.tags[entry["metric"]], entry):
            store.client.set_registered_model_alias(entry["name"], BEST, other.version)
            entry = entry | {"value": float(other.tags[entry["metric"]])}
            version = str(other.version)
    return f"version {version} is `{BEST}`" + (f", no longer version {earlier}" if earlier else "")


def _version(store: Store, run_id: str, entry: Entry) -> str | None:
    """The version of these very weights from this run, if there is one."""
    found = store.client.search_model_versions(f"name = '{entry['name']}' and run_id = '{run_id}'")
    same = (str(one.version) for one in found if one.tags.get(SHA) == entry[SHA])
    return next(same, None)


def _ensure_name(store: Store, name: str) -> None:
    from mlflow.exceptions import MlflowException

    try:
        store.client.create_registered_model(name)
    except MlflowException as error:
        if error.error_code != "RESOURCE_ALREADY_EXISTS":
            raise


def _logged(store: Store, run_id: str, folder: Path, entry: Entry) -> Any:
    """The model, whole in the store; what an interrupted sending left is completed."""
    from mlflow.entities import LoggedModelOutput

    client, sha = store.client, entry[SHA]
    query = f"source_run_id = '{run_id}' AND tags.{SHA} = '{sha}'"
    found = list(client.search_logged_models([store.experiment_id], query, max_results=1))
    if found:
        model = found[0]
    else:
        model = client.create_logged_model(
            store.experiment_id, entry["name"], run_id, tags={SHA: sha}, model_type=entry["task"]
        )
    if str(model.status) != "READY":
        client.log_model_artifacts(model.model_id, str(folder))
        client.finalize_logged_model(model.model_id, "READY")
        client.log_outputs(run_id, [LoggedModelOutput(model.model_id, 0)])
    return model


def _not_best(current: Any, entry: Entry, version: str) -> str:
    """Why a version does not take the place of the present best; nothing where it does."""
    if current is None:
        return ""
    if str(current.version) == version:
        return f"it is `{BEST}` already"
    kept = f"version {current.version} stays `{BEST}`"
    tags: dict[str, Any] = current.tags
    if tags.get(MEASURED) != entry[MEASURED] or entry["metric"] not in tags:
        return f"{kept}, which was measured otherwise, so that they cannot be compared"
    value = tags[entry["metric"]]
    return "" if _beats(repr(entry["value"]), entry | {"value": float(value)}) else (
        f"{kept}, with {float(value):.6g}"
    )  # fmt: skip


def _beats(value: str, entry: Entry) -> bool:
    """Whether a version's value, as its tag has it, is better than an entry's."""
    better = float(value) - float(entry["value"])
    return better > 0 if entry["higher"] else better < 0


def _comparable(store: Store, entry: Entry) -> list[Any]:
    found = store.client.search_model_versions(f"name = '{entry['name']}'")
    return [
        one
        for one in found
        if one.tags.get(MEASURED) == entry[MEASURED] and entry["metric"] in one.tags
    ]


def _current(store: Store, name: str) -> Any:
    from mlflow.exceptions import MlflowException

    try:
        return store.client.get_model_version_by_alias(name, BEST)
    except MlflowException as error:
        if error.error_code in ("INVALID_PARAMETER_VALUE", "RESOURCE_DOES_NOT_EXIST"):
            return None
        raise
