"""The parts of the studio, put together; the API and the pages use it."""

from dataclasses import dataclass

from facsimile.studio.check import Check
from facsimile.studio.fetch import Fetch, Fetcher
from facsimile.studio.files import DescriptionFiles
from facsimile.studio.images import ImageParameters
from facsimile.studio.jobs import Jobs, Work
from facsimile.studio.preview import Previewer
from facsimile.studio.security import Keys
from facsimile.studio.settings import StudioSettings
from facsimile.studio.sources import Sources
from facsimile.studio.store import DataSets
from facsimile.studio.tables import open_database
from facsimile.studio.treatment import Treatment
from facsimile.studio.uploads import Uploads

PAUSE = 0.25  # seconds for which an edit by hand may go unseen: 50 readers look at 200 files once


@dataclass(frozen=True)
class Studio:
    """Everything that answers are made of."""

    settings: StudioSettings
    keys: Keys
    sources: Sources
    datasets: DataSets
    images: ImageParameters
    uploads: Uploads
    jobs: Jobs
    treatment: Treatment
    previewer: Previewer


def build_studio(settings: StudioSettings) -> Studio:
    """Open the database, and put the parts together; no job is begun."""
    engine = open_database(settings.folder / "studio.db")
    sources, treatment = Sources(settings), Treatment(settings.tools)
    files = DescriptionFiles(settings.local)
    datasets = DataSets(engine, files, sources.wrong, settings.compose, PAUSE)
    check = Check(engine, sources, treatment, settings.limits)
    fetcher = Fetcher(settings.resolver, settings.transport)
    work: dict[str, Work] = {
        "check": check,
        "fetch": Fetch(sources, fetcher, settings.limits, check),
    }
    thumbnails = settings.folder / "thumbnails"
    pixels = settings.limits.pixels
    return Studio(
        settings=settings,
        keys=Keys(settings.folder),
        sources=sources,
        datasets=datasets,
        images=ImageParameters(engine, datasets, sources, thumbnails, pixels),
        uploads=Uploads(sources, settings.limits),
        jobs=Jobs(engine, work, settings.limits.jobs),
        treatment=treatment,
        previewer=Previewer(treatment, settings.side, settings.coverage),
    )
