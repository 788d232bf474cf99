"""Start the MLflow server of this container, on the database and the store that it is told of.

The database's address holds its password: it is handed over in the environment, which only this
user can read, not on a command line, which everybody on the machine can.
"""

import os
from collections.abc import Mapping

from sqlalchemy import URL

COMMAND = ("mlflow", "server", "--host", "0.0.0.0", "--port", "5000")


def database(settings: Mapping[str, str]) -> str:
    """The database's address, whatever characters the password has.

    >>> database({"DATABASE_HOST": "db", "DATABASE_PASSWORD": "a/b@c"})
    'postgresql+psycopg2://mlflow:a%2Fb%40c@db/mlflow?sslmode=prefer'
    """
    address = URL.create(
        "postgresql+psycopg2",
        username=settings.get("DATABASE_USER", "mlflow"),
        password=settings["DATABASE_PASSWORD"],
        host=settings["DATABASE_HOST"],
        database=settings.get("DATABASE_NAME", "mlflow"),
        query={"sslmode": settings.get("DATABASE_TLS", "prefer")},
    )
    return address.render_as_string(hide_password=False)


def environment(settings: Mapping[str, str]) -> dict[str, str]:
    """What the server reads."""
    told = {
        "MLFLOW_BACKEND_STORE_URI": database(settings),
        "MLFLOW_ARTIFACTS_DESTINATION": settings["ARTIFACTS"],
    }
    if settings.get("ALLOWED_HOSTS"):  # names under which it is reached; others are refused
        told["MLFLOW_SERVER_ALLOWED_HOSTS"] = settings["ALLOWED_HOSTS"]
    return dict(settings) | told


if __name__ == "__main__":
    os.execvpe(COMMAND[0], COMMAND, environment(os.environ))
