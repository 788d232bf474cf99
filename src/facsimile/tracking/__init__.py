"""MLflow: one run a recipe and version, a sweep as a parent run with a child each.

The only package that imports mlflow; everything else speaks of runs by their id.
"""

import os

from facsimile.tracking.delivery import PARENT, VERSION
from facsimile.tracking.tracker import Tracker

__all__ = ["PARENT", "VERSION", "Tracker"]

os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
# what fails is kept and sent later, so nothing here has to be patient
os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "1")
os.environ.setdefault("MLFLOW_HTTP_REQUEST_TIMEOUT", "15")
