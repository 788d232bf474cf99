"""Optimizers, one file each, and what is common to them."""
