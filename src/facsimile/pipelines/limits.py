"""What the values that users set may be, checked before any work starts."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

from facsimile.errors import UserError
from facsimile.pipelines.limit import Limit, word
from facsimile.pipelines.matching import found

if TYPE_CHECKING:
    from omegaconf import DictConfig

COUNT, WIDTH = Limit(int, 1, 10**9), Limit(int, 1, 8192)
SHARE, DEGREES = Limit(float, 0, 1), Limit(float, 0, 180)
WEIGHT = Limit(float, 0, 10**6)
SIDE = Limit(int, 16, 2048)  # pixels
COVERAGE = Limit(float, 0.5, 5, also=("half", "mid", "full", "whole", "head"))
SEED = Limit(int, 0, 2**32 - 1)
MASKS = ("render.mask.shape", "task.data_module.mask")  # what a hull can be drawn by
WORDS = (
    *("init", "evaluation.judge", "loss.terms.*.weights", f"{MASKS[1]}.net.checkpoint"),
    *("data.decisions", "render.label", "render.preview", "render.stressed"),
)
DETECTOR = {"score_threshold": SHARE, "max_side": Limit(int, 32, 16384)}

STUDIO = ("upload", "pixels", "fetched", "members", "unpacked", "sampled", "searched", "jobs")

# `*` stands for any key or place of a list; a key that a configuration lacks is not looked at
LIMITS = {
    **dict.fromkeys(("seed", "optimizer.seed", "render.colour.seed"), SEED),
    "renew": Limit(str, lengths=range(9), also=(None,)),
    **{f"trainer.{key}": COUNT for key in ("max_steps", "accumulate_grad_batches")},
    **{f"trainer.{key}": COUNT for key in ("log_every_n_steps", "val_check_interval")},
    "trainer.devices": Limit(int, 1, 1024, also=("auto",)),
    "trainer.gradient_clip_val": WEIGHT._replace(also=(None,)),
    **{
        f"callbacks.*.{key}": COUNT
        for key in (
            *("every", "every_n_train_steps", "update_every_n_steps", "epoch"),
            *("passes", "window", "patience", "limit"),
        )
    },
    **dict.fromkeys(("render.morph", "callbacks.ema.decay", "callbacks.rollback.factor"), SHARE),
    "callbacks.rollback.spike": Limit(float, 1, 10**6),
    "callbacks.stop.min_delta": WEIGHT,
    "callbacks.time_lapse.rate": Limit(float, 0.1, 240),
    **dict.fromkeys(("optimizer.lr", "optimizer.weight_decay"), Limit(float, 0, 1000)),
    "optimizer.lr_dropout": Limit(float, 0.0001, 1),
    "optimizer.betas": Limit(float, 0, 0.999999, lengths=(2,)),
    "optimizer.eps": Limit(float, 1e-20, 1),
    "optimizer.alpha": Limit(float, 0, 0.999999),
    "scheduler.pct_start": SHARE,
    "model.resolution": Limit(int, 16, 2048, step=16),
    **{f"model.{part}_dim": WIDTH for part in ("encoder", "code", "inter")},
    "model.decoder_dims": WIDTH._replace(lengths=(3, 4)),
    "model.mask_dim": WIDTH._replace(also=(None,)),
    "model.widths": WIDTH._replace(lengths=range(1, 9)),
    "model.steps": Limit(int, 1, 64),
    "model.scale": Limit(int, 1, 8),
    **dict.fromkeys(("loss.terms.*.weight", "loss.true_face.weight"), WEIGHT),
    "loss.terms.*.outside": SHARE,
    "loss.terms.*.windows": Limit(int, 3, 255, lengths=range(1, 9), also=(None,)),
    "loss.terms.*.window": Limit(int, 3, 255, step=2),
    "loss.terms.*.sigma": Limit(float, 0.01, 100),
    "loss.terms.*.epsilon": Limit(float, 1e-12, 1),
    "loss.terms.*.layers": Limit(int, 0, 100, lengths=range(1, 33)),
    "loss.terms.*.discriminator.patch_size": Limit(int, 3, 2048, also=(None,)),
    **{f"loss.{term}.discriminator.width": WIDTH for term in ("terms.*", "true_face")},
    **{f"task.data_module.{part}_share": SHARE for part in ("fine", "colour_transfer")},
    "task.data_module.crowd.per_subject": COUNT,
    "render.batch_size": Limit(int, 1, 1024),
    **dict.fromkeys(("render.crf", "enhance.crf"), Limit(int, 0, 51)),
    **{"enhance.tile": Limit(int, 32, 8192), "enhance.quality": Limit(int, 1, 100)},
    **{f"{place}.identity_every": COUNT for place in ("measure", "baselines")},
    **dict.fromkeys(
        ("fakes.cuts", "self_blend.blends", "self_blend.per_subject", "rank.draws"), COUNT
    ),
    **{"fakes.seconds": Limit(float, 0.1, 3600), "fakes.least_faces": SHARE},
    "enhance.overlap": Limit(int, 0, 4096, also=(None,)),
    "port": Limit(int, 1, 65535),
    **{f"studio.limits.{key}": Limit(int, 1, 2**50) for key in STUDIO},
    **{f"studio.limits.{key}": Limit(float, 1, 2**31) for key in ("*_seconds", "ratio")},
    "render.coverage": COVERAGE._replace(also=(None, *COVERAGE.also)),
    **{key: Limit(str, also=(None,)) for key in WORDS},
    **{f"evaluation.*.{key}": limit for key, limit in DETECTOR.items()},
    **{f"evaluation.{key}": COUNT for key in ("*identity_every", "frames", "draws", "least")},
    "task.data_module.batch_size": Limit(int, 1, 65536),
    "task.data_module.workers": Limit(int, 0, 1024, also=(None,)),
    **dict.fromkeys(("task.data_module.crop_size", "params.extract.image_size"), SIDE),
    "task.data_module.image_size": SIDE._replace(also=(None,)),
    "task.data_module.mirror": SHARE,
    **{f"task.data_module.{key}": COUNT for key in ("*_per_subject", "frames")},
    "task.data_module.sharpen_k": Limit(float, -1, 100),
    "task.data_module.sharpen_sigma": Limit(float, 0.01, 100),
    **{f"task.data_module.{key}": DEGREES for key in ("augmentation.rotation", "rotation")},
    "task.data_module.augmentation.cells": Limit(int, 1, 256),
    **{f"{mask}.raise_brows": Limit(float, 0, 5) for mask in MASKS},
    **{
        f"task.data_module.augmentation.{part}": SHARE
        for part in ("scale", "shift", "flip", "warp", "noise", "colour")
    },
    **{
        f"task.data_module.light.{part}": Limit(float, 0, 10)
        for part in ("brightness", "colour", "shading")
    },
    "task.data_module.light.shuffled": SHARE,
    **{f"detector.{key}": limit for key, limit in DETECTOR.items()},
    "render.mask.erode": Limit(float, -0.5, 0.5),
    "render.mask.blur": Limit(float, 0, 0.5),
    **{f"render.colour.{part}": Limit(int, 1, 1000) for part in ("rotations", "steps", "slices")},
    "render.colour.smooth": Limit(float, 0, 1000),
    **{f"render.{part}.k": Limit(float, -1, 100) for part in ("presharpen", "detail")},
    **{f"render.{part}.sigma": Limit(float, 0.01, 100) for part in ("presharpen", "detail")},
    **{f"render.detail.max_{part}": Limit(float, 0, 100) for part in ("sigma", "k")},
    "render.detail.sharpen_sigma": Limit(float, 0.01, 100),
    "render.blend.reach": Limit(float, 0.01, 2),
    "render.blend.edge": Limit(float, 0, 0.99),
    "render.smoothing.half": Limit(int, 0, 250),
    "render.smoothing.order": Limit(int, 0, 9),
    "render.smoothing.jump": Limit(float, 0, 1000),
    "params.extract.coverage": COVERAGE,
    "params.extract.max_side": DETECTOR["max_side"],
    "params.extract.every": Limit(int, 1, 30),
    "params.extract.time_limit": Limit(float, 1, 10**7, also=(None,)),
    **dict.fromkeys(("data_check.*", "detect.maps"), Limit(int, 0, 10**6)),
    **dict.fromkeys(("data.frames", "detect.frames"), COUNT._replace(also=(None,))),
    "executor.workers": Limit(int, 1, 4096, also=(None,)),
    "executor.threads": Limit(int, 1, 1024, also=(None,)),
    "executor.retries": Limit(int, 0, 1000),
    "sweep.trials": COUNT,
    "sweep.at_once": COUNT._replace(also=(None,)),
    **{f"sweep.{part}.n_startup_trials": Limit(int, 0, 10**9) for part in ("sampler", "pruner")},
    "sweep.pruner.n_warmup_steps": Limit(int, 0, 10**9),
    "params.select.swap_pair": Limit(str, lengths=(0, 2)),
    "params.select.min_score": SHARE,
    "params.select.min_size": Limit(float, 0, 10**5),
    "params.select.min_sharpness": Limit(float, 0, 10**6),
    "params.select.brightness": Limit(float, 0, 255, lengths=(2,)),
    "params.select.max_yaw": DEGREES,
    **{
        f"params.select.{name}": SHARE._replace(also=(None,))
        for name in (
            *("max_blur", "max_motion_blur", "max_blockiness", "max_clipping", "min_evenness"),
            *("max_asymmetry", "max_gaze"),
        )
    },
    **{f"params.select.max_{turn}": DEGREES._replace(also=(None,)) for turn in ("pitch", "roll")},
    "params.select.min_contrast": Limit(float, 0, 127.5, also=(None,)),
    "params.select.max_misfit": Limit(float, 0, 10**3, also=(None,)),
    "params.select.min_eye_distance": Limit(float, 0, 10**5, also=(None,)),
    "params.select.*_opening": Limit(float, 0, 10**3, lengths=(2,), also=(None,)),
    "params.select.same_person": Limit(float, -1, 1),
    "params.select.best": COUNT._replace(also=(None,)),
    "params.select.sort": Limit(str, also=(None,)),
    "params.select.min_difference": Limit(float, 0, 255),
    "params.select.min_identity": Limit(float, -1, 1),
    "params.split.identity.patterns.*": Limit(str, lengths=range(10**4)),
    "params.split.*.unlisted.*": SHARE,
    "params.split.swap.gap": Limit(int, 0, 10**6),
    "params.split.swap.blocks.*.*": Limit(int, 0, 10**9, lengths=(2,)),
}

RELATIONS = (
    ("loss.terms.*.window", "at most", "task.data_module.crop_size"),
    ("loss.terms.*.windows", "at most", "model.resolution"),
    ("task.data_module.resolution", "exactly", "model.resolution"),
)


def check_limits(cfg: DictConfig) -> None:
    """Refuse an impossible value, wherever it was set.

    Raises:
        UserError: names the key, its value and what may stand there.
    """
    for pattern, limit in LIMITS.items():
        for key, value in found(cfg, pattern):
            if not limit.fits(value):
                raise UserError(f"{key}={word(value)}: give {limit.wanted}")
    for pattern, relation, other in RELATIONS:
        for (key, value), (_, bound) in product(found(cfg, pattern), found(cfg, other)):
            ours = value if isinstance(value, list) else [] if value is None else [value]
            if any(one > bound or (relation == "exactly" and one != bound) for one in ours):
                raise UserError(f"{key}={value}: give {relation} {bound}, which is {other}")
    _check_warm_up(cfg)


def _check_warm_up(cfg: DictConfig) -> None:
    """OneCycleLR divides by the length of its warm-up less one step."""
    steps = next(found(cfg, "scheduler.total_steps"), None)
    share = next(found(cfg, "scheduler.pct_start"), None)
    if steps and share and float(steps[1] * share[1]) == 1:
        raise UserError(
            f"scheduler.pct_start={share[1]}: of {steps[1]} steps that is a warm-up of a single "
            "one, which the schedule cannot do; give more of trainer.max_steps, or another share"
        )
