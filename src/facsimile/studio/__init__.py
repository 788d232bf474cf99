"""The web application for data-set parameters."""
