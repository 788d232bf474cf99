"""What the studio keeps in its database: all but the data sets' own words, which are in files."""

from pathlib import Path
from typing import Any

from sqlalchemy import JSON, Engine, ForeignKey, Index, create_engine, event, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    """The tables' common ground; times are seconds since 1970."""

    type_annotation_map = {dict[str, Any]: JSON, list[Any]: JSON}


class DataSetRow(Base):
    """A data set, or one that was deleted and may come back.

    `stamp` is the file's size and time of change, `etag` the hash of its bytes, which `yaml` keeps;
    `described` is None, and `error` says why, where the file cannot be understood. `findings` are
    the last check's, of the file that had the etag `checked`.
    """

    __tablename__ = "data_sets"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    name: Mapped[str]
    stamp: Mapped[str]
    etag: Mapped[str]
    yaml: Mapped[str]
    described: Mapped[dict[str, Any] | None]
    error: Mapped[str] = mapped_column(default="")
    searched: Mapped[str] = mapped_column(default="")
    state: Mapped[str] = mapped_column(default="new")
    findings: Mapped[dict[str, Any] | None]
    checked: Mapped[str] = mapped_column(default="")
    created: Mapped[float]
    changed: Mapped[float]
    deleted: Mapped[float | None]

    __table_args__ = (
        Index("one_of_a_name", "name", unique=True, sqlite_where=text("deleted IS NULL")),
        {"sqlite_autoincrement": True},  # no number comes twice
    )


class ImageRow(Base):
    """A file of a data set: its parameters, the faces in it, or what is wrong with it.

    `faces` is None where none were sought; `found` has their boxes, landmarks and scores, in pixels
    of the picture, `quality` the first one's.
    """

    __tablename__ = "images"

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(
        ForeignKey("data_sets.number", ondelete="CASCADE"), index=True
    )
    path: Mapped[str]
    bytes: Mapped[int] = mapped_column(default=0)
    sha256: Mapped[str] = mapped_column(default="")
    type: Mapped[str] = mapped_column(default="")
    width: Mapped[int | None]
    height: Mapped[int | None]
    channels: Mapped[int | None]
    faces: Mapped[int | None]
    found: Mapped[list[Any]] = mapped_column(default=list)
    quality: Mapped[dict[str, Any]] = mapped_column(default=dict)
    problem: Mapped[str] = mapped_column(default="")


class JobRow(Base):
    """Work in the background: `fetch` an address, or `check` what is there.

    `state` is waiting, running, done, failed or cancelled. `done` of `total` bytes or files; `note`
    says what is being done, or why it failed. `attempts` counts the servers that began it.
    """

    __tablename__ = "jobs"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    number: Mapped[int] = mapped_column(
        ForeignKey("data_sets.number", ondelete="CASCADE"), index=True
    )
    kind: Mapped[str]
    state: Mapped[str] = mapped_column(default="waiting", index=True)
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int | None]
    note: Mapped[str] = mapped_column(default="")
    attempts: Mapped[int] = mapped_column(default=0)
    created: Mapped[float]
    started: Mapped[float | None]
    ended: Mapped[float | None]

    __table_args__ = ({"sqlite_autoincrement": True},)


def open_database(path: Path) -> Engine:
    """The database in a file, which is made where there is none.

    Readers do not wait for a writer, and a writer waits up to ten seconds for another.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(f"sqlite:///{path}", connect_args={"timeout": 10})

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=NORMAL")
        connection.execute("PRAGMA foreign_keys=ON")

    Base.metadata.create_all(engine)
    return engine
