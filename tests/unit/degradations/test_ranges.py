import pytest
from omegaconf import OmegaConf

from facsimile.degradations.ranges import span, whole_span


def test_a_range_of_a_configuration_is_read():
    assert span(OmegaConf.create([0.5, 3]), 0) == (0.5, 3.0)


@pytest.mark.parametrize("values", [[3, 2], [-1, 2], [0, 6], [1], [1, 2, 3], [], float("nan")])
def test_what_is_no_range_is_refused(values):
    with pytest.raises(ValueError, match=r"must be a number or a range \[low, high\] within 0..5"):
        span(values, 0, 5)


def test_whole_numbers_only():
    with pytest.raises(ValueError, match="whole numbers"):
        whole_span([1, 2.5], 0, 5)
