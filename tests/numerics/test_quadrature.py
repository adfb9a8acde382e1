"""Adaptive quadrature against closed forms; its error estimate against its error."""

import math

import numpy
import pytest

from gamedyn.numerics import QuadratureWarning, integrate, integrate_2d
from gamedyn.numerics._quadrature import _DIFFERENCE, _KRONROD, _X

INF = math.inf
INTEGRALS = {
    "gaussian": (lambda x: numpy.exp(-(x**2)), -INF, INF, (), math.sqrt(math.pi)),
    "cauchy": (lambda x: 1 / (1 + x**2), -INF, INF, (), math.pi),
    "heavy tail": (lambda x: x**-1.5, 1.0, INF, (), 2.0),
    "half-line": (lambda x: x**3 * numpy.exp(-x), 0.0, INF, (), 6.0),
    "lower half-line": (lambda x: numpy.exp(x), -INF, 1.0, (), math.e),
    "root at the end": (lambda x: 1 / numpy.sqrt(x), 0.0, 1.0, (), 2.0),
    "logarithm": (numpy.log, 0.0, 1.0, (), -1.0),
    "hidden step": (lambda x: (x > 1 / 3) * 1.0, 0.0, 1.0, (), 2 / 3),
    "hidden kink": (lambda x: numpy.abs(x - 1 / 3), 0.0, 1.0, (), 5 / 18),
    "oscillation": (lambda x: numpy.cos(50 * x) ** 2, 0.0, math.pi, (), math.pi / 2),
    "odd": (lambda x: x**3, -1.0, 1.0, (), 0.0),
    "narrow peak": (
        lambda x: numpy.exp(-(((x - 5) / 1e-6) ** 2)),
        -INF,
        INF,
        (5 - 1e-5, 5.0, 5 + 1e-5),
        1e-6 * math.pi**0.5,
    ),
    "tiny values": (lambda x: 1e-200 * numpy.exp(-(x**2)), -INF, INF, (), 1e-200 * math.sqrt(math.pi)),
    "far away": (lambda x: numpy.exp(-numpy.abs(x - 1e5)), -INF, INF, (1e5 - 30, 1e5, 1e5 + 30), 2.0),
}


@pytest.mark.parametrize("name", INTEGRALS)
def test_closed_forms(name):
    f, lower, upper, breakpoints, expected = INTEGRALS[name]
    estimate = integrate(f, lower, upper, breakpoints=breakpoints)
    # The tolerance is relative to the integral of |f|, which exceeds |expected| for "odd" alone. No rule sees that the
    # nodes themselves are rounded: by 1e-15 on a peak of width 1e-6, by 1.5e-11 around 1e5.
    scale = abs(expected) or 0.5
    assert abs(estimate.value - expected) <= {"narrow peak": 1e-9, "far away": 1.5e-11}.get(name, 1e-12) * scale
    assert estimate.standard_error <= 1e-12 * scale * (1 + 1e-6)
    assert estimate.interval == (estimate.value - estimate.standard_error, estimate.value + estimate.standard_error)


def test_error_estimate_covers_the_error_at_loose_tolerances():
    for tolerance in (1e-2, 1e-4, 1e-6, 1e-9):
        for name, (f, lower, upper, breakpoints, expected) in INTEGRALS.items():
            if name == "narrow peak":
                continue
            estimate = integrate(f, lower, upper, breakpoints=breakpoints, tolerance=tolerance)
            assert abs(estimate.value - expected) <= estimate.standard_error, (name, tolerance)


def test_looser_tolerance_costs_less():
    f, lower, upper, _, _ = INTEGRALS["root at the end"]
    assert integrate(f, lower, upper, tolerance=1e-4).n < integrate(f, lower, upper, tolerance=1e-10).n


def test_the_count_of_evaluations_is_true():
    calls = []

    def f(x):
        calls.append(len(x))
        return numpy.sqrt(x)

    assert integrate(f, 0.0, 1.0).n == sum(calls)


def test_the_rules_are_exact_to_their_degrees():
    # Kronrod: 3 n + 1 = 31 with n = 10; Gauss: 2 n - 1 = 19.
    gauss = _KRONROD - _DIFFERENCE
    assert numpy.count_nonzero(gauss) == 10
    for degree in range(0, 32, 2):
        assert math.fsum(_KRONROD * _X**degree) == pytest.approx(2 / (degree + 1), rel=1e-15 * 4)
    for degree in range(0, 20, 2):
        assert math.fsum(gauss * _X**degree) == pytest.approx(2 / (degree + 1), rel=1e-15 * 4)
    assert math.fsum(gauss * _X**20) != pytest.approx(2 / 21, rel=1e-9, abs=0.0)
    assert math.fsum(_KRONROD * _X**32) != pytest.approx(2 / 33, rel=1e-14, abs=0.0)


