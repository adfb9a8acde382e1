"""What predictions of the paper claims rest on, by hand and by enumeration."""

import itertools

import numpy
import pytest

from gamedyn.claims._paper_bilinear import _CONVERGES, _multipliers
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
