"""Which embedder made the embeddings of a table: those of two of them cannot be compared."""

from pathlib import Path

import pyarrow.parquet as pq

from facsimile.errors import UserError

EMBEDDER = "facsimile.embedder"  # in the metadata of selected.parquet: the class


def require_embedder(path: Path, embedder: str) -> None:
    """Let a selected.parquet pass whose embeddings this class made, or that does not say which.

    Raises:
        UserError: Another made them: their cosines to this one's mean nothing.
    """
    maker = (pq.read_schema(path).metadata or {}).get(EMBEDDER.encode(), b"").decode()
    if maker not in ("", embedder):
        raise UserError(
            f"{path} was embedded by {maker}, and nothing of {embedder} can be compared with it: "
            f"run `facsimile select data={path.parent.name}` with this embedder=, or leave it out"
        )
