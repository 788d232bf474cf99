"""Metrics as pure functions, and what torchmetrics lacks."""
