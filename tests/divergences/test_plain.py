"""The plain forms of KL and JS give the numbers of the general form, and only where they keep the digits."""

import math
import tracemalloc

import numpy
import pytest

from gamedyn.divergences import JensenShannon, KullbackLeibler, jensen_shannon_divergence, kl_divergence
from gamedyn.divergences._arrays import jensen_shannon_of_arrays, relative_entropy_of_arrays
from gamedyn.divergences._pair import Pair

both = pytest.mark.parametrize("divergence", [KullbackLeibler(), JensenShannon()], ids=["KL", "JS"])


def general(divergence, p, q):
    """By log-probabilities, which no faster form takes, added without rounding."""
    with numpy.errstate(divide="ignore"):
        pair = Pair(numpy, p.astype(float), q.astype(float), numpy.log(p), numpy.log(q), p.astype(float) - q)
    terms = divergence.terms(pair).reshape(-1, p.shape[-1])
    return numpy.array([math.fsum(row) for row in terms]).reshape(p.shape[:-1])


def pmfs(rng, shape, step, zeros=False):
    p = rng.random(shape) + 1e-3
    q = p * numpy.exp(step * rng.standard_normal(shape))
    if zeros:
        p[..., ::3] = 0.0
        q[..., ::2] = 0.0 if step < 1 else q[..., ::2]
        p[..., ::2] = 0.0 if step < 1 else p[..., ::2]
    return p / p.sum(axis=-1, keepdims=True), q / q.sum(axis=-1, keepdims=True)


@both
@pytest.mark.parametrize("step", [3.0, 0.5, 0.1, 0.05, 0.02, 1e-3, 1e-8])
@pytest.mark.parametrize("shape", [(2,), (10,), (70, 1000), (2, 20000), (2, 3, 50)])
@pytest.mark.parametrize("zeros", [False, True])
def test_plain_forms_keep_the_digits(divergence, step, shape, zeros, rng):
    p, q = pmfs(rng, shape, step, zeros)
    for array in (p, q):
        array.flags.writeable = False
    numpy.testing.assert_allclose(divergence(p, q), general(divergence, p, q), rtol=2e-14)


@both
def test_rows_of_every_kind_in_one_block(divergence, rng):
    rows = [pmfs(rng, 12, step, zeros) for step in (3.0, 0.02, 1e-6, 0.0) for zeros in (False, True)]
    p, q = (numpy.array(part) for part in zip(*rows, strict=True))
    p, q = numpy.concatenate([p, numpy.eye(12)[:2]]), numpy.concatenate([q, numpy.eye(12)[1:3]])
    value = divergence(p, q)
    numpy.testing.assert_allclose(value, general(divergence, p, q), rtol=2e-14)
    assert value[-1] == divergence.supremum
    numpy.testing.assert_allclose([divergence(*row) for row in zip(p, q, strict=True)], value, rtol=2e-14)


@both
@pytest.mark.parametrize("step", [1.0, 0.05, 1e-3])
def test_single_precision_stays(divergence, step, rng):
    p, q = (part.astype("float32") for part in pmfs(rng, (40, 100), step))
    value = divergence(p, q)
    assert value.dtype == numpy.float32
    numpy.testing.assert_allclose(value, general(divergence, p.astype(float), q.astype(float)), rtol=1e-5)


def test_masses_whose_ratio_leaves_the_range():
    # KL = log(1/2) / 2 + (log(1/2) - log(q)) / 2, q = 2^-1074; -log(q) = 1074 log 2: 1072 log 2 / 2 in all.
    q = [1.0, 5e-324]
    expected = (1074 - 2) * math.log(2) / 2
    assert kl_divergence(numpy.array([0.5, 0.5]), numpy.array(q)) == pytest.approx(expected, rel=1e-14, abs=0.0)
    rows = numpy.array([[0.5, 0.5], [0.5, 0.5], [0.25, 0.75]]), numpy.array([q, [1.0, 0.0], [0.75, 0.25]])
    # log(3) / 2: (3/4 - 1/4) log 3.
    numpy.testing.assert_allclose(kl_divergence(*rows), [expected, math.inf, math.log(3) / 2], rtol=1e-14)
    # m = (3/4, 1/4): [log(2/3) / 2 + log(2) / 2 + log(4/3)] / 2.
    assert jensen_shannon_divergence(*(row[0] for row in rows)) == pytest.approx(
        0.75 * math.log(4 / 3), rel=1e-14, abs=0.0
    )


@both
def test_far_masses_take_the_plain_form(divergence, rng, monkeypatch):
    p, q = pmfs(rng, (70, 1000), 1.0)
    close = pmfs(rng, (70, 1000), 1e-3)
    monkeypatch.setattr(type(divergence), "terms", lambda self, pair: pytest.fail("the slower form was used"))
    divergence(p, q)
    divergence(p[0], q[0], base=2, keepdims=True)
    # Zeros in both, and masses that are lost against the other's, in either form.
    for step in (1.0, 0.1):
        a = rng.random((70, 1000)) + 1e-3
        b = a * numpy.exp(step * rng.standard_normal(a.shape))
        a[:, ::3], b[:, ::3], a[:, 1], b[:, 4] = 0.0, 0.0, 1e-20, 1e-20
        divergence(a / a.sum(axis=1, keepdims=True), b / b.sum(axis=1, keepdims=True))
    with pytest.raises(pytest.fail.Exception, match="slower"):
        divergence(*close)


