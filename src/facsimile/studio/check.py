"""The job that looks at a data set: how much there is, what its files are, what is wrong."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from facsimile.data.description import DataSetDescription
from facsimile.data.findings import Findings
from facsimile.data.problems import Problem
from facsimile.data.spacing import places
from facsimile.errors import UserError
from facsimile.faces.detect import Detector
from facsimile.studio.images import store_images
from facsimile.studio.jobs import Steps
from facsimile.studio.parameters import parameters
from facsimile.studio.settings import Limits
from facsimile.studio.sources import Sources
from facsimile.studio.tables import DataSetRow, ImageRow
from facsimile.studio.treatment import Treatment

KEPT = 200  # problems that are kept by name, of any number


class Check:
    """Counts a data set's clips, looks into a sample of them, and keeps what it finds."""

    def __init__(
        self, engine: Engine, sources: Sources, treatment: Treatment, limits: Limits
    ) -> None:
        self._engine, self._sources = engine, sources
        self._treatment, self._limits = treatment, limits

    def __call__(self, number: int, said: DataSetDescription, progress: Steps) -> None:
        """Do the job.

        Raises:
            UserError: Nothing is there, or nothing of it can be used.
        """
        with Session(self._engine) as session:
            row = session.get(DataSetRow, number)
            looked_at = row.etag if row else ""
        findings = self._listed(said, progress)
        rows = self._sampled(number, said, findings, progress)
        with Session(self._engine) as session:
            store_images(session, number, rows)
            if (row := session.get(DataSetRow, number)) is not None:
                row.findings, row.checked = _summary(findings), looked_at
            session.commit()

    def _listed(self, said: DataSetDescription, progress: Steps) -> Findings:
        listing = self._sources.listing(said)
        findings = Findings(listing.root)
        for count, entry in enumerate(listing.entries(), 1):
            findings.add(entry)
            progress.step(count, None, "listing")
        if not findings.clips:
            raise UserError(
                f"nothing below {listing.root} can be used as a data set of {said.kind}"
            )
        return findings

    def _sampled(
        self, number: int, said: DataSetDescription, findings: Findings, progress: Steps
    ) -> list[ImageRow]:
        """Some files, evenly spaced, and in some of these their faces."""
        chosen = places(len(findings.clips), self._limits.sampled).tolist()
        searched = set(places(len(chosen), self._limits.searched).tolist())
        rows = []
        detector = self._treatment.detector(said.detector)
        for count, place in enumerate(chosen):
            progress.step(count, len(chosen), "looking into files")
            seek = detector if count in searched else None
            rows.append(self._row(number, findings, findings.clips[place], seek))
        progress.step(len(chosen), len(chosen), "looking into files")
        return rows

    def _row(
        self,
        number: int,
        findings: Findings,
        clip: tuple[Path, str],
        detector: Detector | None,
    ) -> ImageRow:
        path, kind = clip
        name = path.relative_to(findings.root).as_posix()
        known = parameters(path, kind, detector, self._limits.pixels)
        if known.problem:
            findings.problems.append(Problem(name, known.problem))
        return ImageRow(number=number, path=name, **vars(known))


def _summary(findings: Findings) -> dict[str, Any]:
    """What is kept: the counts, and the first of the problems."""
    found = findings.summary()
    every: Sequence[Any] = found["problems"]
    return {**found, "problems": list(every[:KEPT]), "problem_count": len(every)}
