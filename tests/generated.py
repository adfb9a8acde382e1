"""Symbolic games, and runs of the generated CUDA code on the processor, for tests of generated code."""

import ctypes
import subprocess

import numpy
import sympy

from gamedyn.games import SymbolicGame, forsaken

X, Y, W = sympy.symbols("x y w")


def dirac_gan():
    """Losses of the Dirac-GAN, up to a constant."""
    loss = sympy.log(1 + sympy.exp(X * Y))
    return SymbolicGame([-loss, loss], [X, Y], name="dirac")


def three_players():
    """No symmetry, no common point at rest, and most functions that a game may have."""
    first = X**2 / 2 + sympy.sin(X * Y) + W * X + sympy.log(2 + sympy.cos(W))
    second = sympy.exp(-Y * W) + Y**2 + sympy.tanh(X * Y) / 2
    third = W**2 / 2 - X * W * Y + sympy.atan(W - X) / (1 + X**2)
    # Small enough that no rule amplifies rounding.
    return SymbolicGame([loss / 4 for loss in (first, second, third)], [X, Y, W], name="three")


GAMES = [forsaken(), dirac_gan(), three_players()]

_SHIM = """
#include <math.h>
#define __global__
#define __device__
typedef struct { unsigned int x; } place;
static place blockIdx, blockDim, threadIdx;
"""
_LAUNCH = """
extern "C" void launch(unsigned int blocks, unsigned int threads, long long batch, long long first, long long last,
    long long every, double bound, double tolerance, double *z, double *s, long long *n, const double *p,
    long long *ended, long long *stop, double *points)
{
    blockDim.x = threads;
    for (blockIdx.x = 0; blockIdx.x < blocks; ++blockIdx.x)
        for (threadIdx.x = 0; threadIdx.x < threads; ++threadIdx.x)
            play(batch, first, last, every, bound, tolerance, z, s, n, p, ended, stop, points);
}
"""


class CudaOnTheProcessor:
    """Plays CUDA source thread after thread: a stand-in for `_CudaCode` that needs a C++ compiler and no device."""

    def __init__(self, source, folder):
        text, library = folder / "kernel.cpp", folder / "kernel.so"
        text.write_text(_SHIM + source + _LAUNCH)
        command = ["c++", "-O1", "-ffp-contract=off", "-fPIC", "-shared", "-o", str(library), str(text), "-lm"]
        subprocess.run(command, check=True, capture_output=True)
        self.function = ctypes.CDLL(str(library)).launch
        numbers = [ctypes.c_uint] * 2 + [ctypes.c_longlong] * 4 + [ctypes.c_double] * 2
        self.function.argtypes = numbers + [ctypes.c_void_p] * 7

    def play(self, run, first, last, every, points):
        threads = 4
        blocks = -(-run.ended.size // threads)
        arrays = (run.z, run.floats, run.integers, run.parameters, run.ended, run.stop, points)
        pointers = [None if a is None else a.ctypes.data for a in arrays]
        self.function(
            blocks, threads, run.ended.size, first, last, every, run.bound, run.tolerance, *pointers
        )  # fmt: skip


def assert_same_run(found, stepped, bound=1e-12):
    """Points to rounding, of the largest on the way; statuses and steps exactly."""
    scale = max(1.0, float(numpy.max(abs(stepped.points), initial=0)))
    for name in ("points", "final"):
        numpy.testing.assert_allclose(getattr(found, name), getattr(stepped, name), rtol=0, atol=bound * scale)
    for name in ("times", "gradient_calls", "status", "stop_step"):
        numpy.testing.assert_array_equal(getattr(found, name), getattr(stepped, name))
    assert found.observed.keys() == stepped.observed.keys()
    for name, values in stepped.observed.items():
        numpy.testing.assert_allclose(found.observed[name], values, rtol=1e-9, atol=bound * scale)
    assert type(found.final_state) is type(stepped.final_state)
    for ours, theirs in zip(leaves(found.final_state), leaves(stepped.final_state), strict=True):
        assert ours.dtype == theirs.dtype
        assert ours.shape == theirs.shape
        size = max(scale, float(numpy.max(abs(theirs), initial=0)))
        numpy.testing.assert_allclose(ours, theirs, rtol=0, atol=bound * size)


def leaves(state):
    """The arrays of a state."""
    if state is None:
        return []
    return [a for part in state for a in leaves(part)] if isinstance(state, tuple) else [state]
