"""Erase a person who withdrew (subject=NAME): faces, copies, and who was trained on them."""

import glob
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from omegaconf import DictConfig, OmegaConf

from facsimile.data.dvc_cache import cached, md5
from facsimile.data.erasing import detach, erase
from facsimile.data.forget import trained_on, withdraw, withdrawn
from facsimile.data.holdings import Files, Holding, Person, acquaint, files_of, holding
from facsimile.data.identities import NUMBERED
from facsimile.errors import UserError
from facsimile.pipelines.dvc_stores import Stores, stores
from facsimile.pipelines.forget_places import (
    MADE,
    also_named,
    made_holdings,
    parts,
    places,
    split_tables,
)
from facsimile.pipelines.trained_on import IDENTITY, TABLES, Model, models, tracked


@dataclass(frozen=True)
class Plan:
    """What is to be erased.

    Args:
        person: Whose it is.
        folders: The data set's folders, with what each holds of the person.
        work: Folders of unfinished work.
        copies: Files of DVC's cache and of its remotes that are folders.
        models: Those trained on the person; they stay.
        is_numbered: Whether only selection knows the person by this name.
    """

    person: Person
    folders: dict[Path, Holding]
    work: list[Path]
    copies: list[Path]
    models: list[Model]
    is_numbered: bool

    @property
    def is_of_somebody(self) -> bool:
        """Whether anything is there that tells of the person by name."""
        held = any(one.files for one in self.folders.values())
        done = any((folder / "faces.parquet").is_file() for folder in self.work)
        return held or done or bool(self.copies)


def run(cfg: DictConfig) -> None:
    """Say what of `subject=NAME` in `data=NAME` would be erased; with `confirm=true`, erase it.

    The subject is listed in `data/withdrawn.yaml`, so that no later extraction or selection brings
    them back. A name that selection gave is not, since extraction does not know it: the next one
    takes nothing over and brings that person back, unless the source files are gone. The source
    files and the models stay; they are named.
    """
    given = OmegaConf.select(cfg, "subject")
    if given is None or str(given) == "":
        raise UserError("say who is to be forgotten: facsimile forget subject=NAME data=NAME")
    subject, dataset = str(given), str(cfg.data.name)
    kept = stores(Path(cfg.paths.root))
    plan = make_plan(cfg, dataset, subject, kept)
    others = also_named(cfg, plan.person)
    if not (plan.is_of_somebody or others or _is_listed(cfg, dataset, subject)):
        _check_known(plan, subject)
    for name in others:  # made of the data set: while its tables tell whose that is
        _forget(cfg, make_plan(cfg, *name, kept, faces_alone=True), kept)
    _forget(cfg, plan, kept)


def _forget(cfg: DictConfig, plan: Plan, kept: Stores) -> None:
    person, data = plan.person, Path(cfg.paths.data)
    earlier = trained_on(data, person.dataset, person.subject)
    confirmed = bool(OmegaConf.select(cfg, "confirm"))
    for line in _told(plan, confirmed):
        print(line)
    if earlier:
        print(f"listed at an earlier withdrawal: {', '.join(earlier)}")
    if confirmed:
        if not plan.is_numbered:  # or else whoever has that number later were out
            withdraw(data, person.dataset, person.subject, [model.name for model in plan.models])
        carry_out(plan)
    for line in _left(cfg, plan, kept):
        print(line, file=sys.stderr)


def _is_listed(cfg: DictConfig, dataset: str, subject: str) -> bool:
    return subject in withdrawn(Path(cfg.paths.data), dataset)


def make_plan(
    cfg: DictConfig, dataset: str, subject: str, kept: Stores, faces_alone: bool = False
) -> Plan:
    """Find all that there is of a person, or only faces, and change nothing."""
    there = {place: files_of(place) for place in places(cfg, dataset)}
    person = acquaint(Person(dataset, subject), there.values(), sure=True)
    faces = {place: holding(files, person, sure=True) for place, files in there.items()}
    folders = faces if faces_alone else made_holdings(cfg, person) | faces
    digests = {
        md5(place / name)
        for place, held in folders.items()
        for name in held.files
        if (place / name).is_file()
    }
    found = _models(cfg, dataset, subject)
    copies = sorted(path for store in kept.folders for path in cached(store, person, digests))
    work = sorted({*_work(cfg, person, found), *(() if faces_alone else _unfinished_videos(cfg))})
    return Plan(person, folders, work, copies, found, _is_numbered(cfg, person, faces))


def carry_out(plan: Plan) -> None:
    """Erase, copies first: what is left after an interruption still tells what remains to do."""
    for folder, held in plan.folders.items():
        detach(folder, held)
    for path in plan.copies:
        path.unlink(missing_ok=True)
    for folder in plan.work:
        shutil.rmtree(folder)
    for folder, held in plan.folders.items():
        erase(folder, held, plan.person, afresh=plan.is_numbered)


