"""The studio's pages: HTML for people, beside the API for programs."""

from fastapi import APIRouter

from facsimile.studio.pages import (
    checking,
    editing,
    listing,
    previewing,
    restoring,
    runs,
    showing,
    theme,
)

router = APIRouter()
for part in (listing, editing, checking, previewing, showing, runs, restoring, theme):
    router.include_router(part.router)
