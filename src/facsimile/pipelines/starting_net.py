"""What a training starts from instead of a new net: the net of another's checkpoint."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from inspect import Parameter, signature
from pathlib import Path
from typing import TYPE_CHECKING, Any

from facsimile.errors import UserError
from facsimile.media.files import sha256
from facsimile.pipelines.learnt import pretrains
from facsimile.pipelines.limit import word

if TYPE_CHECKING:
    from omegaconf import DictConfig
    from torch import Tensor, nn

INTERS = ("inter", "inter_ab", "inter_b")  # of df; of liae


@dataclass(frozen=True)
class StartingNet:
    """The net of a checkpoint: its weights, the averaged ones, but no optimizer and no step.

    Nothing of it is read again: a training may outlast its start's file.

    Args:
        path: The checkpoint.
        sha256: Of its bytes.
        weights: The averaged ones.
        meta: Its description.
        renewed: The parts that keep the new net's weights, by name; None for the inters.
    """

    path: Path
    sha256: str
    weights: dict[str, Tensor]
    meta: dict[str, Any]
    renewed: tuple[str, ...] | None

    def give_to(self, net: nn.Module) -> None:
        """Set the weights of a new net of the same kind, but for the renewed parts.

        Raises:
            UserError: The net has no such parts, or other weights.
        """
        parts = [name for name, _ in net.named_children()]
        renewed = [name for name in INTERS if name in parts]
        if self.renewed is not None:
            renewed = list(self.renewed)
        if unknown := [name for name in renewed if name not in parts]:
            raise UserError(f"renew={word(unknown)}: the net's parts are {', '.join(parts)}")
        if missing := net.state_dict().keys() ^ self.weights.keys():
            raise UserError(f"{self.path}: its weights do not fit, as {min(missing)} tells")
        kept = {k: v for k, v in self.weights.items() if k.partition(".")[0] not in renewed}
        try:
            net.load_state_dict(kept, strict=False)
        except RuntimeError as error:
            raise UserError(f"{self.path}: its weights do not fit: {error}") from error

    def description(self) -> dict[str, Any]:
        """What is told of it in the checkpoint of the training that starts from it."""
        from facsimile.inference.checkpoint import grounds, training_data

        return {
            "sha256": self.sha256,
            "name": self.meta.get("name"),
            "training_data": training_data(self.meta),
            "consent": grounds(self.meta),
        }


def starting_net(cfg: DictConfig) -> StartingNet | None:
    """What `init=` names; None where it names nothing.

    As in DeepFaceLab, the first training of a pair after pretraining starts the inters anew:
    df's `inter`, liae's `inter_ab` and `inter_b`. What everybody's faces taught the encoder and
    the decoders is kept, and the code is free to be shared by these two. `renew=` names other
    parts; `renew=[]` keeps all.

    Raises:
        UserError: It is no checkpoint, of another task, or its model is another.
    """
    if cfg.init is None:
        if cfg.renew is not None:
            raise UserError("renew= is of the net that init=FILE.ckpt brings: give that as well")
        return None
    from facsimile.inference.checkpoint import load_weights

    path = Path(cfg.init)
    weights, meta = load_weights(path)
    if meta["task"] != cfg.task.name:
        raise UserError(f"init={path} is of task {meta['task']}, and not of {cfg.task.name}")
    if differences := list(_differences(cfg, meta["net"])):
        raise UserError(f"init={path} has another model: {'; '.join(differences)}")
    return StartingNet(path, sha256(path), weights, meta, _renewed(cfg, meta))


def start_of(cfg: DictConfig) -> dict[str, Any]:
    """What of the start decides what is learnt: the checkpoint by its content, never its place.

    Raises:
        UserError: There is no such file.
    """
    if cfg.get("init") is None:
        return {}
    path = Path(cfg.init)
    if not path.is_file():
        raise UserError(f"init={path}: there is no such checkpoint")
    renew = cfg.get("renew")
    return {"init": {"sha256": sha256(path), "renew": None if renew is None else sorted(renew)}}


def _renewed(cfg: DictConfig, meta: dict[str, Any]) -> tuple[str, ...] | None:
    if cfg.renew is not None:
        return tuple(cfg.renew)
    ends_pretraining = meta.get("pretrain") and not pretrains(cfg)
    return None if ends_pretraining else ()


def _differences(cfg: DictConfig, net: dict[str, Any]) -> Iterator[str]:
    """In what a described net is not the one that is to be trained; defaults stand for gaps."""
    from hydra.utils import get_class
    from omegaconf import OmegaConf

    own: Any = OmegaConf.to_container(cfg.model, resolve=True)
    if net.get("_target_") != own["_target_"]:
        yield f"its net is {net.get('_target_')}, here {own['_target_']}"
        return
    parameters = signature(get_class(own["_target_"])).parameters.values()
    usual = {p.name: _plain(p.default) for p in parameters if p.default is not Parameter.empty}
    theirs, ours = usual | net, usual | own
    for key in sorted(theirs.keys() | ours.keys()):
        if _plain(theirs.get(key)) != _plain(ours.get(key)):
            yield f"its {key} is {word(theirs.get(key))}, here {word(ours.get(key))}"


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value
