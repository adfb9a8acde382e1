"""Facts about certificates: feasible potentials, plans with exact margins, and brackets."""

import numpy
import pytest

from gamedyn.transport._certificate import bracket, feasible_potentials, round_to_margins


def test_potentials_become_feasible_and_no_worse(library, rng):
    cost = rng.random((6, 4))
    g = -rng.random(4)
    f, better = (library.host(p) for p in feasible_potentials(library.asarray(cost), library.asarray(g)))
    assert (f[:, None] + better <= cost + 1e-15).all()
    # With f as given by g, no g_j below what is feasible is left.
    assert (better >= g - 1e-15).all()
    numpy.testing.assert_allclose((cost - f[:, None] - better).min(axis=0), 0, atol=1e-15)
    numpy.testing.assert_allclose((cost - f[:, None] - better).min(axis=1), 0, atol=1e-15)


def test_rounding_gives_the_margins_and_moves_little(library, rng):
    a, b = rng.dirichlet(numpy.ones(6)), rng.dirichlet(numpy.ones(4))
    near = numpy.outer(a, b) * rng.uniform(0.9, 1.1, (6, 4))
    near[0, 0] = -1e-3
    plan = library.host(round_to_margins(*(library.asarray(v) for v in (near, a, b))))
    assert (plan >= 0).all()
    numpy.testing.assert_allclose(plan.sum(axis=1), a, rtol=1e-14)
    numpy.testing.assert_allclose(plan.sum(axis=0), b, rtol=1e-14)
    # Altschuler, Weed and Rigollet: in L1 no further than twice the error of the margins.
    near[0, 0] = 0.0
    error = abs(near.sum(axis=1) - a).sum() + abs(near.sum(axis=0) - b).sum()
    assert abs(plan - near).sum() <= 2 * error


def test_rounding_leaves_a_plan_with_its_margins_alone():
    plan = numpy.array([[0.25, 0.0], [0.25, 0.5], [0.0, 0.0]])
    numpy.testing.assert_array_equal(round_to_margins(plan, plan.sum(axis=1), plan.sum(axis=0)), plan)


def test_brackets_hold_the_root_and_never_cross():
    assert bracket(4.0, 1.0, 2) == (1.0, pytest.approx(2.0, rel=1e-13, abs=0.0))
    assert bracket(4.0, 1.0, 2)[1] >= 2.0
    assert bracket(3.0, -1.0) == (0.0, pytest.approx(3.0, rel=1e-13, abs=0.0))
    assert bracket(0.0, 0.0, 3) == (0.0, 0.0)
    lower, upper = bracket(1.0, 1.0 + 1e-12)
    assert lower == upper
    assert bracket(1.0, 1.0, slack=0.25, excess=0.5) == (0.75, pytest.approx(1.5, rel=1e-13, abs=0.0))
