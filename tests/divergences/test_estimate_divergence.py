"""Estimates from samples: right on average where theory says so, honest intervals, bounds that stay bounds."""

import math

import numpy
import pytest
import scipy.optimize
import scipy.stats

from gamedyn import distributions as laws
from gamedyn.divergences import _logistic, _neighbours, estimate_divergence, jensen_shannon_divergence, kl_divergence
from gamedyn.divergences._cross_fit import mean_difference
from gamedyn.divergences._kinds import kind_of
from gamedyn.divergences._subsampling import subsampled_error

TRUTH = {
    "kl": 0.125,
    "js": float(jensen_shannon_divergence(laws.Normal(0.0, 1.0), laws.Normal(0.5, 1.0))),
}


def _normals(rng, n, m, d=1, shift=0.5):
    x, y = rng.standard_normal((n, d)), rng.standard_normal((m, d))
    y[:, 0] += shift
    return x, y


@pytest.mark.parametrize("kind", ["kl", "js"])
@pytest.mark.parametrize("method", ["knn", "classifier"])
def test_intervals_cover(kind, method, rng):
    # 32 samples from N(0, 1) and N(1/2, 1): as many 95 % intervals must cover as chance allows at a level of 1e-6.
    estimates = [estimate_divergence(*_normals(rng, 250, 250), kind, method=method, rng=i) for i in range(32)]
    covered = sum(e.lower <= TRUTH[kind] <= e.upper for e in estimates)
    assert covered >= scipy.stats.binom.ppf(1e-6, 32, 0.95)
    # And they may not buy that with their width: standard errors against the spread of the values.
    errors, values = [e.standard_error for e in estimates], [e.value for e in estimates]
    assert 0.6 < numpy.mean(errors) / numpy.std(values, ddof=1) < 1.6


@pytest.mark.parametrize("kind", ["kl", "js"])
@pytest.mark.parametrize("shift", [0.0, 1.0, 3.0])
def test_classifier_is_a_lower_bound(kind, shift, rng):
    p, q = laws.Normal(0.0, 1.0), laws.Normal(shift, 1.0)
    truth = float((kl_divergence if kind == "kl" else jensen_shannon_divergence)(p, q))
    estimates = [
        estimate_divergence(*_normals(rng, 300, 400, 2, shift), kind, method="classifier", rng=i) for i in range(12)
    ]
    values = [e.value for e in estimates]
    spread = numpy.std(values, ddof=1) / math.sqrt(12)
    # Student's t with 11 degrees of freedom passes 9 with a probability of 1e-6; the bound is not far below either.
    assert numpy.mean(values) < truth + 9 * spread
    assert numpy.mean(values) > 0.5 * truth - 0.05
    assert estimates[0].definition.startswith("lower bound of")


@pytest.mark.parametrize("kind", ["kl", "js"])
def test_fitted_rows_do_not_judge_the_classifier(kind, rng):
    # One law, 100 rows, 44 features: rows that the critic was fitted to would call the samples far apart.
    pairs = [_normals(rng, 100, 100, d=8, shift=0.0) for _ in range(8)]
    assert numpy.mean([estimate_divergence(x, y, kind, method="classifier", rng=0).value for x, y in pairs]) < 0


@pytest.mark.parametrize("k", [1, 3])
@pytest.mark.parametrize(("width", "truth"), [(1.0, 0.0), (2.0, math.log(2)), (4.0, math.log(4))])
def test_counts_are_unbiased_on_constant_densities(k, width, truth, rng):
    # x uniform on a circle of length 1, y on `width` such circles: density ratio `width` everywhere, and no edges.
    def circle(count, spread):
        angle = 2 * math.pi * rng.random(count)
        return numpy.stack([numpy.cos(angle), numpy.sin(angle), 100.0 * rng.integers(0, spread, count)], axis=1)

    values = [_neighbours.neighbour_kl(circle(400, 1), circle(500, int(width)), k) for _ in range(60)]
    # With digammas of the plain counts the bias is up to -0.13 at k = 1 and -0.1 at k = 3.
    assert abs(numpy.mean(values) - truth) < 5 * numpy.std(values, ddof=1) / math.sqrt(60) + 0.003


