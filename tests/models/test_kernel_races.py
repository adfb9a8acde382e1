"""The fused kernels with many threads in a block: none reads what another may still write."""

import subprocess

import numpy
import pytest

from gamedyn.models._step_source import StepShape, step_source
from gamedyn.nn import LeakyReLU, Tanh, mlp
from gamedyn.objectives import Minimax
from tests.models.kernel_shim import compiler

pytestmark = pytest.mark.full

_BEFORE = """
#include <barrier>
#include <cmath>
#include <cstdio>
#include <thread>
#include <vector>
using namespace std;
#define __global__
#define __device__ static inline
#define __shared__ static
struct Three { int x; };
static thread_local Three threadIdx;
static Three blockIdx, blockDim, gridDim;
static barrier<> *together;
#define __syncthreads() together->arrive_and_wait()
"""

_AFTER = """
template <class Kernel> void launch(int blocks, int threads, Kernel kernel)
{
    blockDim.x = threads;
    gridDim.x = blocks;
    for (blockIdx.x = 0; blockIdx.x < blocks; ++blockIdx.x) {
        barrier<> waiting(threads);
        together = &waiting;
        vector<thread> all;
        for (int i = 0; i < threads; ++i)
            all.emplace_back([=] { threadIdx.x = i; kernel(); });
        for (auto &each : all)
            each.join();
    }
}

int main(int, char **threads)
{
    vector<REAL> theta(%(g_size)d + %(d_size)d), phi(%(d_size)d), latent(BATCH * 3), data(9 * 2);
    vector<REAL> first(BLOCKS * %(g_size)d), second(2 * BLOCKS * phi.size()), m(theta.size()), v(theta.size());
    vector<int> rows(BATCH), bad(2);
    vector<long long> steps(2);
    int k = 0;
    for (auto *part : {&theta, &phi, &latent, &data})
        for (auto &x : *part)
            x = sin((REAL)k++);
    for (int i = 0; i < BATCH; ++i)
        rows[i] = i %% 9;
    const int n = atoi(threads[1]), size = phi.size();
    launch(BLOCKS, n, [&] { generator_gradient(theta.data(), phi.data(), latent.data(), first.data(), 0); });
    launch(2 * BLOCKS, n, [&] {
        discriminator_gradient(theta.data(), phi.data(), latent.data(), data.data(), rows.data(), second.data(), 0); });
    launch(3, n, [&] {
        adam(phi.data(), m.data(), v.data(), second.data(), 2 * BLOCKS, size, steps.data(), bad.data(), 1, 1,
            0.01, 0.5, 0.9, 0.01); });
    launch(3, n, [&] { descent(theta.data(), first.data(), BLOCKS, %(g_size)d, bad.data(), 0, 0.1); });
    launch(3, n, [&] { finish(theta.data(), v.data(), 0.3, 0.9, 0.1); });
    for (auto *part : {&first, &second, &theta, &phi, &v})
        for (auto x : *part)
            printf("%%a\\n", x);
}
"""


def built(folder, source, shape, *flags):
    sizes = {"g_size": shape.generator.size, "d_size": shape.discriminator.size}
    text = f"#include <cstdlib>\n{_BEFORE}\n#define BLOCKS {shape.blocks}\n{source}\n{_AFTER % sizes}"
    path = folder / "races.cpp"
    path.write_text(text)
    command = [compiler(), "-std=c++20", "-O1", "-w", *flags, str(path), "-o", str(folder / "races"), "-pthread"]
    made = subprocess.run(command, capture_output=True, text=True)
    if made.returncode:
        assert "sanitize" in made.stderr or "tsan" in made.stderr or "barrier" in made.stderr, made.stderr
        pytest.skip("the compiler has no thread sanitizer or no barriers")
    return folder / "races"


def shape_of():
    # Wide and narrow layers, two samples in a block, and a block that is not full.
    networks = mlp((3, 64, 5, 2), LeakyReLU(0.3)), mlp((2, 5, 64, 1), Tanh())
    return StepShape(*networks, Minimax(), 65, "double", largest_tile=2)


def test_any_number_of_threads_gives_the_same_bits_without_a_race(tmp_path):
    shape = shape_of()
    assert (shape.tile, shape.blocks) == (2, 33)
    program = built(tmp_path, step_source(shape), shape, "-fsanitize=thread")
    found = {}
    for threads in (1, 3):
        played = subprocess.run([program, str(threads)], capture_output=True, text=True)
        assert played.returncode == 0, played.stderr
        found[threads] = played.stdout
    assert found[1] == found[3]
    assert numpy.isfinite([float.fromhex(x) for x in found[1].split()]).all()


def test_the_sanitizer_sees_a_barrier_that_is_missing(tmp_path):
    shape = shape_of()
    source = step_source(shape)
    # The one after the generator's first layer.
    before, barrier, after = source.partition("__syncthreads();\n    affine_narrow(theta")
    assert barrier
    program = built(tmp_path, before + barrier.removeprefix("__syncthreads();\n") + after, shape, "-fsanitize=thread")
    played = subprocess.run([program, "3"], capture_output=True, text=True)
    assert "data race" in played.stderr
