"""Pictures made up of noise, with the spectrum of photographs."""

import numpy as np


def photograph(seed, size=112):
    """Noise whose amplitude falls with the square of frequency, mirrored as pictures are."""
    rng = np.random.default_rng(seed)
    white = np.fft.rfft2(rng.normal(size=(2 * size, 2 * size)))
    rows, columns = np.fft.fftfreq(2 * size)[:, None], np.fft.rfftfreq(2 * size)
    smooth = np.fft.irfft2(white / (rows**2 + columns**2 + 1e-4))[:size, :size]
    levels = 128 + 40 * (smooth - smooth.mean()) / smooth.std()
    return np.repeat(np.clip(levels, 0, 255).astype(np.uint8)[..., None], 3, axis=2)