def _is_numbered(cfg: DictConfig, person: Person, folders: dict[Path, Holding]) -> bool:
    """Known to what was selected or split, not to the extraction, nor listed by an earlier call."""
    if not NUMBERED.fullmatch(person.subject) or not any(one.tables for one in folders.values()):
        return False
    faces = Path(cfg.paths.faces) / person.dataset / "faces.parquet"
    extracted = faces.is_file() and person.subject in set(
        pd.read_parquet(faces, columns=["subject"]).subject
    )
    return not extracted and person.subject not in withdrawn(Path(cfg.paths.data), person.dataset)


def _models(cfg: DictConfig, dataset: str, subject: str) -> list[Model]:
    names = (*TABLES.values(), IDENTITY)
    counts = {name: _counts(split_tables(cfg, dataset, name), subject) for name in names}
    if not any(counts.values()):
        return []
    return [*models(cfg, dataset, subject, counts), *tracked(cfg, dataset)]


def _counts(tables: list[Path], subject: str) -> dict[str, int]:
    """The person's faces in each split: of several tables, in the one that has the most there."""
    most: dict[str, int] = {}
    for table in tables:
        rows = pd.read_parquet(table, columns=["subject", "split"])
        for split, count in rows[rows.subject == subject].groupby("split").size().items():
            most[str(split)] = max(most.get(str(split), 0), int(count))
    return most


def _work(cfg: DictConfig, person: Person, found: list[Model]) -> Iterator[Path]:
    """Unfinished work: batches that have the person or that nobody can tell, and trainings."""
    work = Path(cfg.paths.work)
    for batch in work.glob(f"extract-{glob.escape(person.dataset)}/*"):
        done = (batch / "faces.parquet").is_file()
        if batch.is_dir() and (not done or holding(files_of(batch), person, sure=True).files):
            yield batch
    for model in found:
        yield from work.glob(f"train-{glob.escape(Path(model.name).name)}-*")
    for part in parts(cfg):
        for left in part.glob(".[pr]*"):  # what a killed stage was writing or replacing
            if left.is_dir() and _may_show(files_of(left), person):
                yield left


def _unfinished_videos(cfg: DictConfig) -> Iterator[Path]:
    """What `stress` and `fakes` would go on from: nobody can tell whom it shows."""
    for made in ("stress-*", "fakes-*"):
        yield from filter(Path.is_dir, Path(cfg.paths.work).glob(made))


def _may_show(files: Files, person: Person) -> bool:
    """Whether a killed stage's folder has anything of the person, or no table that could tell."""
    told = any(name.endswith(".parquet") for name in files)
    return bool(files) and (not told or bool(holding(files, person).files))


def _check_known(plan: Plan, subject: str) -> None:
    for folder in plan.folders:
        if (folder / "faces.parquet").is_file():
            names = pd.read_parquet(folder / "faces.parquet", columns=["subject"]).subject
            known = ", ".join(sorted(set(names) - {""})[:20]) or "nobody by name"
            raise UserError(f"there is no {subject} in {plan.person.dataset}, which shows {known}")


def _told(plan: Plan, confirmed: bool) -> Iterator[str]:
    person = plan.person
    yield f"{person.subject} of {person.dataset}: {'erasing' if confirmed else 'to be erased'}"
    for folder, held in plan.folders.items():
        if held.files:
            rows = ", ".join(f"{n} rows of {name}" for name, n in sorted(held.tables.items()))
            members = sum(map(len, held.shards.values()))
            yield (
                f"  {folder}: {len(held.whole)} files, {members} pictures in {len(held.shards)} "
                f"shards, {rows or 'no rows'}"
            )
    yield from (f"  {folder}: all of it, unfinished work" for folder in plan.work)
    yield f"  {len(plan.copies)} files in DVC's cache and in remotes that are folders"
    trained = "" if plan.models else " nothing"
    yield f"trained on data with {person.subject}, and not erased:{trained}"
    yield from (f"  {model.name}: {model.how}" for model in plan.models)
    if not confirmed:
        yield "nothing is erased yet: add confirm=true"


def _left(cfg: DictConfig, plan: Plan, kept: Stores) -> Iterator[str]:
    """What a person has to do themselves."""
    if plan.person.clips and plan.person.dataset not in MADE:  # whose source files were made here
        clips = ", ".join(sorted(plan.person.clips)[:20])
        yield f"not touched: the source files below {cfg.data.root} that show them, clips {clips}"
    if plan.is_numbered:
        yield (
            f"{plan.person.subject} is a name that selection gave and extraction does not know: "
            "the next extraction does everything anew, and brings them back unless those source "
            "files go"
        )
    if kept.elsewhere:
        yield f"not looked into: the DVC remotes {', '.join(kept.elsewhere)}; see docs/data-sets.md"
    if plan.models:
        yield "not touched: those models' folders (previews, rendered clips, plots) and the report"
    if plan.person.subject in cfg.params.select.swap_pair:
        yield f"params.select.swap_pair still names {plan.person.subject}"
