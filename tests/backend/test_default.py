"""Facts about the default backend, optional packages and random numbers."""

import os
import subprocess
import sys

import numpy
import pytest

from gamedyn import backend
from gamedyn.backend import MissingExtraError, as_generator, host_normal, host_uniform, require
from gamedyn.backend import _default as default


@pytest.fixture(autouse=True)
def restore(monkeypatch):
    monkeypatch.setattr(default, "_chosen", None)
    monkeypatch.delenv("GAMEDYN_BACKEND", raising=False)


class WithoutDevice:
    """Stands for an installed CuPy whose driver is missing."""

    __version__ = "13.4.0"

    class cuda:
        @staticmethod
        def is_available():
            return False


def test_without_cupy_numpy_serves(monkeypatch):
    monkeypatch.setitem(sys.modules, "cupy", None)
    assert backend.default_namespace() is numpy
    assert backend.cupy_status().startswith("CuPy is not installed; install it with `pip install 'gamedyn[gpu12]'`")


def test_an_import_alone_is_no_device(monkeypatch):
    monkeypatch.setitem(sys.modules, "cupy", WithoutDevice)
    assert backend.default_namespace() is numpy
    assert backend.cupy_status() == "CuPy 13.4.0 is installed, but no CUDA device is usable."
    with pytest.raises(RuntimeError, match="the CuPy backend was asked for, but it cannot serve: CuPy 13"):
        backend.use("cupy")
    assert default._chosen is None


def test_override_and_environment(monkeypatch):
    monkeypatch.setitem(sys.modules, "cupy", None)
    monkeypatch.setenv("GAMEDYN_BACKEND", "cupy")
    with pytest.raises(RuntimeError, match="the CuPy backend was asked for"):
        backend.default_namespace()
    backend.use("numpy")
    assert backend.default_namespace() is numpy
    monkeypatch.setenv("GAMEDYN_BACKEND", " NumPy ")
    backend.use("auto")
    assert backend.default_namespace() is numpy
    default._chosen = None
    assert backend.default_namespace() is numpy
    monkeypatch.setenv("GAMEDYN_BACKEND", "cuda")
    with pytest.raises(ValueError, match="`GAMEDYN_BACKEND` must be one of 'auto', 'numpy', 'cupy', got 'cuda'"):
        backend.default_namespace()
    with pytest.raises(ValueError, match=r"`name` must be one of .* Did you mean 'numpy'"):
        backend.use("numpi")


def test_the_environment_reaches_a_new_process():
    code = "import gamedyn; print(gamedyn.backend.default_namespace().__name__)"
    environment = {**os.environ, "GAMEDYN_BACKEND": "numpy"}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "numpy"


def test_a_missing_extra_is_one_sentence(monkeypatch):
    monkeypatch.setitem(sys.modules, "sympy", None)
    with pytest.raises(MissingExtraError) as error:
        require("sympy")
    assert str(error.value) == (
        "sympy is needed here and is not installed. Install it with `pip install 'gamedyn[symbolic]'`."
    )
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(MissingExtraError, match=r"matplotlib is needed here .* `pip install 'gamedyn\[plot\]'`"):
        require("matplotlib.pyplot")
    assert issubclass(MissingExtraError, ImportError)


def test_present_packages_are_imported():
    import hypothesis.strategies

    assert require("hypothesis.strategies") is hypothesis.strategies


def test_a_fault_inside_an_optional_package_is_not_hidden(monkeypatch, tmp_path):
    # The package is there; something that it imports is not: naming the extra would send the user the wrong way.
    (tmp_path / "flint").mkdir()
    (tmp_path / "flint" / "__init__.py").write_text("import a_module_that_is_not_there\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    for name in [name for name in sys.modules if name.partition(".")[0] == "flint"]:
        monkeypatch.delitem(sys.modules, name)
    with pytest.raises(ModuleNotFoundError, match="a_module_that_is_not_there") as error:
        require("flint")
    assert not isinstance(error.value, MissingExtraError)


def test_every_extra_is_declared():
    import tomllib
    from pathlib import Path

    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())["project"]
    assert set(backend.EXTRAS.values()) <= set(project["optional-dependencies"])


def test_generators_follow_spec_7():
    generator = numpy.random.default_rng(3)
    assert as_generator(generator) is generator
    expected = numpy.random.default_rng(3).random()
    for seed in (3, numpy.int64(3), numpy.random.SeedSequence(3), numpy.random.PCG64(3)):
        assert as_generator(seed).random() == expected
    assert as_generator([1, 2]).random() == numpy.random.default_rng([1, 2]).random()
    assert as_generator(None).random() != as_generator(None).random()


@pytest.mark.parametrize("rng", [numpy.random.RandomState(0), "0", 0.5, numpy.random])
def test_what_cannot_seed_is_refused(rng):
    with pytest.raises(TypeError, match=r"`rng` must be None, an integer seed or a numpy.random.Generator, got "):
        as_generator(rng)


def test_a_negative_seed_is_named():
    with pytest.raises(ValueError, match="`rng` must be a non-negative seed, got -1"):
        as_generator(-1)


def test_one_stream_for_every_library_and_precision(library):
    xp = numpy if library.name.startswith("numpy") else library.xp
    for draw in (host_normal, host_uniform):
        reference = draw(5, (2, 3), numpy)
        double = draw(5, (2, 3), xp, device=library.device)
        single = draw(5, (2, 3), xp, dtype=xp.float32, device=library.device)
        assert library.owns(double)
        assert library.owns(single, "float32")
        numpy.testing.assert_array_equal(library.host(double), reference)
        numpy.testing.assert_allclose(library.host(single), reference, rtol=1e-7)
    first = numpy.random.default_rng(1)
    assert not numpy.array_equal(host_normal(first, (3,), numpy), host_normal(first, (3,), numpy))


def test_single_precision_uniforms_stay_below_one():
    generator = numpy.random.default_rng(0)
    largest = 1 - 2.0**-53
    assert numpy.float32(largest) == 1.0

    class Top(numpy.random.Generator):
        """A generator at the upper end of its range."""

        def random(self, *args, **kwargs):
            return numpy.full(args[0], largest)

    draws = host_uniform(Top(generator.bit_generator), (3,), numpy, dtype=numpy.float32)
    assert draws.dtype == "float32"
    assert numpy.all(draws < 1)
    assert numpy.all(host_uniform(Top(generator.bit_generator), (3,), numpy) == largest)
