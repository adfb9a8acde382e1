import math

import numpy
import pytest

from gamedyn.dynamics._behaviour import behaviour

K = numpy.arange(400)
UNITS = pytest.mark.parametrize("unit", [1.0, 2.0**-200, 2.0**200])


@UNITS
@pytest.mark.parametrize("level", [1.0, 0.0, math.inf])
def test_constants_are_flat(level, unit):
    assert behaviour(numpy.full(20, level) * unit, numpy.arange(20)).word == "flat"


@UNITS
def test_a_level_reached_after_a_decay_is_flat(unit):
    # It does not go to the optimum.
    assert behaviour(unit * (0.3 + 0.5**K), K).word == "flat"


@UNITS
def test_decay_converges_at_its_rate(unit):
    found = behaviour(unit * 0.97**K, K)
    assert found.word == "converges"
    assert float(found.rate) == pytest.approx(0.97, rel=1e-12)
    spiral = behaviour(unit * 0.98**K * abs(numpy.cos(0.3 * K)), K)
    assert spiral.word == "converges"
    assert float(spiral.rate) == pytest.approx(0.98, abs=0.002)
    assert behaviour(unit / (K + 1.0), K).word == "converges"


def test_exact_convergence_in_few_steps():
    assert behaviour([1.0, 0.5, *[0.0] * 20], range(22)).word == "converges"
    found = behaviour([1.0, 1e-8, *[1e-17, 3e-17] * 10], range(22))
    assert (found.word, found.rate) == ("converges", None)


def test_decay_counts_from_a_half_between_quarters():
    # 0.995^300 = 0.22 and 0.999^300 = 0.74.
    assert behaviour(0.995**K, K).word == "converges"
    assert behaviour(0.999**K, K).word == "undecided"


@UNITS
def test_growth_diverges_at_its_rate(unit):
    found = behaviour(unit * 1.01**K, K)
    assert found.word == "diverges"
    assert float(found.rate) == pytest.approx(1.01, rel=1e-12)
    assert behaviour(unit * 1.01**K * abs(numpy.sin(0.3 * K + 1)), K).word == "diverges"


def test_an_end_at_infinity_diverges_and_a_start_there_does_not():
    assert behaviour([*range(1, 20), math.inf], range(20)).word == "diverges"
    start = behaviour([math.inf] * 5 + [0.5**k for k in range(40)], range(45))
    assert start.word == "converges"
    assert float(start.rate) == pytest.approx(0.5, rel=1e-12)
    assert behaviour([math.inf] * 20 + [1.0] * 3, range(23)).word == "undecided"


@UNITS
@pytest.mark.parametrize("period", [7.3, 25.0, 60.0])
def test_oscillation_has_its_period(period, unit):
    found = behaviour(unit * (1.5 + numpy.cos(2 * math.pi * K / period)), 2 * K)
    assert found.word == "oscillates"
    assert found.period == pytest.approx(2 * period, rel=1e-3)
    assert found.rate is None


def test_noise_and_drift_have_no_period(rng):
    assert behaviour(1 + rng.exponential(size=400), K).word == "undecided"
    assert behaviour(1 + 0.1 * numpy.sin(K / 400), K).word == "undecided"
    assert behaviour(1 + K / 400, K).word == "undecided"


def test_few_records_are_undecided_and_nan_is_refused():
    assert behaviour([1.0] * 7, range(7)).word == "undecided"
    assert behaviour([1.0] * 8, range(8)).word == "flat"
    with pytest.raises(ValueError, match="must hold no nan, got one at record 2"):
        behaviour([1.0, 1.0, math.nan, *[1.0] * 8], range(11))
