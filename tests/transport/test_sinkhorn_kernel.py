"""The stored kernel of an entropic plan: its precision, its limits, and what happens beyond them."""

import math

import numpy
import pytest

from gamedyn.transport import sinkhorn
from gamedyn.transport._cost import PointCost
from gamedyn.transport._sinkhorn_ascent import ascend
from gamedyn.transport._sinkhorn_kernel import KernelMargins
from tests.transport.test_sinkhorn import distances, problem


def test_a_kernel_that_underflows_is_left_for_the_log_domain():
    # One point alone at cost 2000 eps above all others; no temperature step is small enough for K to hold it.
    x, y = numpy.array([0.0, 1.0]), numpy.array([0.0, 1.0])
    margins = KernelMargins(PointCost(x[:, None] + 50, y[:, None], 2.0).stored(), x, y, 1.0, 0 * x, 0 * x)
    with numpy.errstate(divide="ignore", invalid="ignore"):
        found = ascend(margins, x / 2 + 0.25, y / 2 + 0.25, 0 * x, 0 * y, tolerance=1e-9, max_iterations=50)
    assert not found.finite
    result = sinkhorn(x, y + 50, epsilon=1e-3, return_result=True)
    assert float(result.value) == pytest.approx(2500 + 1e-3 * math.log(2), rel=1e-12)


def test_potentials_far_from_the_kernel_are_absorbed(rng):
    x, y, a, b = problem(rng)
    zero = numpy.zeros(4), numpy.zeros(5)
    phi, psi = zero[0] + 800, zero[1] - 800
    margins = KernelMargins(PointCost(x, y, 2.0).stored(), a, b, 0.1, *zero)
    with numpy.errstate(divide="ignore", under="ignore", over="ignore"):
        assert not numpy.isfinite(margins.rows(phi, psi)).any()
    margins.absorb(phi, psi)
    expected = numpy.log(numpy.exp(-distances(x, y, 2) / 0.1) @ b)
    numpy.testing.assert_allclose(margins.rows(phi, psi), expected, rtol=1e-10, atol=1e-12)


def test_single_precision_serves_the_first_digits(rng):
    x, y, a, b = problem(rng, 30, 40)
    phi, psi, epsilon = rng.standard_normal(30), rng.standard_normal(40), 0.005
    cost = distances(x, y, 2)
    narrow = KernelMargins(PointCost(x, y, 2.0).stored(), a, b, epsilon, phi, psi, single=True)
    density = numpy.exp(phi[:, None] + psi - cost / epsilon)
    found = [narrow.rows(phi, psi), narrow.columns(phi, psi), narrow.products(phi, psi)[0](psi)]
    assert all(part.dtype == numpy.float64 for part in found)
    numpy.testing.assert_allclose(found[0], numpy.log(density @ b), atol=3e-6)
    numpy.testing.assert_allclose(found[1], numpy.log(a @ density), atol=3e-6)
    numpy.testing.assert_allclose(found[2], a * (density @ (b * psi)), rtol=1e-4)
    # Next to the smallest numbers of single precision, products would take a hundred times as long.
    held = narrow._kernel[narrow._kernel > 0]
    assert held.min() > 1e-27
    assert (density < 1e-27).any()


def test_the_last_digits_are_in_double_precision(monkeypatch, rng):
    # Large enough for a first phase in single precision, which no digit of the answer shows.
    seen = []

    class Watched(KernelMargins):
        def __init__(self, *arguments, single, **options):
            seen.append(single)
            super().__init__(*arguments, single=single, **options)

    monkeypatch.setattr("gamedyn.transport._sinkhorn_stages.KernelMargins", Watched)
    x, y = rng.random((210, 2)), rng.random((220, 2))
    for epsilon in (0.05, 0.002):
        result = sinkhorn(x, y, epsilon=epsilon, tolerance=1e-11, return_result=True)
        rows, columns = result.plan.margins()
        assert numpy.abs(rows - 1 / 210).sum() + numpy.abs(columns - 1 / 220).sum() <= 2e-11
        assert seen[0]
        assert not seen[-1]
        seen.clear()
