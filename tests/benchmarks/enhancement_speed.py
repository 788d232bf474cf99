"""How fast this machine restores, on so many cores: run by `test_enhancement_speed.py` as a script.

One JSON object a line: a net or filter, the number format, how many floating-point operations it
took and the seconds.
"""

import argparse
import json
import os
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from statistics import median
from time import perf_counter

CONF = Path(__file__).resolve().parents[2] / "conf"
NETS = ("r2unet", "nafnet", "unet", "dncnn", "restoration_cascade")
FILTERS = {"nlm": 1, "bm3d": 4}  # with how much smaller a side: BM3D takes 40 s a megapixel
CHANNELS, PEAK_SIDE = 64, 256  # of the convolution that counts as the machine's limit
ENOUGH, FEWEST = 1.0, 2  # seconds and rounds of a measurement


def seconds(work: Callable[[], object]) -> float:
    """The median time of a call, after one that is not counted."""
    work()
    times: list[float] = []
    while sum(times) < ENOUGH or len(times) < FEWEST:
        start = perf_counter()
        work()
        times.append(perf_counter() - start)
    return median(times)


def peaks() -> Iterator[dict]:
    """A 3x3 convolution of 64 to 64 channels, in each number format of this machine."""
    import torch

    x = torch.rand(1, CHANNELS, PEAK_SIDE, PEAK_SIDE).to(memory_format=torch.channels_last)
    layer = torch.nn.Conv2d(CHANNELS, CHANNELS, 3, padding=1, bias=False)
    layer = layer.to(memory_format=torch.channels_last)
    for form, dtype in formats():
        one, given = layer.to(dtype or torch.float32), x.to(dtype or torch.float32)
        yield row("peak", form, PEAK_SIDE, inferred(one, given, None), operations(one, given))


def nets(names: list[str], side: int) -> Iterator[dict]:
    """Each net of conf/model with weights as it begins, torch's formats and onnxruntime."""
    import torch
    from hydra import compose, initialize_config_dir
    from hydra.utils import instantiate

    for name in names:
        torch.manual_seed(0)
        with initialize_config_dir(str(CONF), version_base="1.3"):
            net = instantiate(compose("config", [f"model={name}"]).model).eval()
        net = net.to(memory_format=torch.channels_last)
        x = torch.rand(1, 3, side, side).to(memory_format=torch.channels_last)
        count = operations(net, x)
        for form, dtype in formats():
            yield row(name, form, side, inferred(net, x, dtype), count)
        yield row(name, "onnxruntime", side, exported(net, x.numpy()), count)


def formats() -> Iterator[tuple]:
    from facsimile.inference.precision import autocast_dtype

    yield "fp32", None
    if (dtype := autocast_dtype()) is not None:
        yield "bf16", dtype


def inferred(net, x, dtype) -> float:
    import torch

    from facsimile.inference.precision import autocast

    with torch.inference_mode(), autocast(dtype):
        return seconds(lambda: net(x))


def exported(net, x) -> float:
    """Of the file that `facsimile export` writes."""
    from facsimile.inference.onnx_file import open_session
    from facsimile.inference.onnx_plain import enhancement_to_onnx

    session = open_session(enhancement_to_onnx(net, "", {}), "the net")
    return seconds(lambda: session.run(None, {"lq": x}))


def operations(net, x) -> int:
    """Floating-point operations of a forward pass, a multiplication and an addition being two."""
    import torch
    from torch.utils.flop_counter import FlopCounterMode

    with torch.inference_mode(), FlopCounterMode(display=False) as counter:
        net(x)
    return counter.get_total_flops()


def filters(names: list[str], side: int) -> Iterator[dict]:
    import numpy as np
    from hydra import compose, initialize_config_dir
    from hydra.utils import instantiate

    for name in names:
        with initialize_config_dir(str(CONF), version_base="1.3"):
            restore = instantiate(compose("config", [f"filter={name}"]).filter)
        short = side // FILTERS[name]
        noise = np.random.default_rng(0).normal(128, 20, (short, short, 3))
        yield row(name, "uint8", short, seconds(partial(restore, noise.astype(np.uint8))), None)


def row(name: str, form: str, side: int, taken: float, count: int | None) -> dict:
    return {"name": name, "format": form, "pixels": side**2, "seconds": taken, "flops": count}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--cores", type=int, required=True)
    parser.add_argument("--side", type=int, required=True)
    parser.add_argument("names", nargs="*", default=[*NETS, *FILTERS])
    chosen = parser.parse_args()
    # before what counts the cores is imported
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: chosen.cores])
    os.environ["OMP_NUM_THREADS"] = str(chosen.cores)
    sources = (
        peaks(),
        nets([name for name in chosen.names if name in NETS], chosen.side),
        filters([name for name in chosen.names if name in FILTERS], chosen.side),
    )
    for source in sources:
        for result in source:
            print(json.dumps(result), flush=True)


if __name__ == "__main__":
    main()
