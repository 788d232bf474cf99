"""Optimizers that torch lacks, one file each."""
