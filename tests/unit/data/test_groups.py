from facsimile.data.groups import connected


def test_groups_do_not_depend_on_the_order():
    links = [("a", "b"), ("c", "d"), ("e",), ("d", "a"), ("f", "f"), ()]
    groups = connected(links)
    assert groups == connected(reversed(links))
    assert groups == {**dict.fromkeys("abcd", "a+b+c+d"), "e": "e", "f": "f"}
