"""Parameters of the swap autoencoders, counted from DeepFaceLab's description of its layers."""

import pytest


def conv(channels_in, channels_out, side):
    return channels_in * channels_out * side**2 + channels_out


def res(channels):
    return 2 * conv(channels, channels, 3)


def encoder(e, deep):
    plain = conv(3, e, 5) + conv(e, 2 * e, 5) + conv(2 * e, 4 * e, 5) + conv(4 * e, 8 * e, 5)
    return plain + (res(e) + conv(8 * e, 8 * e, 5) + res(8 * e) if deep else 0)


def inter(r, e, ae, out, double, deep):
    flat = (r // (32 if deep else 16)) ** 2 * 8 * e
    cells = (r // (32 if double else 16)) ** 2
    dense = (flat * ae + ae) + (ae * cells * out + cells * out)
    return dense + (0 if deep else conv(out, 4 * out, 3))


def chain(widths):
    return sum(conv(i, 4 * o, 3) for i, o in zip(widths, widths[1:], strict=False))


def decoder(code, d, m, double, deep):
    factors = [8, 8, 4, 2] if deep else [8, 4, 2]
    image = chain([code, *(f * d for f in factors)]) + sum(res(f * d) for f in factors)
    image += conv(2 * d, 3, 1) + (3 * conv(2 * d, 3, 3) if double else 0)
    masks = factors + ([1] if double else [])
    return image + chain([code, *(f * m for f in masks)]) + conv(masks[-1] * m, 1, 1)


def count(family, r, e, ae, d, m, double=False, deep=False):
    if family == "df":
        middle = inter(r, e, ae, ae, double, deep)
        return encoder(e, deep) + middle + 2 * decoder(ae, d, m, double, deep)
    middles = 2 * inter(r, e, ae, 2 * ae, double, deep)
    return encoder(e, deep) + middles + decoder(4 * ae, d, m, double, deep)


@pytest.fixture
def deepfacelab_count():
    """(family, r, e, ae, d, m, double, deep) -> parameters."""
    return count
