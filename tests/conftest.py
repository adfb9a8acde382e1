"""The `library` fixture: one test body, every array library, arguments that cannot be written to."""

import os

# Small matrices run slower, and timings vary more, with several BLAS threads.
for _variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_variable, "1")

import importlib.util

import numpy
import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(
    "gamedyn",
    derandomize=True,
    deadline=None,
    max_examples=50,
    print_blob=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.load_profile("gamedyn")

PEERS = os.environ.get("GAMEDYN_TEST_PEERS") == "1"
LIBRARIES = ["numpy", "numpy-readonly", "array_api_strict"]
if PEERS:
    LIBRARIES += [pytest.param(name, marks=pytest.mark.peers) for name in ("torch", "jax")]
if importlib.util.find_spec("cupy") is not None:
    import cupy

    if cupy.cuda.is_available():
        LIBRARIES.append("cupy")


def pytest_collection_modifyitems(items):
    if "cupy" not in LIBRARIES:
        for item in items:
            if item.get_closest_marker("gpu"):
                item.add_marker(pytest.mark.skip(reason="no CUDA device"))


class Library:
    """One array library: makes inputs off its default device, brings results back, checks where they live."""

    def __init__(self, name):
        self.name = name
        if name == "array_api_strict":
            import array_api_strict

            self.xp = array_api_strict
            self.device = array_api_strict.Device("device1")
        elif name == "torch":
            import array_api_compat.torch

            self.xp, self.device = array_api_compat.torch, None
        elif name == "jax":
            import jax

            jax.config.update("jax_enable_x64", True)
            self.xp, self.device = jax.numpy, None
        elif name == "cupy":
            import array_api_compat.cupy

            self.xp, self.device = array_api_compat.cupy, None
        else:
            self.xp, self.device = numpy, None

    def asarray(self, values, dtype="float64"):
        host = numpy.array(values, dtype=dtype)
        if self.name.startswith("numpy"):
            host.flags.writeable = self.name == "numpy"
            return host
        return self.xp.asarray(
            host.tolist() if self.name == "array_api_strict" else host,
            dtype=getattr(self.xp, dtype),
            device=self.device,
        )

    def host(self, array):
        from gamedyn.backend import to_host

        return to_host(array)

    def owns(self, array, dtype="float64"):
        """Whether `array` is of this library, of `dtype`, on the device that inputs were made on."""
        if self.name.startswith("numpy"):
            return isinstance(array, (numpy.ndarray, numpy.generic)) and array.dtype == dtype
        root = {"jax": ("jax", "jaxlib")}.get(self.name, (self.name,))
        return (
            type(array).__module__.partition(".")[0] in root
            and array.dtype == getattr(self.xp, dtype)
            and (self.device is None or array.device == self.device)
        )


@pytest.fixture(params=LIBRARIES)
def library(request):
    return Library(request.param)


# Games are played on NumPy and CuPy; array-api-strict stands for the latter where there is no device.
@pytest.fixture(params=[name for name in LIBRARIES if isinstance(name, str)])
def game_library(request):
    return Library(request.param)


@pytest.fixture
def rng(request):
    """A generator whose seed is the test's own name, so that tests do not depend on their order."""
    return numpy.random.default_rng(list(request.node.nodeid.encode()))
