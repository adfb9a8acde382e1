"""What predictions of the paper claims rest on, by hand and by enumeration."""

import itertools

import numpy
import pytest

from gamedyn.claims._paper_bilinear import _CONVERGES, _multipliers
from gamedyn.claims._paper_dirac_gan import _approach, _slowest
from gamedyn.claims._paper_finite_games import _whole_runs
from gamedyn.claims._paper_noise import _epoch_factor


def test_one_component_is_extragradient():
    assert _epoch_factor(0.6, 1) == pytest.approx(1 - 0.6**2 + 0.6**4, rel=1e-14, abs=0.0)


def test_an_epoch_averages_over_all_samples():
    h, n = 0.4, 3
    squares = []
    for samples in itertools.product(range(n), repeat=2 * n):
        z = 1.0 + 0j
        for first, second in zip(samples[::2], samples[1::2], strict=True):
            look = z - h * (1j * (z - 1) * (first == 0) + 1j / n)
            z = z - h * (1j * (look - 1) * (second == 0) + 1j / n)
        squares.append(abs(z) ** 2)
    assert _epoch_factor(h, n) == pytest.approx(numpy.mean(squares), rel=1e-13, abs=0.0)


def test_the_competitive_table_by_hand():
    # |z_1 / z_0|^2 for a = 1/5, 3/5, 6/5: GDA 1 + a^2; LCGD 1 - a^2 + a^4; consensus (1 - 5 a^2)^2 + a^2.
    factors = {
        "GDA": (1.04, 1.36, 2.44),
        "LCGD": (0.9616, 0.7696, 1.6336),
        "ConOpt": (0.68, 1.0, 39.88),
        "CGD": (1 / 1.04, 1 / 1.36, 1 / 2.44),
    }
    for column, alpha in enumerate((1.0, 3.0, 6.0)):
        ends = _multipliers(0.2 * alpha)
        for name, row in factors.items():
            assert abs(ends[name][1]) ** 2 == pytest.approx(row[column] ** 50, rel=1e-10, abs=0.0)
            assert (name in _CONVERGES[alpha]) == (row[column] < 1)
        # r^2 - (1 + 2 i a) r + i a = 0 leaves the unit circle at a = 1 / sqrt(3).
        largest = abs(numpy.roots([1, -1 - 0.4j * alpha, 0.2j * alpha])).max()
        assert ("OGDA" in _CONVERGES[alpha]) == (largest < 1)
        assert ends["SGA"][1] == ends["ConOpt"][1]


def test_runs_of_shapleys_game_by_hand():
    # From (0, 0): the column player goes to 1 at once; the row player follows when 1 is ahead, after two more rounds.
    assert _whole_runs(0, 0, 4) == [1, 2]
    # Six pairs make a cycle, and the runs of it grow.
    lengths = _whole_runs(1, 1, 3000)
    assert lengths[1:] == sorted(lengths[1:])
    assert lengths[-1] / lengths[-4] == pytest.approx(1.4655712**3, rel=0.02, abs=0.0)


def test_the_slowest_covector_sees_one_rate():
    for schedule, p, q in (("continuous", 0.0, 0.3), ("simultaneous", 0.25, 0.25), ("alternating", 0.0, 1.0)):
        rate, w = _slowest(schedule, p, q)
        step = 0.2
        first, second = numpy.array([[1 - step * p, 0.1], [0, 1]]), numpy.array([[1, 0], [-0.1, 1 - step * q]])
        if schedule == "continuous":
            values, vectors = numpy.linalg.eig(-numpy.array([[p, -0.5], [0.5, q]]))
            matrix = ((vectors * numpy.exp(values)) @ numpy.linalg.inv(vectors)).real
        else:
            matrix = first + second - numpy.eye(2) if schedule == "simultaneous" else second @ first
        ends = numpy.stack([[0.3, 0.4], numpy.linalg.matrix_power(matrix, 9) @ [0.3, 0.4]])
        assert _approach(ends, 9.0, w) == pytest.approx(rate, rel=1e-6, abs=0.0)