@pytest.mark.parametrize("alpha", [-0.9, 0.0, 0.5, 0.999, 2.0, 2.5])
def test_powers_by_counts_are_unbiased_on_constant_densities(alpha, rng):
    # As above: p / q is 2, so that the integral of p^a q^(1 - a) is 2^(a - 1). Gamma functions of counts instead of the
    # digammas of KL: with plain powers of a / b the bias at k = 2 is up to 0.3.
    def circle(count, spread):
        angle = 2 * math.pi * rng.random(count)
        return numpy.stack([numpy.cos(angle), numpy.sin(angle), 100.0 * rng.integers(0, spread, count)], axis=1)

    values = [_neighbours.neighbour_power(circle(400, 1), circle(500, 2), 2, alpha) for _ in range(60)]
    truth = 2.0 ** (alpha - 1)
    assert abs(numpy.mean(values) - truth) < 5 * numpy.std(values, ddof=1) / math.sqrt(60) + 0.01 * truth


def test_powers_by_counts_average_those_of_the_distances(rng):
    # Poczos and Schneider take [(n - 1) r_x / (m r_y)]^(1 - a) times Gamma(k)^2 / (Gamma(k - a + 1) Gamma(k + a - 1)),
    # r to the k-th neighbour, on the line: the same mean, but a larger spread over draws.
    def by_distances(x, y, k, alpha):
        own = numpy.sort(numpy.abs(x[:, None] - x), axis=1)[:, k]
        other = numpy.sort(numpy.abs(x[:, None] - y), axis=1)[:, k - 1]
        factor = math.gamma(k) ** 2 / (math.gamma(k - alpha + 1) * math.gamma(k + alpha - 1))
        return factor * numpy.mean(((len(x) - 1) * own / (len(y) * other)) ** (1 - alpha))

    draws = [(rng.standard_normal(150), rng.standard_normal(200) + 0.5) for _ in range(60)]
    plain = numpy.array([by_distances(x, y, 3, 1.5) for x, y in draws])
    counted = numpy.array([_neighbours.neighbour_power(x[:, None], y[:, None], 3, 1.5) for x, y in draws])
    spread = numpy.std(plain - counted, ddof=1) / math.sqrt(60)
    assert abs(numpy.mean(plain - counted)) < 5 * spread + 0.01
    assert numpy.var(counted) < numpy.var(plain)


@pytest.mark.parametrize("k", [1, 3])
def test_label_information_is_unbiased_on_constant_densities(k, rng):
    # y uniform on twice the circles of x: JS of masses (1, 0) and (1/2, 1/2).
    def circle(count, spread):
        angle = 2 * math.pi * rng.random(count)
        return numpy.stack([numpy.cos(angle), numpy.sin(angle), 100.0 * rng.integers(0, spread, count)], axis=1)

    truth = float(jensen_shannon_divergence([1.0, 0.0], [0.5, 0.5]))
    values = [_neighbours.neighbour_jensen_shannon(circle(200, 1), circle(200, 2), k) for _ in range(60)]
    assert abs(numpy.mean(values) - truth) < 5 * numpy.std(values, ddof=1) / math.sqrt(60) + 0.005


def test_duplicates_are_counted_as_masses(rng):
    # Dice with 2, 1, 1 against 1, 1, 2 quarters: no density, but no log 0; close to the divergence of the masses.
    x, y = (
        rng.choice(3, 2000, p=[0.5, 0.25, 0.25]).astype(float),
        rng.choice(3, 2000, p=[0.25, 0.25, 0.5]).astype(float),
    )
    for kind, function in (("kl", kl_divergence), ("js", jensen_shannon_divergence)):
        truth = float(function([0.5, 0.25, 0.25], [0.25, 0.25, 0.5]))
        estimate = estimate_divergence(x, y, kind, rng=0)
        assert abs(estimate.value - truth) < 5 * estimate.standard_error
    equal = estimate_divergence(numpy.ones(50), numpy.ones(50), "kl", rng=0)
    assert equal.value == pytest.approx(0.0, abs=0.03)
    assert math.isfinite(estimate_divergence(numpy.ones(50), numpy.zeros(50), "kl", rng=0).value)


