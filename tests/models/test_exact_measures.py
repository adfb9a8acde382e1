"""Exact divergences during a training: against sums over the line, closed forms by hand, and a critic that is best."""

import math
from unittest import mock

import numpy
import pytest

from gamedyn.data import gaussian_ring
from gamedyn.distributions import Mixture, MultivariateNormal, Normal
from gamedyn.divergences import ReverseKullbackLeibler
from gamedyn.models import TrainingHistory
from gamedyn.models._training_measures import TrainingMeasures
from gamedyn.nn import Dense, Network, ReLU
from gamedyn.objectives import FGAN, LeastSquares
from tests.models.gan_runs import small
from tests.models.test_gan_measures import NoQuantiles

NAMES = ("jensen_shannon", "kullback_leibler", "wasserstein_2", "critic_optimum")
X = numpy.linspace(-30, 30, 120_001)
STEP = X[1] - X[0]
LINE = Network((Dense(1, 1),), 1)


def affine(inputs, outputs):
    return Network((Dense(inputs, outputs), Dense(outputs, outputs)), inputs)


def measured(law, **parameters):
    """The measures of an untrained GAN on samples of the law, and the GAN."""
    features = law.event_shape[0] if law.event_shape else 1
    chosen = {"generator": affine(2, features), "dtype": "float64", "steps": 0, "target": law, **parameters}
    # W1 to a mixture takes longer than all else, and has tests of its own.
    with mock.patch.object(TrainingMeasures, "_wasserstein", return_value=math.nan):
        gan = small(**chosen).fit(law.sample(40, rng=0).reshape(40, features))
    return gan._fit.training().measures, gan


def normal(x, loc, scale):
    return numpy.exp(-((x - loc) ** 2) / (2 * scale**2)) / (scale * math.sqrt(2 * math.pi))


def on_line(z, weight, bias):
    """z with the generator x = weight z_0 + bias, of `affine(2, 1)`."""
    z = numpy.array(z)
    z[:5] = weight, 0.0, 0.0, 1.0, bias
    return z


@pytest.mark.parametrize(
    ("objective", "gain"),
    [
        # What the best discriminator gains pointwise on the best constant.
        ("minimax", lambda p, q: p * numpy.log(2 * p / (p + q)) + q * numpy.log(2 * q / (p + q))),
        ("non-saturating", lambda p, q: p * numpy.log(2 * p / (p + q)) + q * numpy.log(2 * q / (p + q))),
        # (s - 3)^2 / 2 and (s + 1)^2 / 2: 2 is lost on average at s = 1, 8 p q / (p + q) at the best s.
        (LeastSquares(3.0, -1.0, 3.0), lambda p, q: 2 * (p + q) - 8 * p * q / (p + q)),
        ("hinge", lambda p, q: abs(p - q)),
        ("kullback-leibler", lambda p, q: p * numpy.log(p / q)),
        (FGAN(ReverseKullbackLeibler(), saturating=False), lambda p, q: q * numpy.log(q / p)),
        ("wasserstein", lambda p, q: numpy.full_like(p, math.nan)),
    ],
    ids=("minimax", "non-saturating", "least-squares", "hinge", "kl", "reverse-kl", "wasserstein"),
)
def test_on_the_line_all_are_sums_over_it(objective, gain):
    measures, gan = measured(Mixture([0.3, 0.7], [Normal(-1.0, 0.5), Normal(2.0, 0.8)]), objective=objective)
    p, q = 0.3 * normal(X, -1, 0.5) + 0.7 * normal(X, 2, 0.8), normal(X, 0.5, 2.0)
    found, keep = measures.exact(on_line(gan.z_, 2.0, 0.5), None), p * q > 0
    p, q = p[keep], q[keep]
    js = (p * numpy.log(2 * p / (p + q)) + q * numpy.log(2 * q / (p + q))).sum() * STEP / 2
    assert found["jensen_shannon"] == pytest.approx(js, rel=1e-7)
    assert found["kullback_leibler"] == pytest.approx((p * numpy.log(p / q)).sum() * STEP, rel=1e-7)
    assert found["critic_optimum"] == pytest.approx(gain(p, q).sum() * STEP, rel=1e-6, nan_ok=True)
    # Of a mixture it would cost more than the rest of the training.
    assert math.isnan(found["wasserstein_2"])


def test_normal_laws_in_any_dimension():
    measures, gan = measured(Normal(1.0, 0.5))
    found = measures.exact(on_line(gan.z_, -2.0, 0.5), None)
    # log(s_q / s_p) + (s_p^2 + (m_p - m_q)^2) / (2 s_q^2) - 1/2, and |(m_p - m_q, s_p - s_q)|.
    assert found["kullback_leibler"] == pytest.approx(math.log(4) + 0.5 / 8 - 0.5, rel=1e-12)
    assert found["wasserstein_2"] == pytest.approx(math.hypot(0.5, 1.5), rel=1e-12)
    for features, known in ((2, True), (3, False)):
        law = MultivariateNormal(numpy.zeros(features), numpy.eye(features))
        measures, gan = measured(law, generator=Network((Dense(features, features),), features), latent_dim=features)
        z = numpy.array(gan.z_)
        z[: features**2 + features] = numpy.append(numpy.eye(features), [2.0] + [0.0] * (features - 1))
        found = measures.exact(z, None)
        # Only the first feature differs: N(0, 1) against N(2, 1).
        assert found["kullback_leibler"] == pytest.approx(2.0, rel=1e-12)
        assert found["wasserstein_2"] == pytest.approx(2.0, rel=1e-12)
        p, q = normal(X, 0, 1), normal(X, 2, 1)
        js = (p * numpy.log(2 / (1 + q / p)) + q * numpy.log(2 / (1 + p / q)))[abs(X) < 20].sum() * STEP / 2
        assert found["jensen_shannon"] == pytest.approx(js if known else math.nan, rel=1e-7, nan_ok=True)
        assert found["critic_optimum"] == pytest.approx(2 * js if known else math.nan, rel=1e-7, nan_ok=True)


