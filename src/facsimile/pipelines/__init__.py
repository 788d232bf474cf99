"""One module a stage or command; the only place that knows Hydra."""
