"""Descriptions in JSON: the library's own parts come back as they were, and a file can name nothing else."""

import json

import numpy
import pytest

from gamedyn._archive import read_archive, write_archive
from gamedyn.divergences import GeneratedDivergence
from gamedyn.models import GAN
from gamedyn.models._description import Opaque, described, restored
from gamedyn.nn import Tanh, mlp
from tests import cases
from tests.models.gan_runs import DATA, run

LAYERS = [entry[0] if isinstance(entry, tuple) else entry for entry in cases.LAYERS]


@pytest.mark.parametrize("value", [*LAYERS, *cases.RULES, *cases.OBJECTIVES], ids=lambda value: type(value).__name__)
def test_members_come_back(value):
    form = json.loads(json.dumps(described(value)))
    if isinstance(getattr(value, "f", None), GeneratedDivergence):
        # Made of functions.
        assert restored(form) == Opaque("builtins.function")
        return
    again = restored(form)
    assert type(again) is type(value)
    assert described(again) == form
    assert repr(again) == repr(value)


def test_values_come_back():
    values = (None, True, 3, 0.1, "a", (1, (2.5,)), [1, [2]], float("inf"), numpy.float32(0.1), mlp((2, 3, 1), Tanh()))
    again = restored(json.loads(json.dumps(described(values))))
    assert again == tuple(value.item() if isinstance(value, numpy.generic) else value for value in values)
    array = numpy.arange(6, dtype=numpy.float32).reshape(2, 3) / 7
    back = restored(json.loads(json.dumps(described(array))))
    numpy.testing.assert_array_equal(back, array, strict=True)
    assert restored(described(lambda x: x)) == Opaque("builtins.function")


@pytest.mark.parametrize(
    "name",
    ["backend.require", "nn.Layer", "updates._base", "os.system", "games.Bilinear", "nn.mlp", "models.GAN"],
)
def test_nothing_else_can_be_named(name):
    with pytest.raises((ValueError, TypeError), match=r"no class that a file may name|abstract"):
        restored({"class": name, "fields": {}})


def changed(path, change):
    """The file with something in its values changed, and a right seal."""
    fields, values = read_archive(path, "gamedyn.gan/1", ("z", "state", "classes"), "a GAN")
    change(fields, values)
    write_archive(path, "gamedyn.gan/1", fields, values)


def set_in(*path, to):
    def change(fields, values):
        node = {"values": values, "fields": fields}
        for key in path[:-1]:
            node = node[key]
        node[path[-1]] = to

    return change


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (set_in("values", "generator_state", "bit_generator", to="Generator"), "random bits are of the kind"),
        (set_in("values", "step", to=-1), "its point is none of a training"),
        (set_in("fields", "z", to=numpy.array([numpy.nan])), "its point is none of a training"),
        (set_in("fields", "z", to=numpy.zeros(3)), r"does not fit its parameters: \d+ numbers expected, got 3"),
        (set_in("values", "shapes", "features", to=0), "its data are none"),
        (set_in("fields", "classes", to=numpy.arange(2)), "its data are none"),
        (
            set_in("values", "parameters", "rule", to={"class": "backend.require", "fields": {}}),
            "parameters that no GAN",
        ),
        (set_in("values", "parameters", "depth", to=3), "parameters that no GAN has"),
    ],
)
def test_a_sealed_file_of_nonsense_is_refused(change, message, tmp_path):
    file = tmp_path / "run.npz"
    run(1, packing=1).fit(DATA).save(file)
    changed(file, change)
    with pytest.raises(ValueError, match=rf"run\.npz .*{message}"):
        GAN.load(file)


def test_a_state_of_another_rule_is_refused(tmp_path):
    file = tmp_path / "run.npz"
    gan = run(1, packing=1).fit(DATA)
    gan.save(file)
    changed(file, set_in("fields", "state", to=gan._fit.point.state._replace(average=numpy.zeros(2))))
    with pytest.raises(ValueError, match=r"run\.npz does not fit its parameters: the rule's state is not the one"):
        run(2, packing=1).fit(DATA, resume=file)
