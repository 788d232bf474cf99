"""Image -> worse image, one file each: `degrade(image, rng)` on RGB, uint8 or float32 in 0..1."""

import os

# albumentations asks a package index for its newest version on import unless told not to.
os.environ.setdefault("NO_ALBUMENTATIONS_UPDATE", "1")
