"""CUDA source run on the processor: one thread per block, the blocks one after the other."""

import ctypes
import hashlib
import shutil
import subprocess

import numpy
import pytest

_BEFORE = """
#include <cmath>
using namespace std;
#define __global__
#define __device__ static inline
#define __shared__ static
#define __syncthreads()
struct Three { int x; };
static Three threadIdx = {0}, blockIdx = {0}, blockDim = {1}, gridDim = {1};
extern "C" void at(int block, int blocks) { blockIdx.x = block; gridDim.x = blocks; }
"""


def compiler():
    """The C++ compiler; without one the test is skipped."""
    found = shutil.which("c++") or shutil.which("g++")
    if found is None:
        pytest.skip("there is no C++ compiler")
    return found


class ShimModule:
    """What `gamedyn.backend.KernelModule` does, for arrays of NumPy; `folder` must be set first."""

    folder = None
    sources = ()
    recorded = launched = 0

    def __init__(self, source, names):
        path = self.folder / f"step{hashlib.sha256(source.encode()).hexdigest()[:16]}.cpp"
        library = path.with_suffix(".so")
        type(self).sources = (*self.sources, source)
        if not library.exists():
            path.write_text(_BEFORE + source)
            flags = ["-O1", "-w", "-fPIC", "-shared", "-ffp-contract=off"]
            subprocess.run([compiler(), *flags, str(path), "-o", str(library)], check=True, capture_output=True)
        loaded = ctypes.CDLL(str(library))
        self.at, self.kernels = loaded.at, {name: getattr(loaded, name) for name in names}

    def launch(self, name, blocks, threads, *arguments):
        assert 1 <= threads <= 1024
        type(self).launched += 1
        typed = [_pointer(a) if isinstance(a, numpy.ndarray) else _number(a) for a in arguments]
        for block in range(blocks):
            self.at(block, blocks)
            self.kernels[name](*typed)

    def record(self, launches):
        # As a graph: nothing is played yet, and arguments are those of now.
        series, launch = [], self.launch
        self.launch = lambda *arguments: series.append(arguments)
        try:
            launches()
        finally:
            self.launch = launch
        type(self).recorded += 1
        return lambda: [launch(*arguments) for arguments in series]

    def empty(self, shape, dtype):
        # Whoever reads what was not written will see it.
        return numpy.full(shape, numpy.nan if numpy.dtype(dtype).kind == "f" else -7, dtype=dtype)

    def fill(self, array, values):
        assert array.shape == values.shape
        assert array.dtype == values.dtype
        array[...] = values

    def read(self, array):
        return array.copy()

    def wait(self):
        pass


def _pointer(array):
    assert array.flags.c_contiguous
    return ctypes.c_void_p(array.ctypes.data)


def _number(value):
    assert type(value) in (int, float)
    return ctypes.c_int(value) if isinstance(value, int) else ctypes.c_double(value)