@pytest.mark.parametrize("kind", ["kl", "js", "pearson"])
def test_blocks_of_distances_equal_the_tree(kind, rng, monkeypatch):
    x, y = _normals(rng, 60, 90, d=3)
    x[:20] = y[:20] = x[0]  # ties, too
    arguments = x, y, kind_of(kind, None), 4
    by_tree = _neighbours.neighbour_functional(*arguments, 2**20)
    monkeypatch.setattr(_neighbours, "_TREE_COLUMNS", 0)
    assert _neighbours.neighbour_functional(*arguments, 2**13) == pytest.approx(by_tree, abs=1e-14)


def test_common_motions_and_scales_change_nothing(rng):
    x, y = _normals(rng, 80, 80, d=2)
    turn = numpy.array([[0.0, -2.0], [2.0, 0.0]])
    moved = estimate_divergence(x @ turn + 3.0, y @ turn + 3.0, "kl", rng=0)
    assert moved.value == pytest.approx(estimate_divergence(x, y, "kl", rng=0).value, abs=1e-12)


@pytest.mark.parametrize("method", ["knn", "classifier"])
def test_gan_value_is_that_of_js(method, rng):
    x, y = _normals(rng, 100, 120)
    js = estimate_divergence(x, y, "js", method=method, rng=0)
    gan = estimate_divergence(x, y, "gan", method=method, rng=0)
    assert gan.value == pytest.approx(2 * js.value - math.log(4), abs=1e-14)
    assert gan.standard_error == pytest.approx(2 * js.standard_error, rel=1e-12, abs=0.0)


def test_far_samples(rng):
    x, y = _normals(rng, 60, 60, shift=1000.0)
    for method in ("knn", "classifier"):
        estimate = estimate_divergence(x, y, "js", method=method, rng=0)
        assert 0.6 < estimate.value <= math.log(2)
        assert 0.6 < estimate.lower <= estimate.upper <= math.log(2)
    # Without a ball that holds points of both it would be psi(2n) - psi(n) > log 2.
    assert estimate_divergence(x, y, "js", rng=0).value == math.log(2)
    assert estimate_divergence(x, y, "gan", rng=0).value == 0.0
    assert estimate_divergence(x, y, "js", rng=0).definition.endswith("5 nearest neighbours, cut to [0, 0.693147]")


@pytest.mark.parametrize("method", ["knn", "kde"])
def test_no_divergence_is_negative(method, rng):
    # Of one law about half of the estimates would be.
    found = [estimate_divergence(*_normals(rng, 200, 200, shift=0.0), "kl", method=method, rng=0) for _ in range(8)]
    assert min(estimate.value for estimate in found) == 0.0
    assert all(0.0 <= estimate.lower <= estimate.value <= estimate.upper for estimate in found)
    assert found[0].definition.endswith("cut to [0, inf)")


def test_constant_columns_and_tiny_samples(rng):
    x, y = _normals(rng, 40, 40, d=2)
    x[:, 1] = y[:, 1] = 7.0
    for method in ("knn", "classifier"):
        assert math.isfinite(estimate_divergence(x, y, "kl", method=method, rng=0).value)
    small = estimate_divergence([0.0, 1.0, 2.0], [0.5, 1.5, 2.5], "kl", rng=0)
    assert math.isfinite(small.value)
    assert math.isnan(small.standard_error)


def test_many_columns(rng):
    x, y = _normals(rng, 120, 120, d=30, shift=4.0)
    estimate = estimate_divergence(x, y, "js", method="classifier", rng=0)
    assert 0.3 < estimate.value < math.log(2)


def test_newton_finds_the_minimum(rng):
    x, y = _normals(rng, 50, 70, d=2, shift=1.0)
    design = numpy.concatenate([numpy.ones((120, 1)), numpy.concatenate([x, y])], axis=1)
    label = numpy.concatenate([numpy.ones(50), -numpy.ones(70)])
    weight = numpy.concatenate([numpy.full(50, 1.2), numpy.full(70, 120 / 140)])

    def loss(t):
        return weight @ numpy.logaddexp(0, -label * (design @ t)) + (t[1:] @ t[1:]) / 2

    reference = scipy.optimize.minimize(loss, numpy.zeros(3), method="BFGS", options={"gtol": 1e-9}).x
    numpy.testing.assert_allclose(_logistic._newton(design, label, weight), reference, atol=1e-4)


