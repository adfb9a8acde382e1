"""MMD against its definition and closed forms, its intervals against repeated draws, and its traps."""

import math

import numpy
import pytest
import scipy.stats

from gamedyn.divergences import LaplaceKernel, RationalQuadraticKernel, RBFKernel, energy_distance
from gamedyn.divergences import maximum_mean_discrepancy as mmd
from tests.conftest import PEERS


def rbf(h):
    return lambda a, b: numpy.exp(-((a[:, None] - b[None, :]) ** 2).sum(axis=-1) / (2 * h * h))


def by_definition(k, x, y, unbiased=False):
    n, m = len(x), len(y)
    xx, yy, xy = k(x, x), k(y, y), k(x, y)
    if unbiased:
        own = (xx.sum() - numpy.trace(xx)) / (n * (n - 1)) + (yy.sum() - numpy.trace(yy)) / (m * (m - 1))
    else:
        own = xx.mean() + yy.mean()
    return own - 2 * xy.mean()


def normal_mmd(h, delta, s, t):
    """MMD^2 between N(0, s^2) and N(delta, t^2): every mean of the kernel is a Gaussian integral."""
    own = [h / math.sqrt(h * h + 2 * v * v) for v in (s, t)]
    width = h * h + s * s + t * t
    return sum(own) - 2 * h / math.sqrt(width) * math.exp(-delta * delta / (2 * width))


@pytest.mark.parametrize("d", [1, 3, 9])
@pytest.mark.parametrize("estimator", ["biased", "unbiased"])
def test_definition(d, estimator, rng):
    x, y = rng.standard_normal((90, d)), rng.standard_normal((70, d)) + 0.4
    expected = by_definition(rbf(1.3), x, y, estimator == "unbiased")
    assert mmd(x, y, RBFKernel(1.3), estimator=estimator) == pytest.approx(expected, rel=1e-12, abs=0.0)
    assert mmd(x, y, rbf(1.3), estimator=estimator) == pytest.approx(expected, rel=1e-12, abs=0.0)


def test_linear_estimator_takes_consecutive_pairs():
    # k(0, 1) + k(2, 4) - k(0, 4) - k(1, 2); the fifth row has no partner.
    k = RBFKernel(1.0)
    expected = math.exp(-0.5) + math.exp(-2) - math.exp(-8) - math.exp(-0.5)
    x, y = [0.0, 1.0, 9.0], [2.0, 4.0, 7.0, 8.0]
    assert mmd(x, y, k, estimator="linear") == pytest.approx(expected, rel=1e-14)
    assert mmd(x, y, rbf(1.0), estimator="linear") == pytest.approx(expected, rel=1e-14)


@pytest.mark.parametrize("d", [1, 2])
def test_root_and_weights(d, rng):
    x, y = rng.standard_normal((20, d)), rng.standard_normal((20, d)) + 1
    value = mmd(x, y, RBFKernel(1.0))
    assert mmd(x, y, RBFKernel(1.0), root=True) == pytest.approx(math.sqrt(value), rel=1e-15)
    # A weight of 2 is a row that stands twice, whatever the weights sum to.
    weights = numpy.ones(20)
    weights[3] = 2.0
    doubled = numpy.concatenate([x, x[3:4]])
    for function in (lambda a, b, **o: mmd(a, b, RBFKernel(1.0), **o), energy_distance):
        assert function(x, y, x_weights=5 * weights) == pytest.approx(function(doubled, y), rel=1e-13)
        assert function(y, x, y_weights=5 * weights) == pytest.approx(function(doubled, y), rel=1e-13)


def test_median_bandwidth_makes_the_unit_irrelevant(rng):
    x, y = rng.standard_normal((30, 3)), rng.standard_normal((40, 3)) + 0.5
    for kernel in ("rbf", "laplace", "rational_quadratic", "imq", RBFKernel() + RBFKernel(multiple=3.0)):
        assert mmd(1e3 * x, 1e3 * y, kernel) == pytest.approx(mmd(x, y, kernel), rel=1e-11)
    # (0, 1) and (4): distances 1, 3, 4, the median is 3.
    expected = by_definition(rbf(3.0), numpy.array([[0.0], [1.0]]), numpy.array([[4.0]]))
    assert mmd([0.0, 1.0], [4.0]) == pytest.approx(expected, rel=1e-14)


