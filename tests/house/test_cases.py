"""Every concrete public class of a family stands in tests/cases.py, so that every law holds for it."""

import importlib
import inspect

import pytest

from tests import cases
from tests.house.source import library

# Family: the lists of its members in tests/cases.py, under laws of their own each.
FAMILIES = {
    "gamedyn.distributions.Distribution": ("DISTRIBUTIONS",),
    "gamedyn.divergences.FDivergence": ("DIVERGENCES",),
    "gamedyn.objectives.Objective": ("OBJECTIVES",),
    "gamedyn.games.Game": ("GAMES",),
    "gamedyn.updates.UpdateRule": ("RULES", "SIMPLEX_RULES"),
    "gamedyn.nn.Layer": ("LAYERS",),
    "gamedyn.nn.Loss": ("LOSSES",),
    "gamedyn.models.Criterion": ("CRITERIA",),
    "gamedyn.models.DensityModel": ("DENSITY_MODELS",),
}


def family(name):
    package, _, base = name.rpartition(".")
    return getattr(importlib.import_module(package), base)


def members(base):
    """{name: class} of the concrete public classes that are a `base`."""
    found = {}
    for package in sorted({".".join(module.split(".")[:2]) for module in library() if "._" not in module}):
        if package in ("gamedyn", "gamedyn.__main__"):
            continue
        module = importlib.import_module(package)
        for name in getattr(module, "__all__", []):
            value = getattr(module, name)
            if (
                inspect.isclass(value)
                and issubclass(value, base)
                and not inspect.isabstract(value)
                and value is not base
            ):
                found[f"{package}.{name}"] = value
    return found


def instances(entries):
    """The instances of a list, whether they stand alone or in a tuple with their inputs."""
    for entry in entries:
        yield from entry if isinstance(entry, tuple) else (entry,)


def absent(classes, entries, where):
    present = {type(instance) for instance in instances(entries)}
    for name, value in classes.items():
        if value not in present:
            yield f"{name} is in no law: add a line `{name.removeprefix('gamedyn.')}(...)` to {where} in tests/cases.py"


@pytest.mark.parametrize("name", FAMILIES)
def test_every_member_is_under_the_laws(name):
    lists = FAMILIES[name]
    entries = [entry for where in lists for entry in getattr(cases, where)]
    assert list(absent(members(family(name)), entries, " or ".join(lists))) == []


@pytest.mark.parametrize("name", FAMILIES)
def test_every_case_belongs_to_its_family(name):
    entries = [entry for where in FAMILIES[name] for entry in getattr(cases, where)]
    for entry in entries:
        first = entry[0] if isinstance(entry, tuple) else entry
        assert isinstance(first, family(name)), first


def test_absent_members_are_seen():
    known = members(family("gamedyn.nn.Layer"))
    assert "gamedyn.nn.Tanh" in known
    assert "gamedyn.nn.Layer" not in known
    tanh = {"gamedyn.nn.Tanh": known["gamedyn.nn.Tanh"]}
    assert not list(absent(tanh, [(known["gamedyn.nn.Tanh"](), (3,))], "LAYERS"))
    (message,) = absent(tanh, [], "LAYERS")
    assert message == "gamedyn.nn.Tanh is in no law: add a line `nn.Tanh(...)` to LAYERS in tests/cases.py"
