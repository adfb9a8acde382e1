"""What a GAN measures while it is trained: each number against its definition."""

import numpy
import pytest

from gamedyn.data import gaussian_ring
from gamedyn.distributions import Distribution, MultivariateNormal, Normal
from gamedyn.models import TrainingHistory
from gamedyn.nn import mlp
from gamedyn.objectives import LeastSquares
from tests.models.gan_runs import small

DATA = numpy.random.default_rng(0).normal([2.0, -1.0], 1.0, (40, 2))


def test_the_history_measures_what_it_says():
    law = Normal(1.0, 0.5)
    data = law.sample(60, rng=0)[:, None]
    gan = small(objective="minimax", dtype="float64", target=law, evaluate_every=4).fit(data)
    history = gan.history_
    assert isinstance(history, TrainingHistory)
    assert history.steps.tolist() == [0, 4, 6]
    game = gan.as_game()
    numpy.testing.assert_allclose(history.losses[-1], game.losses(gan.z_), rtol=1e-12)
    xi = game.simultaneous_gradient(gan.z_)
    parts = numpy.linalg.norm(xi[: game.dims[0]]), numpy.linalg.norm(xi[game.dims[0] :])
    numpy.testing.assert_allclose(history.gradient_norms[-1], parts, rtol=1e-12)
    # The best constant logit is 0, where the discriminator pays log 4.
    assert history.critic_estimate[-1] == pytest.approx(numpy.log(4) - history.losses[-1, 1], rel=1e-12)
    # W_1 = integral of |F_n - F| dx, by a fine sum.
    fake = numpy.sort(gan._fit.training().measures.clean.fake(gan.z_)[:, 0])
    x = numpy.linspace(min(fake[0], -3) - 1, max(fake[-1], 5) + 1, 400_001)
    gap = numpy.abs(numpy.searchsorted(fake, x, side="right") / len(fake) - law.cdf(x))
    assert history.wasserstein[-1] == pytest.approx(numpy.sum(gap) * (x[1] - x[0]), rel=1e-4)
    assert numpy.isnan(small(steps=0).fit(data).history_.modes).all()
    assert "3 records, steps 0 to 6" in str(history)
    assert len(history) == 3


def test_modes_are_counted_where_the_target_has_some():
    ring = gaussian_ring(4, scale=0.2)
    # A generator that does not look at its noise and always answers the same, near one of the four modes or none.
    gan = small(target=ring, steps=0, generator=mlp((2, 2)), dtype="float64").fit(ring.sample(200, rng=0))
    measures = gan._fit.training().measures
    for answer, expected in (([1.0, 0.1], [1.0, 1.0]), ([0.0, 0.0], [0.0, 0.0])):
        z = numpy.zeros_like(gan.z_)
        z[4:6] = answer
        assert [measures(z, None)[name] for name in ("modes", "high_quality")] == expected
    assert measures.clean.latent_samples.shape[0] == 2500
    assert not numpy.isnan(gan.history_.modes).any()


def test_gradients_are_those_of_the_game_with_its_penalty():
    gan = small(dtype="float64", penalty="r1", penalty_weight=5.0, evaluate_every=6).fit(DATA)
    xi = gan.as_game().simultaneous_gradient(gan.z_)
    parts = numpy.linalg.norm(xi[:22]), numpy.linalg.norm(xi[22:])
    numpy.testing.assert_allclose(gan.history_.gradient_norms[-1], parts, rtol=1e-12)
    # The losses are without it.
    plain = gan.as_game().game.losses(gan.z_)
    numpy.testing.assert_allclose(gan.history_.losses[-1], plain, rtol=1e-12)


@pytest.mark.parametrize(
    ("objective", "blind"),
    [
        ("minimax", numpy.log(4)),
        ("wasserstein", 0.0),
        ("hinge", 2.0),
        # (s - 1)^2 / 2 + (s + 1)^2 / 2 is least at s = 0.
        (LeastSquares(1.0, -1.0, 0.0), 1.0),
        # (s - 1)^2 / 2 + s^2 / 2 is least at s = 1 / 2.
        ("least-squares", 0.25),
        ("kullback-leibler", 0.0),
    ],
    ids=str,
)
def test_the_critics_estimate_is_what_it_gains_on_the_best_constant(objective, blind):
    history = small(objective=objective, dtype="float64", evaluate_every=6).fit(DATA).history_
    numpy.testing.assert_allclose(history.critic_estimate, blind - history.losses[:, 1], rtol=1e-9, atol=1e-12)


def test_samples_are_the_averages_and_without_noise():
    # Generators that answer a constant: W_1 to data at another one is their distance.
    data = numpy.zeros((20, 2))
    gan = small(generator=mlp((2, 2)), dtype="float64", steps=0, instance_noise=3.0).fit(data)
    measures, z, average = gan._fit.training().measures, numpy.zeros_like(gan.z_), numpy.zeros(6)
    z[4:6], average[4:6] = [3.0, 4.0], [6.0, 8.0]
    assert measures(z, None)["wasserstein"] == pytest.approx(5.0, rel=1e-12)
    assert measures(z, average)["wasserstein"] == pytest.approx(10.0, rel=1e-12)


def test_sorted_data_are_measured_as_a_whole():
    # Half of the data at 0, half at (2, 0): the constant (0, 0) is at distance 1 on average, within the spread of 256.
    data = numpy.repeat([[0.0, 0.0], [2.0, 0.0]], 400, axis=0)
    measures = small(generator=mlp((2, 2)), steps=0).fit(data)._fit.training().measures
    z = numpy.zeros(6 + 13)
    assert measures(z, None)["wasserstein"] == pytest.approx(1.0, abs=0.35)


def test_of_many_labelled_rows_the_labels_go_along():
    rng = numpy.random.default_rng(1)
    labels = rng.integers(0, 3, 3000)
    data = numpy.stack([labels, -labels], axis=-1) + 0.0
    measures = small(steps=0, dtype="float64").fit(data, labels)._fit.training().measures
    game = measures.plain
    assert game.real_samples.shape == (1024, 2)
    numpy.testing.assert_array_equal(numpy.argmax(game.real_labels, axis=1), game.real_samples[:, 0])


class NoQuantiles(Distribution):
    """A law on the line that can only be drawn from."""

    batch_shape = event_shape = ()

    def log_prob(self, x):
        return -abs(x)

    def sample(self, n, *, rng):
        return numpy.random.default_rng(rng).laplace(size=n)

    def score(self, x):
        return -numpy.sign(x)


def test_a_law_without_quantiles_is_replaced_by_the_data():
    data = NoQuantiles().sample(50, rng=0)[:, None]
    with_law = small(target=NoQuantiles(), steps=2).fit(data).history_.wasserstein
    numpy.testing.assert_array_equal(with_law, small(steps=2).fit(data).history_.wasserstein)


def test_a_target_of_another_dimension_is_refused():
    for law in (Normal(0.0, 1.0), Normal([0.0, 1.0], 1.0), MultivariateNormal([0.0] * 3, numpy.eye(3))):
        with pytest.raises(ValueError, match="`target` must be one law of the 2 features of `X`, got batch shape"):
            small(target=law).fit(DATA)