def test_constant_data_have_a_value():
    # The median is 0: documented as a bandwidth of 1.
    assert 0 <= mmd(numpy.ones(5), numpy.ones(7)) < 1e-15
    assert 0 <= mmd(numpy.ones((5, 8)), numpy.ones((7, 8)), "laplace") < 1e-15
    # Most pairs coincide, and the few that do not set the bandwidth.
    assert mmd(numpy.ones(5), numpy.full(7, 3.0)) == pytest.approx(2 - 2 * math.exp(-0.5), rel=1e-14)


def test_biased_is_never_negative_and_unbiased_may_be(rng):
    values = [mmd(rng.standard_normal((12, 2)), rng.standard_normal((12, 2)), estimator="unbiased") for _ in range(30)]
    assert min(values) < 0 < max(values)
    for _ in range(10):
        # Rounding, of either sign, is all that is left.
        x = rng.standard_normal((70, 7))
        for function in (mmd, energy_distance):
            assert 0 <= function(x, x[::-1]) < 3e-15
            found = function(x, x[::-1], return_estimate=True)
            assert 0 <= found.value < 3e-15
            assert found.lower == 0.0 <= found.upper


def test_two_rows_have_no_standard_error():
    for function in (mmd, energy_distance):
        found = function([0.0, 1.0], [2.0, 3.0, 5.0], return_estimate=True)
        assert math.isnan(found.standard_error)


def test_far_from_the_origin(rng):
    # Trap 19: a matrix product of raw coordinates leaves nothing of distances of size 1 at an offset of 1e6.
    x, y = rng.standard_normal((80, 8)), rng.standard_normal((80, 8)) + 0.5
    for kernel in (RBFKernel(2.0), LaplaceKernel(2.0), RationalQuadraticKernel(2.0)):
        assert mmd(x + 1e6, y + 1e6, kernel) == pytest.approx(mmd(x, y, kernel), rel=1e-8)
    assert energy_distance(x + 1e6, y + 1e6) == pytest.approx(energy_distance(x, y), rel=1e-8)
    single = [z.astype("float32") for z in (x + 1e3, y + 1e3)]
    exact = energy_distance(*(z.astype("float64") for z in single))
    assert energy_distance(*single) == pytest.approx(exact, rel=1e-7)


def test_estimates_agree_with_a_jackknife_done_by_hand(rng):
    # Trap 22: the error is that of the statistic itself, not the spread of values over subsets.
    x, y = rng.standard_normal((11, 2)), rng.standard_normal((8, 2)) + 0.6
    k = rbf(1.5)
    found = mmd(x, y, RBFKernel(1.5), estimator="unbiased", return_estimate=True)
    variance = 0.0
    for own, replaced in ((x, lambda z: (z, y)), (y, lambda z: (x, z))):
        left_out = [by_definition(k, *replaced(numpy.delete(own, i, axis=0)), True) for i in range(len(own))]
        variance += (len(own) - 1) * numpy.var(left_out)
    assert found.value == pytest.approx(by_definition(k, x, y, True), rel=1e-13)
    assert found.standard_error == pytest.approx(math.sqrt(variance), rel=1e-11)
    biased = mmd(x, y, RBFKernel(1.5), return_estimate=True)
    assert biased.value == pytest.approx(by_definition(k, x, y), rel=1e-13)
    assert biased.interval == found.interval
    assert biased.n == (11, 8)
    assert "bandwidth=1.5" in biased.definition


@pytest.mark.parametrize("estimator", ["unbiased", "linear"])
@pytest.mark.parametrize("delta", [0.0, 0.7])
def test_coverage(estimator, delta, rng):
    # Nominal 95 %; over 300 draws of 60 and 80 the count is binomial. Two-sided level 1e-6 about a coverage of at
    # least 92.5 % where the laws differ; where they agree the jackknife is on the safe side.
    truth = normal_mmd(1.0, delta, 1.0, 1.2 if delta else 1.0)
    scale = 1.2 if delta else 1.0
    hits = 0
    for _ in range(300):
        x, y = rng.standard_normal(60), delta + scale * rng.standard_normal(80)
        found = mmd(x, y, RBFKernel(1.0), estimator=estimator, return_estimate=True)
        hits += found.lower <= truth <= found.upper
    assert hits >= scipy.stats.binom.ppf(5e-7, 300, 0.925)
    if delta:
        assert hits <= scipy.stats.binom.ppf(1 - 5e-7, 300, 0.97)


