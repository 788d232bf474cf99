"""Say what a data set holds and what is wrong with it, before hours are spent on it."""

from __future__ import annotations

import json
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import hydra
from rich.console import Console
from rich.filesize import decimal
from rich.table import Table

from facsimile.data.findings import LABELS, Findings
from facsimile.data.folder import FolderDataset
from facsimile.data.listing import Listing
from facsimile.errors import UserError
from facsimile.media.files import atomic_path
from facsimile.pipelines.places import data_root

if TYPE_CHECKING:
    from omegaconf import DictConfig

REASONS_SHOWN = 10


def run(cfg: DictConfig) -> None:
    """Print the findings on `data=NAME` or `input=`; write them to `output=FILE.json` if given.

    `data_check.probe` clips are opened, and the first `data_check.problems` problems are shown;
    the file has all of them.

    Raises:
        UserError: nothing can be used.
    """
    dataset = _dataset(cfg)
    findings = Findings(dataset.root)
    for entry in dataset.entries():
        findings.add(entry)
    findings.open_some(cfg.data_check.probe)
    if cfg.output is not None:
        _write(Path(cfg.output), dataset, findings)
    _print(dataset, findings, cfg.data_check.problems)
    if not findings.clips:
        raise UserError(
            f"nothing below {dataset.root} can be used as the data set {dataset.name}: give "
            "data.root= the folder that holds it, as it was downloaded and unpacked"
        )


def _dataset(cfg: DictConfig) -> Listing:
    if cfg.input is not None:
        return FolderDataset(cfg.input)
    data_root(cfg)
    dataset: Listing = hydra.utils.instantiate(cfg.data.dataset)
    return dataset


def _write(path: Path, dataset: Listing, findings: Findings) -> None:
    content = {"dataset": dataset.name, **findings.summary()}
    with atomic_path(path) as partial:
        text = json.dumps(content, indent=1, ensure_ascii=False)
        partial.write_text(f"{text}\n", encoding="utf-8")


def _print(dataset: Listing, findings: Findings, shown: int) -> None:
    console = Console(markup=False, highlight=False, soft_wrap=True)
    console.print(_table(findings, f"{dataset.name} in {dataset.root}"))
    for line in _lines(findings):
        console.print(line)
    if isinstance(dataset, FolderDataset) and not dataset.labelled:
        console.print("without data.pattern or data.table every clip counts as real")
    for one in findings.opened:
        done = "could not open" if "reason" in one else "opened"
        console.print(done, *(f"{key}={value}" for key, value in one.items()))
    console.print(f"{len(findings.problems)} problems")
    for reason, times in islice(findings.reasons().items(), REASONS_SHOWN):
        console.print(f"  {times} x {reason}")
    if findings.problems and shown:
        console.print(f"the first {min(shown, len(findings.problems))}:")
    for problem in findings.problems[:shown]:
        console.print(f"  {problem.path}: {problem.reason}")


def _table(findings: Findings, title: str) -> Table:
    table = Table("official split", title=title)
    for label in LABELS:
        table.add_column(label, justify="right")
    for split, counts in findings.splits().items():
        table.add_row(split, *(f"{counts[label]:,}" for label in LABELS))
    return table


def _lines(findings: Findings) -> list[str]:
    kinds = ", ".join(f"{number:,} {kind}s" for kind, number in findings.summary()["kinds"].items())
    lines = [
        f"{len(findings.clips):,} clips ({kinds or 'none'}), {decimal(findings.bytes)}",
        f"{len(findings.subjects):,} named subjects, {len(findings.origins):,} origins; "
        f"{findings.share_boxes:,} fakes reuse the boxes of their original",
    ]
    if total := findings.faces.total():
        each = ", ".join(f"{findings.faces[label]:,} {label}" for label in LABELS)
        lines.append(f"{total:,} faces are marked: {each}")
    if findings.empty:
        lines.append(f"{findings.empty:,} files are empty")
    return lines