def test_components_are_integrated_side_by_side():
    # Powers on [0, 1], each to the tolerance, though their sizes differ by 1e9.
    powers, sizes = numpy.array([0.5, 1.0, 7.5]), numpy.array([1.0, 1e-9, 1e3])
    estimate = integrate(lambda x: sizes * x[:, None] ** powers, 0.0, 1.0)
    assert estimate.value.shape == estimate.standard_error.shape == (3,)
    numpy.testing.assert_allclose(estimate.value, sizes / (powers + 1), rtol=2e-12)


def test_values_of_any_library(library):
    estimate = integrate(lambda x: library.asarray(x**2), 0.0, 3.0)
    assert float(estimate) == pytest.approx(9.0, rel=1e-14, abs=0.0)


def test_stopping_early_is_said():
    def rough(x):
        return numpy.where(numpy.floor(x * 1e4) % 2 == 0, 1.0, 0.0)

    with pytest.warns(QuadratureWarning, match="stopped after .* error estimate of"):
        estimate = integrate(rough, 0.0, 1.0, max_evaluations=2000)
    assert estimate.n <= 2000
    assert estimate.standard_error > 1e-12
    assert abs(estimate.value - 0.5) < 0.1


def test_nodes_never_round_onto_a_singular_end():
    # Floats run out next to 1 before (1 - x)^-0.95 is resolved: said, and finite.
    with pytest.warns(QuadratureWarning, match="stopped after"):
        estimate = integrate(lambda x: (1 - x) ** -0.95, 0.0, 1.0)
    assert math.isfinite(estimate.value)
    assert estimate.standard_error > 1e-6


def test_an_infinite_integrand_makes_an_infinite_integral():
    assert integrate(lambda x: numpy.where(x > 0.5, INF, 1.0), 0.0, 1.0).value == INF
    assert integrate(lambda x: numpy.where(x > 0.5, -INF, 1.0), 0.0, 1.0).value == -INF
    both = integrate(lambda x: numpy.stack([x, numpy.where(x > 0.5, INF, 1.0)], axis=-1), 0.0, 1.0)
    numpy.testing.assert_allclose(both.value, [0.5, INF])


def test_an_empty_interval_and_a_zero_integrand():
    assert float(integrate(numpy.exp, 2.0, 2.0)) == 0.0
    assert float(integrate(numpy.zeros_like, -INF, INF)) == 0.0


def test_bad_input_is_named():
    with pytest.raises(ValueError, match="`lower` must not exceed `upper`, got 1 and 0"):
        integrate(numpy.exp, 1.0, 0.0)
    with pytest.raises(ValueError, match="`lower` must not exceed"):
        integrate(numpy.exp, math.nan, 0.0)
    with pytest.raises(ValueError, match="`f` must not give nan, got it at"):
        integrate(lambda x: numpy.where(x > 0.5, numpy.nan, x), 0.0, 1.0)
    with pytest.raises(ValueError, match="both inf and -inf"):
        integrate(lambda x: numpy.where(x > 0.5, INF, -INF), 0.0, 1.0)
    with pytest.raises(ValueError, match="one value for each"):
        integrate(lambda x: 1.0, 0.0, 1.0)
    with pytest.raises(ValueError, match="`tolerance` must lie in"):
        integrate(numpy.exp, 0.0, 1.0, tolerance=1e-20)


def test_the_plane():
    # A correlated normal density, total mass 1, and E xy = 0.7.
    def density(x, y):
        return numpy.exp(-(x * x - 1.4 * x * y + y * y) / (2 * 0.51)) / (2 * math.pi * math.sqrt(0.51))

    cuts = (-6.0, -1.0, 1.0, 6.0)
    estimate = integrate_2d(
        lambda x, y: numpy.stack([density(x, y), x * y * density(x, y)], axis=-1),
        (-INF, INF),
        (-INF, INF),
        x_breakpoints=cuts,
        y_breakpoints=cuts,
    )
    numpy.testing.assert_allclose(estimate.value, [1.0, 0.7], rtol=1e-10)
    assert numpy.all(numpy.abs(estimate.value - [1.0, 0.7]) <= estimate.standard_error)


def test_the_plane_is_cut_where_it_is_rough():
    # A jump in y alone: few cuts in x are needed.
    estimate = integrate_2d(lambda x, y: x * (y > 1 / 3), (0.0, 2.0), (0.0, 1.0), tolerance=1e-8)
    assert float(estimate) == pytest.approx(4 / 3, rel=1e-8, abs=0.0)
    assert estimate.n < 80 * 21**2


def test_stops_where_a_component_is_infinite():
    # e^(x^2) never meets a tolerance short of 1e308; once it is infinite at a node, it need not.
    def f(x):
        with numpy.errstate(over="ignore"):
            return numpy.stack([numpy.exp(numpy.where(x < 26, x**2, numpy.inf)), numpy.exp(-(x**2))], axis=-1)

    estimate = integrate(f, 0.0, 40.0)
    assert estimate.value[0] == numpy.inf
    assert estimate.value[1] == pytest.approx(numpy.pi**0.5 / 2, rel=1e-12, abs=0.0)
    assert estimate.n < 2000
