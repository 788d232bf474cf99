"""Mask, blend, paste back: the swapped video."""
