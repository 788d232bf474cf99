"""Pictures and clips that come with the form: kept in the data set's own folder."""

from collections.abc import Mapping

from starlette.datastructures import FormData, UploadFile

from facsimile.data.description import DataSetDescription
from facsimile.studio.pages.form_data import Typed
from facsimile.studio.schema import Uploaded
from facsimile.studio.studio import Studio


def files_of(form: FormData) -> list[UploadFile]:
    """The files that were chosen."""
    sent = form.getlist("uploads")
    return [one for one in sent if isinstance(one, UploadFile) and one.filename]


def with_own_root(studio: Studio, typed: Mapping[str, Typed], form: FormData) -> dict[str, Typed]:
    """What was typed; files without a root go into a folder of the data set's own."""
    if typed["root"] or not typed["name"] or not files_of(form):
        return dict(typed)
    own, project = studio.sources.own(str(typed["name"])), studio.settings.project.resolve()
    place = own.relative_to(project) if own.is_relative_to(project) else own
    return {**typed, "root": place.as_posix()}


def misplaced(studio: Studio, said: DataSetDescription | None, form: FormData) -> dict[str, str]:
    """What is wrong where files were sent to a data set that lies elsewhere."""
    if said is None or not files_of(form):
        return {}
    own = studio.sources.own(said.name)
    if studio.sources.place(said) == own:
        return {}
    return {"root": f"files that are sent are kept in {own}: leave this empty, or choose no files"}


def keep(studio: Studio, said: DataSetDescription, form: FormData) -> Uploaded | None:
    """Keep the files that were sent; None where there are none.

    Raises:
        StudioError: The data set's root is not its own folder, or they are too many.
    """
    if not (files := files_of(form)):
        return None
    return studio.uploads.keep(said, ((one.filename or "", one.file) for one in files))