def test_results_repeat_and_inputs_stay(rng):
    x, y = _normals(rng, 60, 60)
    x.flags.writeable = y.flags.writeable = False
    for method in ("knn", "kde", "ratio", "variational", "classifier"):
        first, second = (estimate_divergence(x, y, "kl", method=method, rng=5) for _ in range(2))
        assert first == second


@pytest.mark.parametrize(
    ("x", "y", "options", "message"),
    [
        ([[1.0, 2.0]] * 5, [[1.0]] * 5, {}, "same number of columns, got 2 and 1"),
        ([1.0], [1.0, 2.0, 3.0], {}, "`x` must have at least 3 rows, got 1"),
        ([1.0, 2.0, 3.0], [[1.0], [math.nan], [0.0]], {}, "`y` must be finite, got nan in row 1, column 0"),
        ([1.0] * 9, [1.0] * 20, {"method": "classifier"}, "`x` must have at least 10 rows, got 9"),
        (numpy.zeros((2, 2, 2)), [1.0, 2.0], {}, r"`x` must have shape \(n,\) or \(n, d\)"),
        (
            [1.0, 2.0, 3.0],
            [1.0, 2.0, 3.0],
            {"kind": "lk"},
            "`kind` must be one of 'kl', .*'tsallis', got 'lk'. Did you",
        ),
        ([1.0, 2.0, 3.0], [1.0, 2.0, 3.0], {"method": "kdn"}, "`method` must be one of 'knn', 'kde'"),
        ([1.0, 2.0, 3.0], [1.0, 2.0, 3.0], {"k": 0}, "`k` must be at least 1, got 0"),
        ([], [1.0, 2.0, 3.0], {}, "`x` must have at least 3 rows, got 0"),
        ([1.0] * 9, [1.0] * 9, {"kind": "tv"}, "'knn' has no estimate of the kind 'tv'"),
        ([1.0] * 9, [1.0] * 9, {"kind": "pearson", "k": 1}, r"`k` must be larger than \|alpha - 1\| = 1 .*got 1"),
        ([1.0] * 3, [1.0] * 9, {"kind": "renyi", "alpha": 4.0}, r"`k` must be larger .* = 3 .*got 2"),
        ([1.0] * 9, [1.0] * 9, {"level": 1.0}, r"`level` must lie in \(0, 1\), got 1.0"),
        ([1.0] * 9, [1.0] * 9, {"folds": 1}, "`folds` must be at least 2, got 1"),
        ([1.0] * 9, [1.0] * 9, {"subsamples": -1}, "`subsamples` must be at least 0, got -1"),
        ([1.0] * 9, [1.0] * 9, {"max_bytes": 10}, "`max_bytes` must be at least 1048576, got 10"),
    ],
)
def test_bad_input(x, y, options, message):
    with pytest.raises(ValueError, match=message):
        estimate_divergence(x, y, **options)


def test_samples_of_every_library(library, rng):
    x, y = _normals(rng, 30, 30)
    estimate = estimate_divergence(library.asarray(x), library.asarray(y), "js", rng=0)
    assert estimate.value == pytest.approx(estimate_divergence(x, y, "js", rng=0).value, abs=1e-14)


def test_libraries_are_not_mixed():
    import array_api_strict

    for method in ("knn", "kde", "ratio", "variational", "classifier"):
        with pytest.raises(TypeError, match="array_api_strict"):
            estimate_divergence(array_api_strict.ones(30), numpy.ones(30), method=method)


def test_standard_error_can_be_left_out(rng):
    x, y = _normals(rng, 60, 60)
    estimate = estimate_divergence(x, y, "kl", subsamples=0, rng=0)
    assert estimate.value == pytest.approx(estimate_divergence(x, y, "kl", rng=0).value, abs=1e-15)
    assert math.isnan(estimate.standard_error)