@both
def test_wrong_masses_are_still_named(divergence):
    good = numpy.full((3, 4), 0.25)
    for bad, message in (
        ([0.5, 0.5, 0.5, -0.5], r"`q` must hold finite non-negative probabilities, got -0.5 at index \(1, 3\)"),
        ([0.5, 0.5, math.nan, 0.0], r"`q` must not hold NaN, got one at index \(1, 2\)"),
        ([0.5, 0.5, math.inf, 0.0], r"`q` must hold finite non-negative probabilities, got inf at index \(1, 2\)"),
        ([0.5, 0.5, 0.1, 0.0], r"`q` must sum to 1 over its outcomes, got 1.1 at batch index \(1,\)"),
    ):
        q = good.copy()
        q[1] = bad
        with pytest.raises(ValueError, match=message):
            divergence(good, q)
        with pytest.raises(ValueError, match=message.replace(r"(1, ", "(").replace(r" at batch index \(1,\)", "")[:12]):
            divergence(good[0], q[1])
    with pytest.raises(ValueError, match=r"`p` must hold finite non-negative probabilities, got -0\.1 at index"):
        divergence(numpy.array([-0.1, 1.1]), numpy.array([-0.1, 1.1]))
    # Without the check sums are taken as they are: p log(p / q) - p + q at p = (1, 1), q = (1/4, 1/4).
    twice = KullbackLeibler()(numpy.ones(2), numpy.full(2, 0.25), check=False)
    assert twice == pytest.approx(2 * (math.log(4) - 0.75), rel=1e-14, abs=0.0)


@both
def test_array_forms_equal_the_general_terms(divergence, rng):
    fast = relative_entropy_of_arrays if isinstance(divergence, KullbackLeibler) else jensen_shannon_of_arrays
    p, q = pmfs(rng, (4, 300), 0.15)
    p[1, ::4], q[1, ::8] = 0.0, 0.0
    p[2], q[2] = 1.0, rng.random(300) * 0.01
    with numpy.errstate(divide="ignore"):
        expected = divergence.terms(Pair(numpy, p, q, numpy.log(p), numpy.log(q), p - q))
    for rows in (slice(None), slice(0, 1), slice(1, 2), slice(2, 3)):
        # Either closed form is off by some eps p where its value is 2 p d^2, d = 0.1 at least.
        numpy.testing.assert_allclose(fast(p[rows], q[rows], (p - q)[rows]), expected[rows], rtol=1e-13)
    assert fast(numpy.array([1e-200, 1.0]), numpy.array([1e-300, 1.0]), numpy.array([1e-200, 0.0])) is None


@both
@pytest.mark.parametrize("step", [0.5, 1e-4])
@pytest.mark.parametrize("normalize", [False, True])
def test_one_long_row_needs_little_memory(divergence, step, normalize, rng):
    p, q = pmfs(rng, 1_000_000, step)
    expected = float(general(divergence, p, q))
    tracemalloc.start()
    value = divergence(p, q, normalize=normalize)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert value == pytest.approx(expected, rel=2e-14, abs=0.0)
    # A mask of one byte for each outcome, and blocks: a temporary of p would be 8 MB.
    assert peak < 5e6


@pytest.mark.full
def test_ten_to_the_eight_masses(rng):
    size = 10**8
    p, q = rng.random((2, size), dtype="float32")
    p, q = (part / part.sum(dtype=float) for part in (p.astype(float), q.astype(float)))
    tracemalloc.start()
    value = jensen_shannon_divergence(p, q)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2e8
    # E [u log(2u / (u + v)) + v log(2v / (u + v))] for uniform u, v, where masses are 2u / size: by quadrature.
    from scipy.integrate import dblquad

    exact = dblquad(lambda u, v: u * math.log(2 * u / (u + v)) + v * math.log(2 * v / (u + v)), 0, 1, 0, 1)[0]
    assert value == pytest.approx(exact, rel=1e-3)


def test_disjoint_supports_never_pass_the_bound(rng):
    # Rounding of the sum alone would, about as often as not.
    p, q = numpy.zeros((2, 2000, 12))
    p[:, :6], q[:, 6:] = rng.dirichlet(numpy.ones(6), size=(2, 2000))
    value = jensen_shannon_divergence(p, q)
    assert (value <= math.log(2)).all()
    assert (value > math.log(2) * (1 - 1e-14)).all()


@both
def test_axis_base_and_bound_of_the_plain_form(divergence, rng):
    p, q = pmfs(rng, (4, 4), 1.0)
    for options, expected in (
        ({"axis": 0}, [divergence(list(a), list(b)) for a, b in zip(p, q, strict=True)]),
        ({"axis": 0, "base": 2, "check": False}, divergence(p, q) / math.log(2)),
    ):
        turned = numpy.ascontiguousarray(p.T), numpy.ascontiguousarray(q.T)
        numpy.testing.assert_allclose(divergence(*turned, **options), expected, rtol=1e-14)
    numpy.testing.assert_allclose(
        divergence(p[0], q[0], base=2), general(divergence, p, q)[0] / math.log(2), rtol=1e-14
    )
    # Long rows whose sums nobody checks: half of the masses twice.
    a, b = pmfs(rng, 10_000, 1.0)
    twice = divergence(numpy.tile(a, 2), numpy.tile(b, 2), check=False)
    assert twice == pytest.approx(2 * divergence(a, b), rel=1e-13, abs=0.0)
