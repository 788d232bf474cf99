"""The report as one self-contained HTML page, and its tables in Markdown."""

import base64
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from urllib.parse import quote

import cv2
import jinja2
import numpy as np
from jaxtyping import UInt8
from markupsafe import Markup, escape

from facsimile.evaluation.tables import Table
from facsimile.media.files import Made, atomic_folder
from facsimile.reports.origins import Origin

NOTICE = (
    "Every face shown here as swapped or pasted is synthetic and carries the word SYNTHETIC in the "
    "picture. Nobody in these pictures did or said what a swapped clip shows. "
    "The people shown did not agree to face swapping as far as is known: for research only."
)
_QUALITY = 88
#: index.html alone may be anyone's web site.
MADE = Made(("index.md",), ("index.html",))


@dataclass(frozen=True)
class Picture:
    """A PNG or JPEG file in memory, and what it shows."""

    data: bytes
    caption: str

    @property
    def uri(self) -> str:
        """The picture as a data: address."""
        kind = "png" if self.data.startswith(b"\x89PNG") else "jpeg"
        return f"data:image/{kind};base64,{base64.b64encode(self.data).decode()}"


@dataclass(frozen=True)
class Beside:
    """A picture that lies with the page, and what it shows: there it is with its signature.

    Args:
        path: Relative to the page's folder.
    """

    path: str
    caption: str

    @property
    def uri(self) -> str:
        """The picture's relative address."""
        return quote(self.path)


def photo(image: UInt8[np.ndarray, "h w 3"], caption: str) -> Picture:
    """An RGB image as a JPEG picture."""
    _, data = cv2.imencode(
        ".jpg", cv2.cvtColor(image, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, _QUALITY]
    )
    return Picture(data.tobytes(), caption)


Block = Table | Picture | Beside


@dataclass
class Section:
    """A heading with its text, its tables and pictures in their order, and where they come from."""

    title: str
    text: str = ""
    blocks: list[Block] = field(default_factory=list)
    origins: list[Origin] = field(default_factory=list)

    @property
    def anchor(self) -> str:
        """The heading as part of an address."""
        return "".join(c if c.isalnum() else "-" for c in self.title.lower())


@dataclass(frozen=True)
class Page:
    """The whole report."""

    title: str
    sections: Sequence[Section]
    notice: str = NOTICE

    @property
    def is_alone(self) -> bool:
        """Whether all of its pictures are in it."""
        return not any(isinstance(block, Beside) for one in self.sections for block in one.blocks)

    def html(self) -> str:
        """One page that needs nothing from anywhere else, but for pictures `Beside` it."""
        folder = files("facsimile.reports")
        environment = jinja2.Environment(
            autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined
        )
        environment.filters["code"] = _code
        template = environment.from_string(folder.joinpath("page.html.j2").read_text("utf-8"))
        style = folder.joinpath("style.css").read_text("utf-8")
        return template.render(page=self, notice=self.notice, style=style, is_table=_is_table)

    def markdown(self) -> str:
        """The text and tables, without the pictures."""
        parts = [f"# {self.title}", f"> {self.notice}"]
        for section in self.sections:
            parts += [f"## {section.title}", section.text]
            parts += [block.markdown() for block in section.blocks if isinstance(block, Table)]
            parts += ["\n".join(f"- {origin.text()}" for origin in section.origins)]
        return "\n\n".join(part for part in parts if part) + "\n"

    def write(self, folder: Path) -> None:
        """Write index.html and index.md, both or neither; an older report is replaced."""
        with atomic_folder(folder, MADE) as partial:
            (partial / "index.html").write_text(self.html(), encoding="utf-8")
            (partial / "index.md").write_text(self.markdown(), encoding="utf-8")


def _code(text: str) -> Markup:
    """Text whose `commands` become code, all else escaped."""
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(text))))


def _is_table(block: Block) -> bool:
    return isinstance(block, Table)
