"""CUDA source run on the processor: one thread per block, the blocks one after the other."""

import ctypes
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


class ShimModule:
    """What `gamedyn.backend.KernelModule` does, for arrays of NumPy; `folder` must be set first."""

    folder = None
    recorded = 0

    def __init__(self, source, names):
        compiler = shutil.which("c++") or shutil.which("g++")
        if compiler is None:
            pytest.skip("there is no C++ compiler")
        path = self.folder / f"step{abs(hash(source))}.cpp"
        path.write_text(_BEFORE + source)
        library = path.with_suffix(".so")
        flags = ["-O2", "-fPIC", "-shared", "-ffp-contract=off"]
        subprocess.run([compiler, *flags, str(path), "-o", str(library)], check=True, capture_output=True)
        loaded = ctypes.CDLL(str(library))
        self.at, self.kernels = loaded.at, {name: getattr(loaded, name) for name in names}

    def launch(self, name, blocks, threads, *arguments):
        assert threads >= 1
        typed = [_pointer(a) if isinstance(a, numpy.ndarray) else _number(a) for a in arguments]
        for block in range(blocks):
            self.at(block, blocks)
            self.kernels[name](*typed)

    def record(self, launches):
        type(self).recorded += 1
        return launches

    def empty(self, shape, dtype):
        return numpy.full(shape, -7, dtype=dtype)

    def fill(self, array, values):
        array[...] = values

    def wait(self):
        pass


def _pointer(array):
    assert array.flags.c_contiguous
    return ctypes.c_void_p(array.ctypes.data)


def _number(value):
    return ctypes.c_int(value) if isinstance(value, int) else ctypes.c_double(value)