@pytest.mark.parametrize("method", ["knn", "kde"])
def test_kl_the_other_way_and_both_ways(method, rng):
    x, y = rng.standard_normal((80, 2)), 2.0 * rng.standard_normal((90, 2))
    forth, back, reverse, both = (
        estimate_divergence(*pair, kind, method=method, subsamples=0, rng=0).value
        for pair, kind in (((x, y), "kl"), ((y, x), "kl"), ((x, y), "reverse_kl"), ((x, y), "jeffreys"))
    )
    assert reverse == pytest.approx(back, abs=1e-12)
    assert both == pytest.approx(forth + back, abs=1e-12)
    assert abs(forth - back) > 0.1


def test_the_order_of_rows_does_not_matter(rng):
    # JS of 300 and 100 rows of one law, in order: the pieces of the longer sample must not be its thirds.
    x, y = numpy.sort(rng.standard_normal(300)), numpy.sort(rng.standard_normal(100))
    assert abs(estimate_divergence(x, y, "js", rng=0).value) < 0.1


def test_difference_of_means_and_its_error(rng):
    gain, loss = rng.standard_normal(50), 3.0 * rng.standard_normal(20)
    value, error = mean_difference(gain, loss)
    assert value == pytest.approx(gain.mean() - loss.mean())
    assert error == pytest.approx(math.hypot(scipy.stats.sem(gain), scipy.stats.sem(loss)))


@pytest.mark.parametrize(
    ("n", "m", "sizes"), [(200, 400, (50, 100)), (4000, 8000, (500, 1000)), (10**6, 10**6, (10**4,) * 2)]
)
def test_sizes_of_subsamples(n, m, sizes, rng):
    seen = []

    def statistic(a, b):
        seen.append((len(a), len(b)))
        return 0.0

    subsampled_error(statistic, numpy.empty(n), numpy.empty(m), smallest=5, subsamples=2, rng=rng)
    assert seen == [pytest.approx(sizes, abs=1)] * 2
    assert math.isnan(subsampled_error(statistic, numpy.empty(19), numpy.empty(m), smallest=5, subsamples=2, rng=rng))


def test_subsamples_estimate_the_error_of_a_mean(rng):
    # A difference of means: sqrt(1/n + 4/m); shares of a quarter and, for many rows, of 500.
    for n, m in ((400, 200), (4000, 3000)):
        x, y = rng.standard_normal(n), 2.0 * rng.standard_normal(m)
        error = subsampled_error(lambda a, b: a.mean() - b.mean(), x, y, smallest=5, subsamples=2000, rng=rng)
        truth = math.sqrt(x.var(ddof=1) / n + y.var(ddof=1) / m)
        assert error == pytest.approx(truth, rel=0.08)  # five standard errors of a deviation of 2000 values


def test_classifier_trusts_itself_as_far_as_it_should():
    # Scores +-4 that are right four times out of five: the best a has sigmoid(4 a) = 4/5.
    s = numpy.repeat([4.0, -4.0], [80, 20])
    assert _logistic._temper(s, -s) == pytest.approx(math.log(4) / 4, rel=1e-6, abs=0.0)
    assert _logistic._temper(-s, s) == 0.0
    # Ninety-nine out of a hundred: log(99) / 4 > 1.
    s = numpy.repeat([4.0, -4.0], [99, 1])
    assert _logistic._temper(s, -s) == 1.0  # the bracket closes on its upper end


@pytest.mark.parametrize("kind", ["kl", "js"])
def test_classifier_with_many_columns_and_few_rows_claims_nothing(kind, rng):
    # 80 features for 240 training rows: the bare fit gives KL bounds below -1e10 on such data.
    x, y = rng.standard_normal((150, 40)), rng.standard_normal((150, 40))
    estimate = estimate_divergence(x, y, kind, method="classifier", rng=0)
    assert abs(estimate.value) < 0.05
    assert estimate.standard_error < 0.05


def test_subsamples_need_twice_the_neighbours(rng):
    # A quarter of the rows must hold 2 (k + 1) of each sample: 6 of 24 for k = 2.
    for rows, known in ((23, False), (24, True)):
        found = estimate_divergence(rng.standard_normal(rows), rng.standard_normal(40), k=2, rng=0)
        assert math.isfinite(found.standard_error) == known
