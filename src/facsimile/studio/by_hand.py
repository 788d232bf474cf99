"""What somebody wrote into a data set's file by hand, and no description has: it is kept."""

from collections.abc import Mapping
from typing import Any

import yaml

from facsimile.data.description import DataSetDescription

_GLOBAL = "# @package _global_"
# what the studio itself may have written below params
_OURS = (("extract", "image_size"), ("extract", "coverage"), ("split", "identity"))
_DEFAULTS = ("override /detector", "override /degradation")


def by_hand(earlier: str, content: Mapping[str, Any]) -> dict[str, Any]:
    """The content of a file, with the settings of its earlier text that nothing in it replaces.

    >>> by_hand("{defaults: [dfdc], hash: true, name: a}", {"data": {"name": "a"}})
    {'data': {'name': 'a', 'hash': True}}
    """
    try:
        found = yaml.safe_load(earlier)
    except yaml.YAMLError:
        found = None
    if not isinstance(found, dict):
        return dict(content)
    if not earlier.startswith(_GLOBAL):  # all of it is of the section data
        return _over({"data": _foreign({**found, "defaults": None})}, content)
    return _over(_of_sections(found), content) | _defaults(found, content)


def _of_sections(found: dict[str, Any]) -> dict[str, Any]:
    left = {key: value for key, value in found.items() if key not in ("defaults", "data")}
    params = left.get("params")
    for section, key in _OURS:
        if isinstance(params, dict) and isinstance(params.get(section), dict):
            params[section].pop(key, None)
    data = found.get("data")
    return left | {"data": _foreign(data) if isinstance(data, dict) else {}}


def _foreign(data: Mapping[str, Any]) -> dict[str, Any]:
    known = {*DataSetDescription.model_fields, "address", "defaults"}
    return {key: value for key, value in data.items() if key not in known}


def _defaults(found: Mapping[str, Any], content: Mapping[str, Any]) -> dict[str, Any]:
    """The choices of other groups that the earlier file made, behind those of the new one."""
    listed = found.get("defaults")
    others = [
        one
        for one in (listed if isinstance(listed, list) else [])
        if isinstance(one, dict) and not any(key in _DEFAULTS for key in one)
    ]
    return {"defaults": [*content["defaults"], *others]}


def _over(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Two mappings as one, where `above` counts."""
    merged = dict(above)
    for key, value in below.items():
        if key not in merged:
            merged[key] = value
        elif isinstance(value, dict) and isinstance(merged[key], dict):
            merged[key] = _over(value, merged[key])
    return merged
