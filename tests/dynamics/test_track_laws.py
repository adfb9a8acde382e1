import math

import pytest
import scipy.integrate
import scipy.stats

from gamedyn import distributions as laws
from gamedyn.dynamics import track_divergences
from gamedyn.objectives import OptimalDiscriminator, value_at_optimum, value_function
from gamedyn.transport import wasserstein_between_laws


def test_laws_on_the_line():
    target = laws.Normal(0.0, 1.0)
    moved = [laws.Normal(m, 1.0) for m in (3.0, 1.0, 0.0)]
    critic = OptimalDiscriminator(target, moved[1])
    track = track_divergences(target, moved, logits=critic)
    values = track.values
    assert values["kl"] == pytest.approx([4.5, 0.5, 0.0], rel=1e-12, abs=1e-15)
    assert values["wasserstein"] == pytest.approx([3.0, 1.0, 0.0], rel=1e-9, abs=1e-12)
    assert values["wasserstein"][0] == float(wasserstein_between_laws(target, moved[0]))
    assert values["gan_value"] == pytest.approx([float(value_at_optimum(target, q)) for q in moved], rel=1e-9)
    gaps = [float(value_at_optimum(target, q)) - float(value_function(critic, target, q)) for q in moved]
    assert values["discriminator_gap"] == pytest.approx(gaps, rel=1e-7, abs=1e-9)
    assert 0 <= values["discriminator_gap"][1] < 1e-25

    def squared(x, m, sign):
        # v = m^2 / 2 - m x, v' = -m.
        return scipy.stats.norm.pdf(x, m) * m**2 / (1 + math.exp(-sign * (m * m / 2 - m * x))) ** 2

    for k, m in enumerate((3.0, 1.0)):
        for name, sign in (("saturating_gradient", 1), ("nonsaturating_gradient", -1)):
            truth = math.sqrt(scipy.integrate.quad(squared, m - 12, m + 12, (m, sign), epsabs=0, epsrel=1e-12)[0])
            assert values[name][k] == pytest.approx(truth, rel=1e-9), name
    assert values["saturating_gradient"][2] == 0


def test_both_directions_of_kl_between_laws():
    values = track_divergences(laws.Exponential(1.0), [laws.Exponential(2.0)], ["kl", "reverse_kl"]).values
    assert values["kl"][0] == pytest.approx(1 - math.log(2), rel=1e-12)
    assert values["reverse_kl"][0] == pytest.approx(math.log(2) - 0.5, rel=1e-12)


def test_gradients_saturate_between_laws_far_apart():
    target = laws.Normal(0.0, 1.0)
    track = track_divergences(target, [laws.Normal(m, 1.0) for m in (2.0, 6.0, 12.0)])
    assert sorted(track.values["saturating_gradient"], reverse=True) == list(track.values["saturating_gradient"])
    # E_q D^2 <= E_q D <= the overlap of the laws.
    assert track.values["saturating_gradient"][2] <= 12 * math.sqrt(2 * scipy.stats.norm.sf(6))
    assert track.values["nonsaturating_gradient"] == pytest.approx([2.0, 6.0, 12.0], rel=0.2)


def test_a_generator_outside_the_target_has_no_saturating_gradient():
    track = track_divergences(laws.Uniform(0.0, 1.0), [laws.Uniform(2.0, 3.0)])
    assert track.values["saturating_gradient"][0] == 0
    assert track.values["nonsaturating_gradient"][0] == math.inf
    assert track.values["js"][0] == pytest.approx(math.log(2), rel=1e-12)


def test_discrete_laws():
    target, moved = laws.Empirical([0.0]), [laws.Empirical([m]) for m in (2.0, 0.5)]
    track = track_divergences(target, moved, logits=lambda x: 0.0 * x)
    assert track.values["wasserstein"].tolist() == [2.0, 0.5]
    assert track.values["js"] == pytest.approx([math.log(2)] * 2, rel=1e-14)
    assert track.values["discriminator_gap"] == pytest.approx([math.log(4)] * 2, rel=1e-14)
    assert "saturating_gradient" not in track.values
    # An atom that both have counts once.
    same = track_divergences(target, [target], logits=lambda x: 0.0 * x + 1.0)
    expected = math.log1p(math.e) + math.log1p(1 / math.e) - math.log(4)
    assert same.values["discriminator_gap"] == pytest.approx([expected], rel=1e-13)
