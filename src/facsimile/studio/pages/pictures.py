"""Pictures inside a page: as data: addresses, which nobody else can ask for and nothing keeps."""

import base64

import numpy as np
from jaxtyping import UInt8

from facsimile.media.image import encode_image


def embedded(image: UInt8[np.ndarray, "h w 3"]) -> str:
    """An RGB picture as a PNG in an address, every pixel as it is."""
    return address(encode_image(image, ".png"), "png")


def address(data: bytes, kind: str) -> str:
    """The bytes of a picture as an address.

    >>> address(b"ab", "png")
    'data:image/png;base64,YWI='
    """
    return f"data:image/{kind};base64,{base64.b64encode(data).decode()}"
