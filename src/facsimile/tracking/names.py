"""Names of metrics, parameters, tags and pictures as MLflow takes them."""

LONGEST = 250  # characters


def valid_name(key: str) -> str:
    """A name of letters, digits and `_-. :/`: what else one has would cost all that go with it.

    >>> valid_name("loss.terms.L1 (masked)")
    'loss.terms.L1 _masked_'
    """
    return "".join(c if c.isalnum() or c in "_-. :/" else "_" for c in key)[:LONGEST]
