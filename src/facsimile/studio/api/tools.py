"""Detect and enhance a picture; the trained nets that there are."""

import base64
from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, File, Form

from facsimile.data.description import COMPONENT
from facsimile.media.image import encode_image
from facsimile.studio.api.parts import Sent, Served
from facsimile.studio.parameters import face_fields
from facsimile.studio.preview import compared
from facsimile.studio.schema import Detected, Enhanced, Face, ModelInfo

router = APIRouter(tags=["tools"])

INVENTED = "restored by a trained net: its detail is invented, and is no evidence of anything"


@router.post("/detect")
def detect_faces(
    image: Annotated[Sent, File(description="A picture")],
    studio: Served,
    detector: Annotated[str, Form(pattern=COMPONENT, description="Its name")] = "yunet",
) -> Detected:
    """The faces of a picture."""
    picture = studio.uploads.picture(image.file)
    faces = [Face(**face_fields(face)) for face in studio.previewer.faces(picture, detector)]
    height, width = picture.shape[:2]
    return Detected(width=width, height=height, detector=detector, faces=faces)


@router.post("/enhance")
def enhance_picture(
    image: Annotated[Sent, File(description="A picture")],
    model: Annotated[str, Form(min_length=1, max_length=200, description="Of /models")],
    studio: Served,
) -> Enhanced:
    """A picture restored by a trained net."""
    picture = studio.uploads.picture(image.file)
    enhanced = studio.treatment.enhancer(model)(picture)
    height, width = enhanced.shape[:2]
    return Enhanced(
        model=model,
        width=width,
        height=height,
        statement=INVENTED,
        metrics=compared(enhanced, picture),
        image=base64.b64encode(encode_image(enhanced, ".png")).decode(),
    )


@router.get("/models")
def list_models(studio: Served) -> list[ModelInfo]:
    """Trained nets with their metrics, and architectures."""
    return [ModelInfo(**asdict(model)) for model in studio.settings.tools.models.models()]