@pytest.mark.parametrize("objective", ["minimax", "kullback-leibler"])
def test_the_best_critic_has_no_gap(objective):
    # log p / q of N(1, 1) and N(0, 1) is x - 1/2, which this critic can say.
    options = {"generator": LINE, "discriminator": LINE, "latent_dim": 1, "objective": objective, "dtype": "float64"}
    law = Normal(1.0, 1.0)
    gan = small(**options, steps=0, target=law).fit(law.sample(1000, rng=0)[:, None])
    # An affine function of log p / q under both objectives.
    measures, (at_zero, at_one) = gan._fit.training().measures, gan._fit.objective.optimal_output(numpy.arange(2.0))
    best = numpy.array([1.0, 0.0, at_one - at_zero, at_zero - (at_one - at_zero) / 2])
    found = measures(best, None)
    # 1,000 samples of either law, whose terms have a spread of at most 1.5.
    assert found["critic_estimate"] == pytest.approx(found["critic_optimum"], abs=5 * 1.5 / math.sqrt(1000) * 2**0.5)
    assert measures(numpy.array([1.0, 0.0, 0.0, at_zero]), None)["critic_estimate"] == pytest.approx(0, abs=1e-12)


def test_where_the_law_is_not_known_nothing_is_said():
    line = Normal(0.0, 1.0)

    def known(**parameters):
        measures, gan = measured(parameters.pop("law", line), **parameters)
        found = measures.exact(parameters.get("z", gan.z_), None)
        return [name for name in NAMES if not math.isnan(found[name])]

    assert known() == list(NAMES)
    assert known(packing=2) == known(instance_noise=0.1) == list(NAMES[:3])
    # Affine at every point that one would try, were the kink out of reach.
    assert known(generator=Network((Dense(2, 3), ReLU(), Dense(3, 1)), 2)) == []
    assert known(law=gaussian_ring(3)) == []
    assert known(target=None) == []
    measures, gan = measured(line)
    for weight in (0.0, math.nan, math.inf):
        assert all(math.isnan(value) for value in measures.exact(on_line(gan.z_, weight, 0.0), None).values())
    for weight, bias in ((1.0, 1e6), (1e30, 1e30)):
        assert measures.exact(on_line(gan.z_, weight, bias), None)["critic_optimum"] == pytest.approx(2 * math.log(2))
    assert known(law=NoQuantiles()) == []
    labelled = small(generator=affine(4, 1), dtype="float64", steps=0, target=line)
    labelled.fit(line.sample(40, rng=0)[:, None], numpy.arange(40) % 2)
    assert math.isnan(labelled.history_.jensen_shannon[-1])


def test_the_average_is_judged_and_the_critic_plays_the_last():
    measures, gan = measured(Normal(0.0, 1.0), objective="minimax")
    here, there = on_line(gan.z_, 1.0, 0.0), on_line(gan.z_, 3.0, 0.5)
    found, alone = measures.exact(here, there[: measures.model.dims[0]]), measures.exact(there, None)
    assert [found[name] for name in NAMES[:3]] == [alone[name] for name in NAMES[:3]]
    assert found["critic_optimum"] == pytest.approx(0.0, abs=1e-12)
    assert alone["critic_optimum"] > 0.1


def test_records_reach_the_history_and_the_bar():
    notes = []
    law = Normal(0.0, 1.0)
    gan = small(generator=LINE, latent_dim=1, target=law, progress=lambda step, steps, note="": notes.append(note))
    gan.fit(law.sample(60, rng=0)[:, None])
    history = gan.history_
    assert notes[-1].startswith(f"JS {history.jensen_shannon[-1]:.3g}, W1 ")
    assert f"critic {history.critic_estimate[-1]:.3g} of {history.critic_optimum[-1]:.3g}, " in notes[-1]
    assert "jensen_shannon   " in str(history)
    small(steps=1, progress=lambda *told: notes.append(told[-1])).fit(numpy.ones((20, 2)))
    assert notes[-1].startswith("W1 ")
    assert " of " not in notes[-1]


def test_records_of_an_older_file_lack_them():
    gan = small(steps=2).fit(numpy.random.default_rng(0).normal(size=(30, 2)))
    old = [{k: v for k, v in record.items() if k not in NAMES} for record in gan._fit.point.records]
    history = TrainingHistory.from_records(old)
    assert numpy.isnan(history.critic_optimum).all()
    numpy.testing.assert_array_equal(history.losses, gan.history_.losses)
    with pytest.raises(KeyError, match="losses"):
        TrainingHistory.from_records([{"steps": 0}])
