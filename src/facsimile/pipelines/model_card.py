"""What a trained net is, for whoever finds it in MLflow: a model card in Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from omegaconf import DictConfig

    from facsimile.evaluation.summary import Metrics

WHAT = {
    "swap": "puts the face of one person on frames of another; an autoencoder",
    "enhancement": "restores degraded pictures of faces",
    "detection": "scores aligned faces: 0 looks real, 1 looks fake",
}
USE = {
    "swap": "`facsimile render checkpoint=checkpoint.ckpt input=CLIP output=FILE consent=…`. It is "
    "kept as a file, and not as a model that anybody can call: rendering asks for a consent "
    "statement and signs what it makes.",
    "enhancement": "`mlflow.pyfunc.load_model('models:/{name}@best').predict(pictures)`, uint8 RGB "
    "of shape (n, h, w, 3), or `facsimile enhance checkpoint=… input=…`, which signs.",
    "detection": "`mlflow.pyfunc.load_model('models:/{name}@best').predict(faces)`, uint8 RGB of "
    "shape (n, h, w, 3), aligned as `facsimile extract` does, or `facsimile detect checkpoint=…`.",
}
LIMITS = {
    "swap": "It knows the two people that it learned and no other. A swap measured as good need "
    "not carry expressions over: see the correlations of mouth and eyes.",
    "enhancement": "It learned the degradations of its recipe; others it may make worse, clean "
    "pictures too: the table has both. What it adds was not in the picture, so a restored face is "
    "no evidence of who it shows.",
    "detection": "It was measured on fakes of the kinds below; on others, on compressed or blurred "
    "pictures, it may be no better than chance. A low score proves nothing. Intervals are by "
    "identity.",
}
STATEMENT = {
    "swap": "The output is synthetic: it shows something that did not happen, is signed (C2PA) "
    "and says so, and may be made only of people who agreed.",
    "enhancement": "The output is an altered picture. `facsimile enhance` signs it as such; "
    "whoever calls the model otherwise has to say so.",
    "detection": "The output is an analysis by a machine, no proof, and no decision about a "
    "person.",
}


def model_card(cfg: DictConfig, meta: Mapping[str, Any], metrics: Metrics) -> str:
    """The card of a checkpoint.

    Args:
        cfg: The recipe.
        meta: The checkpoint's description.
        metrics: Of its test.
    """
    return "\n\n".join(_parts(cfg, meta, metrics)) + "\n"


def registered_name(cfg: DictConfig) -> str:
    """The name of a recipe's registered model: task and recipe.

    >>> from types import SimpleNamespace as S
    >>> registered_name(S(name="enhancement_small", task=S(name="enhancement")))
    'enhancement-small'
    """
    task, recipe = str(cfg.task.name), str(cfg.name or "unnamed")
    return f"{task}-{recipe.removeprefix(task).lstrip('_') or recipe}"


def _parts(cfg: DictConfig, meta: Mapping[str, Any], metrics: Metrics) -> Iterator[str]:
    from facsimile.evaluation.result_tables import tables_of
    from facsimile.inference.checkpoint import grounds, training_data

    task = str(meta["task"])
    net = str(meta["net"]["_target_"]).rpartition(".")[2]
    yield f"# {meta.get('name') or task}"
    yield f"{STATEMENT[task]}"
    yield f"A net that {WHAT[task]}: `{net}`, {cfg.trainer.max_steps} steps, seed {cfg.seed}."
    yield f"**Use.** {USE[task].format(name=registered_name(cfg))}"
    yield f"**Learned from** {', '.join(training_data(meta))}."
    yield f"**Licence and consent.** {grounds(meta) or 'not stated'}"
    yield f"**Limits.** {LIMITS[task]}"
    yield from (table.markdown() for table in tables_of(metrics) if table.rows)
