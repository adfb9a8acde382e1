"""Newton steps on the entropic dual: few where alternate steps crawl, at any penalty of the margins."""

import numpy
import pytest

from gamedyn.transport import sinkhorn
from gamedyn.transport._cost import PointCost
from gamedyn.transport._sinkhorn_ascent import ascend
from gamedyn.transport._sinkhorn_kernel import KernelMargins
from gamedyn.transport._sinkhorn_newton import newton


def started(rng, sweeps, epsilon, softness):
    """Margins, masses and potentials after a few sweeps from zero."""
    x, y = rng.random((20, 2)), rng.random((25, 2))
    a, b = rng.dirichlet(numpy.ones(20)), rng.dirichlet(numpy.ones(25))
    phi, psi = numpy.zeros(20), numpy.zeros(25)
    margins = KernelMargins(PointCost(x, y, 2.0).stored(), a, b, epsilon, phi, psi)
    given = {"softness": softness, "tolerance": 1e-12}
    found = ascend(margins, a, b, phi, psi, max_iterations=sweeps, **given)
    return (margins, a, b, found.phi, found.psi), given


@pytest.mark.parametrize("softness", [(0.0, 0.0), (0.5, 0.7), (3.0, 0.1)])
def test_is_quadratic_near_the_solution(softness, rng):
    for _ in range(3):
        arguments, given = started(rng, 3, 0.05, softness)
        phi, psi, error, sweeps = newton(*arguments, max_iterations=500, **given)
        assert error <= 1e-12
        assert sweeps < 60
        # Both margins are those of the potentials.
        margins, a, b = arguments[:3]
        numpy.testing.assert_allclose(
            a * numpy.exp(margins.rows(phi, psi)), a * numpy.exp(-softness[0] * phi), atol=1e-12
        )
        numpy.testing.assert_allclose(
            b * numpy.exp(margins.columns(phi, psi)), b * numpy.exp(-softness[1] * psi), atol=1e-12
        )


def test_steps_that_are_too_long_are_halved(rng):
    # Without a look at the slope along a step a quarter of these starts, a few sweeps from zero, end nowhere.
    reached = 0
    for _ in range(40):
        arguments, given = started(rng, 8, rng.choice([0.1, 0.03, 0.01]), (0.0, 0.0))
        with numpy.errstate(over="ignore", divide="ignore", invalid="ignore"):
            reached += newton(*arguments, max_iterations=2000, **given)[2] <= 1e-12
    assert reached >= 37


def test_clusters_that_hardly_exchange_mass():
    # Half the mass here and two thirds there: a sixth must go across, at the rate exp(-2 / eps) of the exchange.
    x, y = numpy.array([[0.0, 0.0], [1.0, 1.0]]), numpy.array([[0.0, 0.0], [1.0, 1.0], [1.0, 1.0]])
    for epsilon in (0.2, 0.05):
        result = sinkhorn(x, y, epsilon=epsilon, tolerance=1e-12, return_result=True)
        assert result.marginal_error <= 1e-12
        assert result.iterations < 200
        assert float(result.plan.dense()[0, 1:].sum()) == pytest.approx(1 / 6, rel=0.01)


@pytest.mark.parametrize("epsilon", [4e-3, 2e-3])
def test_clusters_that_exchange_less_than_rounding(epsilon):
    # Masses of the two clusters differ, so that mass must go between them at exp(-1 / epsilon) of a plan's entry.
    x, y = [101.0, 100.0, 100.0], [101.0, 100.0]
    a, b = numpy.array([0.76, 0.18, 0.28]), numpy.array([0.018, 0.01])
    result = sinkhorn(x, y, order=1, epsilon=epsilon, x_weights=a, y_weights=b, return_result=True)
    a, b = a / a.sum(), b / b.sum()
    assert result.converged
    rows, columns = result.plan.margins()
    numpy.testing.assert_allclose(rows, a, atol=1e-6)
    numpy.testing.assert_allclose(columns, b, atol=1e-12)
    # What the left cluster has too much, or too little, goes over a distance of 1.
    assert float(result.transport_cost) == pytest.approx(abs(a[0] - b[0]), rel=1e-4)
