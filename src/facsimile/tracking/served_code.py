"""What MLflow runs to load one of our models: this text, copied into the model, and no pickle."""

from mlflow.models import set_model

from facsimile.tracking.served import TrainedNet

set_model(TrainedNet())