def test_unbiased_mean_is_the_closed_form(rng):
    truth = normal_mmd(0.8, 1.0, 1.0, 0.5)
    values = [
        mmd(rng.standard_normal(20), 1 + 0.5 * rng.standard_normal(15), RBFKernel(0.8), estimator="unbiased")
        for _ in range(400)
    ]
    # Two-sided level 1e-6 of the mean of 400.
    assert abs(numpy.mean(values) - truth) < 4.9 * numpy.std(values) / 20


@pytest.mark.parametrize("kernel", [None, RBFKernel(1.3), LaplaceKernel(0.9) + RationalQuadraticKernel(2.0), "rbf"])
def test_libraries_agree(library, kernel, rng):
    x, y = rng.standard_normal((25, 6)), rng.standard_normal((31, 6)) + 0.3
    function = energy_distance if kernel is None else lambda a, b, **o: mmd(a, b, kernel, **o)
    for estimator in ("biased", "unbiased", "linear"):
        expected = float(function(x, y, estimator=estimator))
        found = function(library.asarray(x), library.asarray(y), estimator=estimator)
        assert library.owns(found)
        assert found.shape == ()
        assert float(found) == pytest.approx(expected, rel=3e-13, abs=2e-15)
        single = function(library.asarray(x, "float32"), library.asarray(y, "float32"), estimator=estimator)
        assert library.owns(single, "float32")
        assert float(single) == pytest.approx(expected, rel=1e-4, abs=1e-6)
    host = function(library.asarray(x), library.asarray(y), return_estimate=True)
    assert isinstance(host.value, float)


def test_blocks_of_other_libraries_change_nothing(rng, monkeypatch):
    from gamedyn.divergences import _discrepancy, _pairwise
    from tests.conftest import Library

    strict = Library("array_api_strict")
    x, y = strict.asarray(rng.standard_normal((25, 6))), strict.asarray(rng.standard_normal((31, 6)))
    whole = float(mmd(x, y))
    monkeypatch.setattr(_discrepancy, "_NATIVE_ENTRIES", 70)
    monkeypatch.setattr(_pairwise, "_DIRECT_ENTRIES", 200)
    assert float(mmd(x, y)) == pytest.approx(whole, rel=1e-13)


def test_bounded_memory_changes_nothing(rng):
    x, y = rng.standard_normal((300, 6)), rng.standard_normal((200, 6))
    for function in (mmd, energy_distance):
        assert function(x, y, max_bytes=2**16) == pytest.approx(function(x, y), rel=1e-12)


def test_inputs_are_not_written_to(rng):
    x, y = rng.standard_normal((70, 6)), rng.standard_normal((70, 6))
    x.flags.writeable = y.flags.writeable = False
    for function in (mmd, energy_distance):
        function(x, y, return_estimate=True)
        function(x, y)


def test_progress_is_a_bar_over_blocks(rng, monkeypatch):
    import sys
    import types

    seen = []

    def bar(iterable, **options):
        seen.append((len(iterable), options["desc"]))
        return iterable

    monkeypatch.setitem(sys.modules, "tqdm", types.SimpleNamespace(tqdm=bar))
    x = rng.standard_normal((100, 2))
    mmd(x, x + 1, progress=True)
    assert seen == [(4, "pairs of rows")]


@pytest.mark.parametrize(
    ("x", "y", "options", "error", "message"),
    [
        ([], [1.0], {}, ValueError, "`x` must have at least 1 rows, got 0"),
        ([1.0], [1.0, 2.0], {"estimator": "unbiased"}, ValueError, "`x` must have at least 2 rows, got 1"),
        ([1.0, 2.0], [1.0], {"return_estimate": True}, ValueError, "`y` must have at least 2 rows, got 1"),
        ([1.0, math.nan], [1.0], {}, ValueError, "`x` must be finite, got nan in row 1, column 0"),
        ([[1.0]], [[1.0, 2.0]], {}, ValueError, "same number of columns, got 1 and 2"),
        ([[[1.0]]], [1.0], {}, ValueError, r"`x` must have shape \(n,\) or \(n, d\)"),
        ([1.0], [1.0], {"estimator": "u"}, ValueError, "`estimator` must be one of"),
        ([1.0], [1.0], {"max_bytes": 10}, ValueError, "`max_bytes` must be at least 65536"),
        ([1.0, 2.0], [1.0, 2.0], {"estimator": "unbiased", "root": True}, ValueError, "`root` is for `estimator` 'bia"),
        ([1.0], [1.0], {"x_weights": [1.0, 2.0]}, ValueError, r"`x_weights` must have shape \(1,\)"),
        ([1.0], [1.0], {"y_weights": [-1.0]}, ValueError, "`y_weights` must be finite and not negative, got -1.0"),
        ([1.0], [1.0], {"y_weights": [0.0]}, ValueError, "`y_weights` must hold a positive weight"),
        ([1.0, 2.0], [1.0, 3.0], {"y_weights": [1.0, 1.0], "estimator": "linear"}, ValueError, "weights are for"),
        ([1.0, 2.0], [1.0, 3.0], {"root": True, "return_estimate": True}, ValueError, "`return_estimate` needs"),
        ([True], [1.0], {}, TypeError, "`x` must hold numbers, got booleans"),
    ],
)
def test_bad_input(x, y, options, error, message):
    for function in (mmd, energy_distance):
        with pytest.raises(error, match=message):
            function(x, y, **options)


