"""Swap autoencoders as small as they come, and their options: for the tests of both families."""

from itertools import product

import torch

OPTIONS = ("pixel_norm", "double_resolution", "deep", "cosine")
COMBINATIONS = [dict(zip(OPTIONS, on, strict=True)) for on in product((False, True), repeat=4)]
DIMS, DEEP_DIMS = (512, 256, 128), (512, 512, 256, 128)  # of DeepFaceLab's decoders


def letters(options):
    return "".join("udtc"[OPTIONS.index(name)] for name, on in options.items() if on) or "plain"


def tiny_net(family, **sizes):
    torch.manual_seed(0)
    dims = (8, 8, 6, 4) if sizes.get("deep") else (8, 6, 4)
    return family(
        **{"resolution": 32, "encoder_dim": 4, "code_dim": 16, "inter_dim": 8}
        | {"decoder_dims": dims}
        | sizes
    )


def count_parameters(family, *sizes):
    with torch.device("meta"):
        return sum(parameter.numel() for parameter in family(*sizes).parameters())
