"""The examples in docstrings print what they say."""

import doctest
import importlib
import io

import pytest

import gamedyn.backend._default
from tests.house.code_blocks import FLAGS, Checker
from tests.house.source import library


def run(examples):
    """What differs from the expected output, as doctest reports it; empty where all agree."""
    report = io.StringIO()
    doctest.DocTestRunner(Checker(), optionflags=FLAGS).run(examples, out=report.write)
    return report.getvalue()


@pytest.mark.parametrize("name", [module for module, text in library().items() if ">>>" in text])
def test_examples_print_what_they_say(name, monkeypatch, tmp_path):
    # Examples may choose a backend or write a file; neither outlives them.
    monkeypatch.setattr(gamedyn.backend._default, "_chosen", None)
    monkeypatch.chdir(tmp_path)
    module = importlib.import_module(name)
    for examples in doctest.DocTestFinder(exclude_empty=True).find(module, name):
        assert not run(examples)


def test_a_wrong_example_is_seen():
    parser = doctest.DocTestParser()
    assert not run(parser.get_doctest(">>> 1 + 1\n2\n", {}, "right", None, 0))
    assert "Expected:" in run(parser.get_doctest(">>> 1 + 1\n3\n", {}, "wrong", None, 0))


def test_numbers_agree_to_twelve_digits():
    assert Checker().check_output("0.14384103622589045\n", "0.14384103622589048\n", FLAGS)
    assert not Checker().check_output("0.1438410362\n", "0.1438410363\n", FLAGS)
    assert not Checker().check_output("2\n", "3\n", FLAGS)
    assert not Checker().check_output("0.5 x\n", "0.5 y\n", FLAGS)
