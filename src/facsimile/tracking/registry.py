"""Trained nets as registered models: a version each, the best by the recipe's metric as `best`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from facsimile.tracking.journal import Entry
from facsimile.tracking.store import Store

BEST = "best"
SHA, MEASURED = "sha256", "measured"


def register(store: Store, run_id: str, folder: Path, entry: Entry) -> None:
    """Put a saved model into the store as a version of its name, once, and see if it is the best.

    Args:
        store: Where to.
        run_id: The run that trained it.
        folder: The model, as MLflow saves one.
        entry: `name`; `sha256` of the weights; `card` in Markdown; `metric`, its `value` (None:
            not measured) and whether `higher` is better; `measured`, which tells how it was
            measured: values of one metric are compared if this is the same.
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
        return
    client.set_model_version_tag(name, version, MEASURED, entry[MEASURED])
    client.set_model_version_tag(name, version, entry["metric"], repr(entry["value"]))
    if _is_best(store, entry, str(version)):
        client.set_registered_model_alias(name, BEST, version)


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


def _is_best(store: Store, entry: Entry, version: str) -> bool:
    """Whether it beats the version that is `best`; measured otherwise, it cannot be compared."""
    current = _current(store, entry["name"])
    if current is None:
        return True
    tags: dict[str, Any] = current.tags
    if str(current.version) == version or tags.get(MEASURED) != entry[MEASURED]:
        return False
    if entry["metric"] not in tags:
        return False
    better = float(entry["value"]) - float(tags[entry["metric"]])
    return better > 0 if entry["higher"] else better < 0


def _current(store: Store, name: str) -> Any:
    from mlflow.exceptions import MlflowException

    try:
        return store.client.get_model_version_by_alias(name, BEST)
    except MlflowException as error:
        if error.error_code in ("INVALID_PARAMETER_VALUE", "RESOURCE_DOES_NOT_EXIST"):
            return None
        raise
