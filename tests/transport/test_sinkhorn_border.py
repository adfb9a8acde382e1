"""The border of entropic transport: array libraries, the bar, and arguments that are refused."""

import math

import numpy
import pytest

from gamedyn.transport import sinkhorn
from tests.transport.test_sinkhorn import distances, problem


def test_result_of_every_library(library, rng):
    x, y, a, b = problem(rng, 8, 6)
    given = {"epsilon": 0.1, "tolerance": 1e-10}
    expected = sinkhorn(x, y, x_weights=a, y_weights=b, return_result=True, **given)
    native = [library.asarray(array) for array in (x, y, a, b)]
    for max_bytes in (2**30, 1):
        options = {**given, "x_weights": native[2], "y_weights": native[3], "max_bytes": max_bytes}
        result = sinkhorn(native[0], native[1], return_result=True, **options)
        parts = [result.value, result.transport_cost, *result.potentials, result.plan.dense(), *result.plan.margins()]
        assert all(library.owns(part) for part in parts)
        assert library.owns(result.critic(native[0]))
        assert float(result.value) == pytest.approx(float(expected.value), rel=1e-13, abs=0.0)
        assert (result.lower, result.upper) == pytest.approx((expected.lower, expected.upper), rel=1e-7)
        numpy.testing.assert_allclose(
            library.host(result.plan.position_gradients()[0]), expected.plan.position_gradients()[0], atol=1e-9
        )
    cost = sinkhorn(cost=library.asarray(distances(x, y, 2)), epsilon=0.1, tolerance=1e-10)
    assert library.owns(cost)
    assert float(cost) == pytest.approx(float(sinkhorn(x, y, epsilon=0.1, tolerance=1e-10)), rel=1e-13, abs=0.0)


def test_progress_is_told_to_a_bar(monkeypatch, rng):
    import sys
    import types

    told = []

    class Bar:
        def __init__(self, **options):
            told.append(options["desc"])

        def update(self, share):
            told.append(share)

        def close(self):
            told.append("closed")

    monkeypatch.setitem(sys.modules, "tqdm", types.SimpleNamespace(tqdm=Bar))
    result = sinkhorn(rng.random(5), rng.random(6), epsilon=1.0, progress=True, return_result=True)
    assert told[0] == "sinkhorn"
    assert told[-1] == "closed"
    assert sum(told[1:-1]) == pytest.approx(result.iterations, abs=1)
    told.clear()
    result = sinkhorn(rng.random(5), rng.random(6), epsilon=1.0, progress=True, return_result=True, max_bytes=1)
    assert sum(told[1:-1]) == pytest.approx(result.iterations, abs=1)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"x": [1.0], "y": [1.0], "epsilon": 0.0}, "`epsilon` must be positive and finite, got 0.0"),
        ({"x": [1.0], "y": [1.0], "epsilon": -1.0}, "`epsilon` must be positive"),
        ({"x": [1.0], "y": [1.0], "epsilon": math.nan}, "`epsilon` must be positive"),
        ({"x": [1.0], "epsilon": 1.0}, "pass either `x` and `y` or `cost`, got `x`"),
        ({"epsilon": 1.0}, "pass either `x` and `y` or `cost`, got none"),
        ({"x": [1.0], "y": [1.0], "cost": [[1.0]], "epsilon": 1.0}, "pass either"),
        ({"x": [[1.0, 2.0]], "y": [[1.0]], "epsilon": 1.0}, "`x` and `y` must have one dimension d"),
        ({"x": [], "y": [1.0], "epsilon": 1.0}, r"`x` must have shape \(n, d\) or \(n,\) and hold a point"),
        ({"x": [[[1.0]]], "y": [1.0], "epsilon": 1.0}, r"`x` must have shape"),
        ({"x": [1.0, math.nan], "y": [1.0], "epsilon": 1.0}, r"`x` must be finite, got x\[1, 0\] = nan"),
        ({"x": [0.0], "y": [1e200], "epsilon": 1.0}, "the cost must be finite"),
        ({"cost": [[1.0, math.inf]], "epsilon": 1.0}, r"`cost` must be finite, got cost\[0, 1\] = inf"),
        ({"cost": [[1.0, -2.0]], "epsilon": 1.0}, "`cost` must be >= 0, got a smallest entry of -2"),
        ({"cost": [1.0], "epsilon": 1.0}, r"`cost` must have shape \(n, m\)"),
        (
            {"x": [1.0, 2.0], "y": [1.0], "epsilon": 1.0, "x_weights": [1.0]},
            "`x_weights` must have one weight for each",
        ),
        ({"x": [1.0, 2.0], "y": [1.0], "epsilon": 1.0, "x_weights": [1.0, -1.0]}, "`x_weights` must be >= 0"),
        ({"x": [1.0], "y": [1.0], "epsilon": 1.0, "y_weights": [0.0]}, "`y_weights` must have a positive sum"),
        ({"x": [1.0], "y": [1.0], "epsilon": 1.0, "order": 0.5}, "`order` must lie in"),
        ({"x": [1.0], "y": [1.0], "epsilon": 1.0, "tolerance": 0.0}, "`tolerance` must be positive"),
        ({"x": [1.0], "y": [1.0], "epsilon": 1.0, "max_iterations": 0}, "`max_iterations` must be at least 1"),
    ],
)
def test_bad_input_is_one_sentence(given, message):
    with pytest.raises(ValueError, match=message):
        sinkhorn(**given)


def test_libraries_cannot_be_mixed():
    import array_api_strict

    with pytest.raises(TypeError, match="cannot be mixed"):
        sinkhorn(array_api_strict.asarray([1.0]), numpy.array([1.0]), epsilon=1.0)
    plan = sinkhorn(cost=numpy.array([[1.0]]), epsilon=1.0, return_result=True).plan
    with pytest.raises(TypeError, match="need points, got a plan for a matrix"):
        plan.position_gradients()
