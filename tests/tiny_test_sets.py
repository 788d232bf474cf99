"""Fixed test sets as small as they come, and filters measured on them: for whatever evaluates."""

from functools import partial

import pandas as pd
import yaml
from hydra import compose, initialize_config_dir
from tests.tiny_recipes import CONF

from facsimile.data.tables import write_parquet
from facsimile.data.test_sets import DegradedSets, Series
from facsimile.degradations.blur import Blur
from facsimile.degradations.chain import Chain
from facsimile.degradations.salt_and_pepper import SaltAndPepper
from facsimile.evaluation.enhancement import PER_IMAGE, constant_red, measure_filters
from facsimile.evaluation.test_pairs import DegradedPairs
from facsimile.filters.median import median
from facsimile.filters.no_op import no_op
from facsimile.pipelines.baselines import settings_of

MEDIAN = partial(median, size=3)
METHODS = {"no_op": no_op, "median3": MEDIAN, "blind_chain": MEDIAN, "constant_red": constant_red}


def tiny_sets():
    return DegradedSets(
        sets={"clean": Chain([]), "noise": SaltAndPepper(0.05)},
        series={"blur": Series(Blur, "sigma", [1, 2.5])},
        per_subject={"test": 2, "val": 1, "series": 1},
        series_people=1,
    )


def write_test_sets(data):
    """What degrade and baselines leave, for the faces that lie in a data folder."""
    faces, folder, figures = (
        data / f"{what}/sample" for what in ("faces", "degraded", "baselines")
    )
    folder.mkdir(parents=True, exist_ok=True)
    sets = tiny_sets()
    list(sets.write(sets.photos(data / "splits/sample/identity.parquet"), faces, folder))
    pairs = DegradedPairs(folder, faces)
    measured = [row for rows in measure_filters(METHODS, pairs, pairs.rows("test")) for row in rows]
    write_parquet(figures / "per_image.parquet", pd.DataFrame(measured), PER_IMAGE)
    with initialize_config_dir(str(CONF), version_base="1.3"):
        settings = settings_of(compose("config"))
    told = {"blind_chain": ["median3"], "degraded": pairs.version, "settings": settings}
    (figures / "blind_chain.yaml").write_text(yaml.safe_dump(told))
