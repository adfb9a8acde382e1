"""The logarithm of I0, its slope, differences and gap against mpmath at 80 digits, on random and edge values."""

import mpmath
import numpy
import pytest

from gamedyn import numerics
from tests.conftest import Library


def pairs(rng, count):
    k = 10 ** rng.uniform(-6, 3.3, count)
    tiny = k * 10 ** rng.uniform(-10, 0, count) * rng.choice([-0.999, 0.999], count)
    h = numpy.choose(numpy.arange(count) % 3, [tiny, 10 ** rng.uniform(-6, 3.3, count), rng.uniform(-k, 200)])
    edges = [(0.0, 5.0), (5.0, -5.0), (40.0, 1e-7), (40.0, -1e-7), (119.0, 2.0), (39.0, 82.0), (121.0, -82.0)]
    edges += [(120.0, -80.5), (39.9, 1.2), (42.0, -2.5), (1e4, 1e-3), (1e6, -1e6), (0.0, 1e6), (1e8, 1.0), (2.0, 0.0)]
    extra = numpy.array(edges)
    return numpy.append(k, extra[:, 0]), numpy.append(h, extra[:, 1])


def log_i0(k):
    # mpmath's own series needs as many digits as k; Hankel's expansion serves beyond.
    if k < 3000:
        return mpmath.log(mpmath.besseli(0, k))
    terms = [mpmath.mpf(1)]
    for n in range(1, 40):
        terms.append(terms[-1] * (2 * n - 1) ** 2 / (8 * n * k))
    return k - mpmath.log(2 * mpmath.pi * k) / 2 + mpmath.log(sum(terms))


def slope(k):
    return mpmath.besseli(1, k) / mpmath.besseli(0, k) if k < 3000 else mpmath.diff(log_i0, k)


def check(library, rng, count):
    k, h = pairs(rng, count)
    there = library.asarray(k), library.asarray(h)
    with mpmath.workdps(80):
        exact = [(mpmath.mpf(float(x)), mpmath.mpf(float(d))) for x, d in zip(k, h, strict=True)]
        differences = [log_i0(x + d) - log_i0(x) for x, d in exact]
        slopes = [slope(x) for x, _ in exact]
        gaps = [float(diff - d * s) for diff, s, (_, d) in zip(differences, slopes, exact, strict=True)]
        values = [float(log_i0(x)) for x, _ in exact]
        complements = [float(1 - s) for s in slopes]
    # mpmath.diff is good to half the digits only.
    sure = (k < 3000) | (h == 0)
    for name, arguments, expected in (
        ("log_i0_bregman", there, numpy.array(gaps)),
        ("log_i0_difference", there, numpy.array([float(d) for d in differences])),
        ("log_i0", there[:1], numpy.array(values)),
        ("bessel_ratio", there[:1], numpy.array([float(s) for s in slopes])),
        ("bessel_ratio_complement", there[:1], numpy.array(complements)),
    ):
        result = getattr(numerics, name)(*arguments)
        assert library.owns(result)
        rows = sure if name == "log_i0_bregman" else slice(None)
        numpy.testing.assert_allclose(library.host(result)[rows], expected[rows], rtol=5e-15, err_msg=name)


def test_equal_eighty_digits(library, rng):
    check(library, rng, 60)


@pytest.mark.full
def test_equal_eighty_digits_on_many(rng):
    check(Library("numpy"), rng, 5000)


def test_huge_arguments():
    # log I0 is k - log(2 pi k) / 2 + O(1/k): the gap is half that of the logarithm.
    k, t = 1e12, numpy.array([1e-8, -1e-8, 0.5, -0.5, 3.0])
    numpy.testing.assert_allclose(numerics.log_i0_bregman(k, k * t), 0.5 * numerics.log1p_gap(t), rtol=1e-11)
    assert numerics.bessel_ratio_complement(1e300) == pytest.approx(5e-301, rel=1e-15, abs=0.0)


def test_outside_the_domain_is_nan():
    numpy.testing.assert_array_equal(
        numpy.isnan(numerics.log_i0_bregman([1.0, -1.0, 1.0], [-2.0, 3.0, 1.0])), [1, 1, 0]
    )


def test_float32_stays(library):
    gap = numerics.log_i0_bregman(library.asarray([0.0, 50.0, 1e4, 1.0], "float32"), library.asarray(1.0, "float32"))
    assert library.owns(gap, "float32")
    with mpmath.workdps(40):
        expected = [float(log_i0(mpmath.mpf(k) + 1) - log_i0(mpmath.mpf(k)) - slope(mpmath.mpf(k))) for k in (0, 50, 1)]
    numpy.testing.assert_allclose(library.host(gap)[[0, 1, 3]], expected, rtol=3e-6)
    assert numpy.all(library.host(gap) > 0)


@pytest.mark.peers
def test_gradients_are_differences_of_the_slope():
    import jax
    import torch

    jax.config.update("jax_enable_x64", True)
    k, steps = numpy.array([0.5, 3.0, 50.0, 300.0, 1.0, 200.0]), numpy.array([-0.2, 1e-9, 1.0, 0.0, 500.0, -199.0])
    expected = numerics.bessel_ratio(k + steps) - numerics.bessel_ratio(k)
    h = torch.tensor(steps, requires_grad=True)
    numerics.log_i0_bregman(torch.tensor(k), h).sum().backward()
    numpy.testing.assert_allclose(h.grad.numpy(), expected, rtol=1e-12, atol=1e-15)
    gradient = jax.grad(lambda x: jax.numpy.sum(numerics.log_i0_bregman(jax.numpy.asarray(k), x)))
    numpy.testing.assert_allclose(gradient(jax.numpy.asarray(steps)), expected, rtol=1e-12, atol=1e-15)
