"""Image -> worse image, one file each: `degrade(image, rng)` on uint8 RGB."""

import os

# albumentations asks a package index for its newest version on import unless told not to.
os.environ.setdefault("NO_ALBUMENTATIONS_UPDATE", "1")
