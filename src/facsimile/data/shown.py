"""Who a face shows: the one whose body it is and, of a swapped face, the one whose face it is."""

import pandas as pd

from facsimile.data.identities import NUMBERED

ON = "_on_"  # between the two people of a fake; see `swapped_name`


def swapped_name(source: str, target: str) -> str:
    """The subject of a fake: whose face is on whose body.

    >>> swapped_name("cap", "franck")
    'cap_on_franck'
    """
    return f"{source}{ON}{target}"


def shown(rows: pd.DataFrame) -> pd.DataFrame:
    """`target`, whose body a face is on, and `source`, whose face it is if it was swapped.

    Only the subject of a fake is read so; either is empty where nobody is named.

    Args:
        rows: `subject` and `label`, of any index.

    >>> faces = pd.DataFrame({"subject": ["cap_on_franck", "ann", None], "label": [1, 1, 0]})
    >>> shown(faces).to_numpy().tolist()
    [['franck', 'cap'], ['ann', ''], ['', '']]
    """
    subject = rows["subject"].fillna("")
    fakes = subject.where(rows["label"] == 1, "")
    both = fakes.str.extract(f"^(?P<source>.+){ON}(?P<target>.+)$")
    return pd.DataFrame(
        {"target": both["target"].fillna(subject), "source": both["source"].fillna("")}
    )


def shown_of_all(rows: pd.DataFrame) -> pd.DataFrame:
    """As `shown`, where `rows` come from several data sets, which `data` names.

    A person has one name in all of them, but for those whom selection numbered.
    """
    parts = {
        who: names.mask(names.str.fullmatch(NUMBERED), rows["data"] + "/" + names)
        for who, names in shown(rows).items()
    }
    return pd.DataFrame(parts)
