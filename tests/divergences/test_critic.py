"""Variational bounds: derivatives, optima, the logarithm of a mean, and what a critic sees beyond normal laws."""

import math

import numpy
import pytest
import scipy.optimize

from gamedyn.divergences import _critic, _estimate_divergence, estimate_divergence
from gamedyn.divergences._cross_fit import cross_fitted
from gamedyn.divergences._kinds import kind_of

CONCAVE = [("kl", None), ("reverse_kl", None), ("jeffreys", None), ("js", None), ("hellinger", None), ("renyi", 0.3)]


@pytest.mark.parametrize("key", CONCAVE, ids=str)
def test_derivatives_are_those_of_the_bound(key, rng):
    kind, v, h = kind_of(*key), rng.standard_normal(7), 1e-4
    sign = -1 if kind.functional == "power" else 1

    def terms(u):
        gain, loss = kind.contributions(u, u)
        return sign * gain, sign * loss

    for found, before, here, after in zip(
        _critic._derivatives(v, v, kind), terms(v - h), terms(v), terms(v + h), strict=True
    ):
        numpy.testing.assert_allclose(found[0], (after - before) / (2 * h), rtol=1e-6, atol=1e-7)
        numpy.testing.assert_allclose(found[1], (after - 2 * here + before) / h**2, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("key", CONCAVE, ids=str)
def test_weights_maximise_the_bound(key, rng):
    kind = kind_of(*key)
    at_x, at_y = (numpy.column_stack([numpy.ones(80), rng.standard_normal((80, 3))]) for _ in range(2))
    at_x[:, 1] += 0.7
    penalty = 0.1 * numpy.array([1e-6, 1.0, 1.0, 1.0])

    def loss(theta):
        return penalty @ (theta - [0, 1, 0, 0]) ** 2 / 2 - _critic._bound(at_x @ theta, at_y @ theta, kind)

    theta = _critic._newton(at_x, at_y, kind, 0.1, numpy.array([0.0, 1.0, 0.0, 0.0]))
    reference = scipy.optimize.minimize(loss, numpy.zeros(4), method="BFGS", options={"gtol": 1e-7})
    assert loss(theta) == pytest.approx(reference.fun, abs=1e-6)


def test_logarithm_of_a_mean_is_corrected(rng):
    # T = 0 under p, N(0, 1/4) under q: log E_q e^T = 1/8; means over 20 rows.
    found, plain = [], []
    for _ in range(4000):
        t_y = rng.standard_normal(20) / 2
        found.append(_critic.donsker_varadhan(numpy.zeros(5), t_y)[0])
        plain.append(-math.log(numpy.mean(numpy.exp(t_y))))
    spread = 5 * numpy.std(found, ddof=1) / math.sqrt(4000)
    # To first order the bias is (e^(1/4) - 1) / 40 = 0.0071; to second order a tenth of that is left.
    assert numpy.mean(plain) + 1 / 8 == pytest.approx(0.0071, abs=spread + 0.001)
    assert abs(numpy.mean(found) + 1 / 8) < spread + 0.001


def test_error_of_donsker_and_varadhan(rng):
    pairs = [(0.3 * rng.standard_normal(200), 0.5 * rng.standard_normal(300)) for _ in range(300)]
    values, errors = zip(*(_critic.donsker_varadhan(*pair) for pair in pairs), strict=True)
    assert numpy.mean(errors) == pytest.approx(numpy.std(values, ddof=1), rel=0.15)
    shifted = _critic.donsker_varadhan(pairs[0][0] + 900.0, pairs[0][1] + 900.0)
    assert shifted == pytest.approx((values[0], errors[0]), rel=1e-9)


def _clusters(rng, n):
    """Two clusters at +-1 of deviation 1/4, and the normal law of the same mean and variance: JS is about 0.16."""
    sign = numpy.where(rng.random(n) < 0.5, -1.0, 1.0)
    return sign + rng.standard_normal(n) / 4, rng.standard_normal(n) * math.sqrt(17 / 16)


def test_critic_sees_more_than_means_and_variances(rng):
    x, y = _clusters(rng, 400)
    grid = numpy.linspace(-6, 6, 24001)
    p = sum(numpy.exp(-8 * (grid - side) ** 2) for side in (-1, 1)) * 2 / math.sqrt(2 * math.pi)
    q = numpy.exp(-(grid**2) * 8 / 17) / math.sqrt(2 * math.pi * 17 / 16)
    with numpy.errstate(divide="ignore", invalid="ignore"):
        terms = numpy.nan_to_num(p * numpy.log(2 * p / (p + q))) + q * numpy.log(2 * q / (p + q))
    truth = float(terms.sum() * (grid[1] - grid[0]) / 2)
    by_logit = estimate_divergence(x, y, "js", method="classifier", rng=0)
    by_critic = estimate_divergence(x, y, "js", method="variational", rng=0)
    assert by_logit.value < 0.02
    assert 0.5 * truth < by_critic.value < truth + 4 * by_critic.standard_error


def test_bounds_of_one_critic(rng):
    x, y = rng.standard_normal(120), rng.standard_normal(130) + 1.0
    f_gan, nwj, dv = (
        estimate_divergence(x, y, "kl", method="variational", bound=bound, rng=0)
        for bound in ("f_gan", "nwj", "donsker_varadhan")
    )
    assert f_gan == nwj
    # log z <= z - 1: the bound of Donsker and Varadhan is the better one, but for the bias taken off it.
    assert dv.value > nwj.value - dv.standard_error
    assert dv.definition.startswith("lower bound of KL(p, q), in nats: E_p T - log E_q e^T")
    backward = estimate_divergence(y, x, "reverse_kl", method="variational", bound="donsker_varadhan", rng=0)
    assert backward.value == pytest.approx(dv.value, abs=3 * dv.standard_error)
    assert "E_q T - log E_p e^T" in backward.definition


def test_bound_of_donsker_and_varadhan_the_other_way(rng, monkeypatch):
    # p = N(0, 1.6^2), q = N(0, 1), at their log-ratio: KL(q, p) = 0.165, and KL(p, q) would be 0.310.
    def log_ratio(rows):
        return rows[:, 0] ** 2 * (1 - 1 / 1.6**2) / 2 - math.log(1.6)

    monkeypatch.setattr(_estimate_divergence, "fit_critic", lambda *arguments: log_ratio)
    x, y = 1.6 * rng.standard_normal(2000), rng.standard_normal(2000)
    bound = estimate_divergence(x, y, "reverse_kl", method="variational", bound="donsker_varadhan", rng=0)
    assert abs(bound.value - (math.log(1.6) + 0.5 / 1.6**2 - 0.5)) < 5 * bound.standard_error < 0.1


def test_critic_is_cut_at_the_logarithm_of_the_rows(rng):
    x, y = rng.standard_normal((40, 1)), rng.standard_normal((60, 1)) + 50.0
    values = _critic.fit_critic(x, y, kind_of("reverse_kl", None), rng)(numpy.linspace(-500, 500, 101)[:, None])
    assert numpy.abs(values).max() == pytest.approx(math.log(40))


def test_other_rows_choose_the_ridge(rng, monkeypatch):
    x, y = rng.standard_normal((30, 1)), rng.standard_normal((33, 1))
    seen = []

    def features(a, b, rng):
        calls = []
        seen.append(({*a[:, 0], *b[:, 0]}, calls))

        def of(rows):
            calls.append(set(rows[:, 0]))
            return numpy.column_stack([numpy.ones(len(rows)), rows[:, 0]])

        return of

    monkeypatch.setattr(_critic, "_features", features)
    _critic.fit_critic(x, y, kind_of("js", None), rng)
    assert len(seen) == 4
    judged = set()
    for fitted, calls in seen[:3]:
        held = set().union(*(rows - fitted for rows in calls))
        # Every set of rows is either one that was fitted to, or none of it was.
        assert all(rows <= fitted or not rows & fitted for rows in calls)
        judged |= held
    assert judged == seen[3][0] == {*x[:, 0], *y[:, 0]}


@pytest.mark.parametrize("kind", ["kl", "js", "pearson"])
def test_one_law_gives_no_divergence(kind, rng):
    # Bounds are below 0 on average; a critic that judged the rows it was fitted to would be above.
    pairs = [(rng.standard_normal((100, 3)), rng.standard_normal((100, 3))) for _ in range(4)]
    values = [estimate_divergence(x, y, kind, method="variational", rng=0).value for x, y in pairs]
    assert numpy.mean(values) < 0.02 + 3 * numpy.std(values) / math.sqrt(4)


def test_cross_fitting_hides_rows_and_is_shifted(rng):
    x, y = numpy.arange(50.0)[:, None], 100.0 + numpy.arange(40.0)[:, None]
    seen = []

    def fit(a, b):
        seen.append((set(a[:, 0]), set(b[:, 0])))
        number = float(len(seen))
        return lambda rows: numpy.full(len(rows), number)

    v_x, v_y = cross_fitted(x, y, kind_of("js", None), fit, folds=5, max_bytes=2**28, rng=rng)
    for row, value in zip((*x[:, 0], *y[:, 0]), (*v_x, *v_y), strict=True):
        assert row not in seen[int(value) - 1][int(row >= 100)]
    assert [len(a) for a, _ in seen] == [40] * 5
    # A constant v has the best shift -v for KL.
    shifted = cross_fitted(x, y, kind_of("kl", None), fit, folds=2, max_bytes=2**28, rng=rng)
    numpy.testing.assert_allclose(numpy.concatenate(shifted), 0.0, atol=1e-15)


def test_cross_fitting_takes_rows_that_fit_the_memory(rng):
    sizes = []

    def fit(a, b):
        sizes.append((len(a), len(b)))
        return lambda rows: rows[:, 0]

    x, y = rng.standard_normal((3000, 1)), rng.standard_normal((60, 1))
    v_x, _ = cross_fitted(x, y, kind_of("js", None), fit, folds=2, max_bytes=2**20, rng=rng)
    assert sizes == [(54, 30)] * 2
    numpy.testing.assert_array_equal(v_x, x[:, 0])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"bound": "dv"}, "`bound` must be one of 'f_gan', 'nwj', 'donsker_varadhan', got 'dv'"),
        ({"bound": "nwj", "kind": "js"}, "`bound` 'nwj' is one of KL, got the kind 'js'"),
        ({"method": "classifier", "bound": "nwj"}, "`bound` belongs to the method 'variational', got it for"),
        (
            {"method": "variational", "ratio": "kliep"},
            "`ratio` belongs to the method 'ratio', got it for 'variational'",
        ),
        ({"method": "ratio", "ratio": "lsif"}, "`ratio` must be one of 'ulsif'"),
    ],
)
def test_bad_options(options, message, rng):
    with pytest.raises(ValueError, match=message):
        estimate_divergence(rng.random(30), rng.random(30), **{"method": "variational", **options})


@pytest.mark.parametrize("method", ["ratio", "variational"])
def test_few_rows(method):
    with pytest.raises(ValueError, match="`x` must have at least 20 rows, got 19"):
        estimate_divergence(numpy.arange(19.0), numpy.arange(30.0), method=method)
