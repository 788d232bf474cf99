"""The examples in docstrings do what they say."""

import doctest
import importlib
import pkgutil

import pytest

import facsimile

MODULES = [m.name for m in pkgutil.walk_packages(facsimile.__path__, "facsimile.") if not m.ispkg]


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_a_module_hold(name):
    module = importlib.import_module(name)
    assert doctest.testmod(module).failed == 0


def test_examples_are_found():
    finder = doctest.DocTestFinder()
    found = (finder.find(importlib.import_module(name)) for name in MODULES)
    assert sum(bool(test.examples) for tests in found for test in tests) > 20