def test_bad_kernels():
    with pytest.raises(ValueError, match=r"`kernel` must return shape \(3, 3\) for these rows, got an array of shape"):
        mmd([1.0, 2.0], [3.0], lambda a, b: numpy.ones(3))
    with pytest.raises(ValueError, match="`kernel` must return finite numbers"):
        mmd([1.0, 2.0], [3.0], lambda a, b: numpy.full((len(a), len(b)), math.nan))


def test_libraries_do_not_mix():
    import array_api_strict

    for function in (mmd, energy_distance):
        with pytest.raises(TypeError, match="cannot be mixed, got numpy and array_api_strict"):
            function(numpy.ones(2), array_api_strict.ones(2))


both = pytest.mark.parametrize("peer", ["torch", "jax"])


def gradients(peer, function, x, y):
    if peer == "torch":
        import torch

        a, b = (torch.tensor(z, dtype=torch.float64, requires_grad=True) for z in (x, y))
        function(a, b).backward()
        return a.grad.numpy(), b.grad.numpy()
    import jax

    jax.config.update("jax_enable_x64", True)
    found = jax.jit(jax.grad(lambda a, b: function(a, b, check=False), argnums=(0, 1)))(
        jax.numpy.asarray(x), jax.numpy.asarray(y)
    )
    return tuple(numpy.asarray(g) for g in found)


@pytest.mark.peers
@pytest.mark.skipif(not PEERS, reason="make test-peers has PyTorch and JAX")
@both
@pytest.mark.parametrize("estimator", ["biased", "unbiased"])
def test_gradients_are_those_of_differences(peer, estimator, rng):
    x, y = rng.standard_normal((7, 2)), rng.standard_normal((5, 2)) + 0.5
    for function in (
        lambda a, b, **o: mmd(a, b, RBFKernel(1.3), estimator=estimator, **o),
        lambda a, b, **o: mmd(a, b, estimator=estimator, **o),
        lambda a, b, **o: energy_distance(a, b, estimator=estimator, **o),
    ):
        for side, gradient in enumerate(gradients(peer, function, x, y)):
            direction, step = rng.standard_normal(gradient.shape), 1e-6
            shifted = [[x, y], [x, y]]
            shifted[0][side], shifted[1][side] = (
                shifted[0][side] + step * direction,
                shifted[1][side] - step * direction,
            )
            slope = (function(*shifted[0]) - function(*shifted[1])) / (2 * step)
            assert numpy.sum(gradient * direction) == pytest.approx(slope, rel=1e-6, abs=1e-9)


@pytest.mark.peers
@pytest.mark.skipif(not PEERS, reason="make test-peers has PyTorch and JAX")
@both
@pytest.mark.parametrize("root", [False, True])
def test_gradients_at_coincident_points_are_finite(peer, root, rng):
    # Trap 20: the root of a squared distance has no derivative at 0.
    x = rng.standard_normal((6, 3))
    x[1] = x[0]
    for function in (
        lambda a, b, **o: energy_distance(a, b, root=root, **o),
        lambda a, b, **o: mmd(a, b, LaplaceKernel(1.0), root=root, **o),
        lambda a, b, **o: mmd(a, b, RBFKernel(), root=root, **o),
    ):
        for y in (x, x[::-1].copy(), x[:2], numpy.ones((4, 3))):
            for gradient in gradients(peer, function, x, y):
                assert numpy.isfinite(gradient).all()
        for gradient in gradients(peer, function, numpy.ones((3, 3)), numpy.ones((4, 3))):
            numpy.testing.assert_array_equal(gradient, 0.0)
