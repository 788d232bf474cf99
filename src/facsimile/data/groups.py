"""What has to stay together: groups of names that pairs connect."""

from collections.abc import Iterable


def connected(links: Iterable[Iterable[str]]) -> dict[str, str]:
    """From each name to the group it is in: all the group's names, sorted, joined by `+`.

    Args:
        links: Names that belong together; one alone makes sure that it has a group.

    >>> connected([["a", "b"], ["c"], ["d", "b"]])
    {'a': 'a+b+d', 'b': 'a+b+d', 'c': 'c', 'd': 'a+b+d'}
    """
    groups: dict[str, set[str]] = {}
    for link in links:
        joined = set(link)
        joined |= {one for name in link for one in groups.get(name, ())}
        for name in joined:
            groups[name] = joined
    titles = {id(group): "+".join(sorted(group)) for group in groups.values()}
    return {name: titles[id(group)] for name, group in sorted(groups.items())}
