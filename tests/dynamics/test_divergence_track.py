import math

import mpmath
import numpy
import pytest
import scipy.integrate
import scipy.stats

from gamedyn import distributions as laws
from gamedyn.divergences import (
    RBFKernel,
    energy_distance,
    jensen_shannon_divergence,
    kl_divergence,
    maximum_mean_discrepancy,
)
from gamedyn.dynamics import simulate, track_divergences
from gamedyn.games import DiracGAN, Regularized
from gamedyn.objectives import value_at_optimum, value_function
from gamedyn.transport import (
    sinkhorn_divergence,
    sliced_wasserstein,
    wasserstein_on_line,
)
from gamedyn.updates import Extragradient, SimultaneousGradientDescent


@pytest.fixture
def masses(rng):
    return rng.dirichlet(numpy.ones(12)), rng.dirichlet(numpy.ones(12), size=5)


def test_shifted_diracs_have_constant_js_and_linear_w1():
    grid = numpy.linspace(-3.0, 3.0, 25)
    track = track_divergences(numpy.eye(25)[12], numpy.eye(25), points=grid)
    apart = grid != 0
    assert (track.values["js"][apart] == math.log(2)).all()
    assert (track.values["gan_value"][apart] == 0).all()
    assert track.values["js"][12] == 0
    assert track.values["gan_value"][12] == -math.log(4)
    assert (track.values["wasserstein"] == abs(grid)).all()
    assert (track.values["energy"] == 2 * abs(grid)).all()
    assert (track.values["kl"][apart] == math.inf).all()
    assert track.values["kl"][12] == 0
    # Where the optimal discriminator is certain its log(1 - D) tells the generator nothing.
    assert (track.values["saturating_gradient"] == 0).all()
    assert (track.values["nonsaturating_gradient"][apart] == math.inf).all()


def test_parallel_lines_of_samples_are_apart_by_their_distance(rng):
    line = numpy.stack([numpy.zeros(40), rng.uniform(0.0, 1.0, 40)], axis=-1)
    shifts = [2.0, 1.0, 0.5, 0.0]
    moved = [line + numpy.array([shift, 0.0]) for shift in shifts]
    track = track_divergences(line, moved, ["sliced_wasserstein"], projections=500, rng=3)
    # Translates: every projection moves by theta cos, so that the curve is exactly linear in theta.
    curve = track.values["sliced_wasserstein"]
    assert curve == pytest.approx(curve[1] * numpy.array(shifts), rel=1e-13, abs=0.0)
    assert curve[1] == pytest.approx(2 / math.pi, rel=0.08)


def test_flat_js_and_converging_w1_are_told_apart():
    theta = 0.8 ** numpy.arange(60)
    grid = numpy.concatenate([[0.0], theta])
    track = track_divergences(numpy.eye(61)[0], numpy.eye(61)[1:], ["js", "wasserstein", "kl"], points=grid)
    assert track.verdict("js").word == "flat"
    assert "0.693147" in track.verdict("js").reason
    assert track.verdict("kl").word == "flat"
    found = track.verdict("wasserstein")
    assert found.word == "converges"
    assert float(found.rate) == pytest.approx(0.8, rel=1e-10, abs=0.0)


def test_pmf_curves_are_those_of_the_functions(masses, rng):
    p, q = masses
    points, logits = rng.standard_normal(12), rng.standard_normal((5, 12))
    track = track_divergences(p, q, points=points, logits=logits, epsilon=0.3, kernel=RBFKernel(0.7))
    values = track.values
    assert set(values) == set(track.definitions)
    assert values["discriminator_gap"].min() > 0
    for k, row in enumerate(q):
        weights = {"x_weights": p, "y_weights": row}
        expected = {
            "kl": kl_divergence(p, row),
            "reverse_kl": kl_divergence(row, p),
            "js": jensen_shannon_divergence(p, row),
            "gan_value": value_at_optimum(p, row),
            "discriminator_gap": value_at_optimum(p, row) - value_function(logits[k], p, row),
            "wasserstein": wasserstein_on_line(points, points, **weights),
            "energy": energy_distance(points, points, **weights),
            "mmd": maximum_mean_discrepancy(points, points, RBFKernel(0.7), **weights),
            "sinkhorn_divergence": sinkhorn_divergence(points, points, epsilon=0.3, **weights),
        }
        for name, value in expected.items():
            assert values[name][k] == pytest.approx(float(value), rel=1e-11, abs=1e-15), name
    assert {*expected, "saturating_gradient", "nonsaturating_gradient"} == set(values)


def test_one_critic_serves_all_iterates(masses):
    p, q = masses
    track = track_divergences(p, q, ["discriminator_gap"], logits=numpy.zeros(12))
    # D = 1/2 has the value -log 4, so that the gap is 2 JS.
    js = [2 * float(jensen_shannon_divergence(p, row)) for row in q]
    assert track.values["discriminator_gap"] == pytest.approx(js, rel=1e-13, abs=0.0)


def test_the_gap_of_a_nearly_optimal_critic_keeps_its_digits():
    p, q = numpy.array([0.25, 0.75]), numpy.array([0.5, 0.5])
    logits = numpy.log(p / q) + 1e-6
    found = track_divergences(p, q[None], ["discriminator_gap"], logits=logits).values["discriminator_gap"][0]
    with mpmath.workdps(50):
        truth = mpmath.mpf(0)
        for a, b, s in zip(p, q, logits, strict=True):
            a, b, d = mpmath.mpf(a), mpmath.mpf(b), 1 / (1 + mpmath.exp(-mpmath.mpf(s)))
            truth += a * mpmath.log(a / (a + b) / d) + b * mpmath.log(b / (a + b) / (1 - d))
    assert 0 < truth < 1e-12
    # The logits' own rounding, 1e-16 of 1e-6.
    assert found == pytest.approx(float(truth), rel=2e-9, abs=0.0)


def test_the_gan_value_converges_to_its_optimum():
    p = numpy.array([0.25, 0.25, 0.5])
    q = p + 0.1 * 0.9 ** numpy.arange(100)[:, None] * numpy.array([1.0, -1.0, 0.0])
    track = track_divergences(p, q, ["js", "gan_value"])
    for name in ("js", "gan_value"):
        found = track.verdict(name)
        assert found.word == "converges"
        assert float(found.rate) == pytest.approx(0.81, rel=1e-3)


def test_confident_critics_have_finite_gaps():
    track = track_divergences(
        [0.5, 0.5], [[0.5, 0.5]] * 3, ["discriminator_gap"], logits=[[-800, 800], [0, 0], [0.5, -1]]
    )
    # sum of (p + q) [softplus(-s) + softplus(s)] / 2 - log 4, softplus(-s) + softplus(s) = |s| for large |s|.
    expected = 0.5 * sum(math.log1p(math.exp(-s)) + math.log1p(math.exp(s)) for s in (0.5, -1.0)) - math.log(4)
    assert track.values["discriminator_gap"] == pytest.approx([800 - math.log(4), 0.0, expected], rel=1e-13)
    # Right where it is certain, and wrong.
    sure = track_divergences(
        [1.0, 0.0], [[0.0, 1.0]] * 2, ["discriminator_gap"], logits=[[math.inf, -800.0], [-800.0, 0.0]]
    )
    assert sure.values["discriminator_gap"].tolist() == [0.0, 800 + math.log(2)]


def test_pmfs_in_the_plane(masses, rng):
    p, q = masses
    points = rng.standard_normal((12, 2))
    track = track_divergences(p, q, points=points, kernel=RBFKernel(0.7), projections=50, rng=8)
    for k, row in enumerate(q):
        weights = {"x_weights": p, "y_weights": row}
        sliced = sliced_wasserstein(points, points, 1, 50, **weights, rng=8)
        assert track.values["sliced_wasserstein"][k] == pytest.approx(float(sliced), rel=1e-12)
        energy = energy_distance(points, points, **weights)
        assert track.values["energy"][k] == pytest.approx(float(energy), rel=1e-12)
        mmd = maximum_mean_discrepancy(points, points, RBFKernel(0.7), **weights)
        assert track.values["mmd"][k] == pytest.approx(float(mmd), rel=1e-12)


def test_distances_of_pmfs_keep_their_digits_next_to_the_target(masses, rng):
    p, _ = masses
    step = numpy.zeros(12)
    step[3], step[7] = 2.0**-50, -(2.0**-50)
    points = rng.standard_normal(12)
    q = p + step
    moved = abs(points[3] - points[7])
    track = track_divergences(p, q[None], ["wasserstein", "energy"], points=points)
    change = (q - p)[3]
    assert track.values["wasserstein"][0] == pytest.approx(change * moved, rel=0.3)
    assert 0 < track.values["energy"][0] < 1e-28


def test_gradients_of_pmfs_are_those_of_a_softmax(masses):
    p, q = masses
    track = track_divergences(p, q, ["saturating_gradient", "nonsaturating_gradient"])
    for k, row in enumerate(q):
        for name, loss in (
            ("saturating_gradient", numpy.log(row / (p + row))),
            ("nonsaturating_gradient", -numpy.log(p / (p + row))),
        ):
            z, slopes = numpy.log(row), []
            for i in range(12):
                shifted = z + 1e-20j * (numpy.arange(12) == i)
                shares = numpy.exp(shifted) / numpy.exp(shifted).sum()
                slopes.append((shares @ loss).imag / 1e-20)
            assert track.values[name][k] == pytest.approx(numpy.linalg.norm(slopes), rel=1e-11)


def test_gradients_of_nearly_equal_pmfs_keep_their_digits():
    p = numpy.array([0.28125, 0.28125, 0.4375])
    q = p + numpy.array([1.0, -1.0, 0.0]) * 12345 * 2.0**-54
    found = track_divergences(p, q[None], ["saturating_gradient"]).values["saturating_gradient"][0]
    with mpmath.workdps(50):
        a, b = [mpmath.mpf(x) for x in p], [mpmath.mpf(x) for x in q]
        loss = [mpmath.log(y / (x + y)) for x, y in zip(a, b, strict=True)]
        mean = mpmath.fsum(y * value for y, value in zip(b, loss, strict=True))
        truth = mpmath.sqrt(mpmath.fsum((y * (value - mean)) ** 2 for y, value in zip(b, loss, strict=True)))
    assert found == pytest.approx(float(truth), rel=1e-13, abs=0.0)


def test_sample_curves_are_those_of_the_functions(rng):
    x, kernel = rng.standard_normal((30, 3)), RBFKernel(1.3)
    samples = [rng.standard_normal((m, 3)) + 1 for m in (30, 21)]
    track = track_divergences(x, samples, epsilon=0.5, kernel=kernel, projections=40, rng=5)
    for k, y in enumerate(samples):
        assert track.values["energy"][k] == pytest.approx(float(energy_distance(x, y)), rel=1e-13)
        assert track.values["mmd"][k] == pytest.approx(float(maximum_mean_discrepancy(x, y, kernel)), rel=1e-12)
        sliced = sliced_wasserstein(x, y, 1, 40, rng=5)
        assert track.values["sliced_wasserstein"][k] == pytest.approx(float(sliced), rel=1e-13)
        assert track.values["sinkhorn_divergence"][k] == float(sinkhorn_divergence(x, y, epsilon=0.5))
    on_line = track_divergences(x[:, :1], [y[:, :1] for y in samples])
    for k, y in enumerate(samples):
        truth = scipy.stats.wasserstein_distance(x[:, 0], y[:, 0])
        assert on_line.values["wasserstein"][k] == pytest.approx(truth, rel=1e-12)


def played(rule, game, steps):
    """The Dirac-GAN's theta as a sample of one point, and the times."""
    trajectory = simulate(game, rule, numpy.array([1.0, 0.5]), steps)
    return trajectory.points[:, None, :1], trajectory.times


@pytest.mark.parametrize("unit", [1.0, 1e-12, 1e12])
def test_simultaneous_descent_of_the_dirac_gan_oscillates(unit):
    points, times = played(SimultaneousGradientDescent(0.02), DiracGAN(), 3000)
    track = track_divergences(numpy.zeros((1, 1)), points * unit, times=times)
    found = track.verdict("wasserstein")
    assert found.word == "oscillates"
    # |theta| has half the period 2 pi / (h / 2) of the linearised flow; the flow at a finite radius is a little slower.
    assert math.pi / 0.01 <= found.period < 1.3 * math.pi / 0.01


@pytest.mark.parametrize("unit", [1.0, 1e-12, 1e12])
@pytest.mark.parametrize(
    ("rule", "game"),
    [
        (Extragradient(0.3), DiracGAN()),
        (SimultaneousGradientDescent(0.2), Regularized(DiracGAN(), r1=0.5)),
    ],
    ids=["extragradient", "r1"],
)
def test_extragradient_and_regularisation_converge(rule, game, unit):
    points, times = played(rule, game, 1500)
    found = track_divergences(numpy.zeros((1, 1)), points * unit, times=times).verdict("wasserstein")
    assert found.word == "converges"
    jacobian = game.jacobian(numpy.zeros(2))
    step = numpy.eye(2) - rule.step_size * jacobian
    if isinstance(rule, Extragradient):
        step = numpy.eye(2) - rule.step_size * jacobian @ step
    size = abs(numpy.linalg.eigvals(step)).max()
    assert float(found.rate) == pytest.approx(size, abs=0.05 * (1 - size))


def test_large_steps_of_simultaneous_descent_diverge():
    # The Wasserstein Dirac-GAN is linear: every step multiplies the radius by sqrt(1 + h^2).
    from gamedyn.objectives import Wasserstein

    points, times = played(SimultaneousGradientDescent(0.3), DiracGAN(Wasserstein()), 400)
    found = track_divergences(numpy.zeros((1, 1)), points, times=times).verdict("wasserstein")
    assert found.word == "diverges"
    assert float(found.rate) == pytest.approx(math.sqrt(1.09), rel=2e-3)


def test_directions_go_by_blocks(rng):
    x, y = rng.standard_normal((400, 2)), rng.standard_normal((400, 2)) + 1
    curve = track_divergences(x, [y], ["sliced_wasserstein"], projections=300, rng=2).values["sliced_wasserstein"]
    assert curve[0] == pytest.approx(float(sliced_wasserstein(x, y, 1, 300, rng=2)), rel=1e-13)


def test_what_does_not_change_is_drawn_once(rng):
    x = rng.standard_normal((20, 4))
    curve = track_divergences(x, [x + 1.0, x + 1.0], ["sliced_wasserstein"], projections=5).values["sliced_wasserstein"]
    assert curve[0] == curve[1]


def test_inputs_are_not_written_to(masses):
    p, q = (array.copy() for array in masses)
    p.flags.writeable = q.flags.writeable = False
    track_divergences(p, q, points=numpy.arange(12.0))
    x = q.T.copy()
    before = x.copy()
    track_divergences(x, [x], projections=3)
    assert (x == before).all()


@pytest.mark.parametrize(
    ("arguments", "options", "kind", "message"),
    [
        (([0.5, 0.5], [[1.0, 0.0, 0.0]]), {}, ValueError, r"`iterates` must have shape \(T, 2\)"),
        (([0.5, 0.5], [[1.0, 0.0]]), {"points": [1.0]}, ValueError, "`points` must be 2 finite points"),
        (([0.5, 0.5], [[1.0, 0.0]]), {"logits": abs}, TypeError, "`logits` must be an array for pmfs"),
        (([0.5, 0.5], [[1.0, 0.0]]), {"measures": ["wasserstein"]}, ValueError, "`measures` must be one of 'kl'"),
        (([0.5, 0.5], [[1.0, 0.0]]), {"times": [0, 1]}, ValueError, r"`times` must have shape \(1,\)"),
        (([0.5, 0.6], [[1.0, 0.0]]), {}, ValueError, "must sum to 1"),
        (([[0.5]], [[1.0]]), {}, ValueError, "must be pmfs of shapes"),
        (([[0.5]], [[[math.nan]]]), {}, ValueError, "`iterates` must hold finite values, got 1 others"),
        (([[0.5]], [[[1.0]]]), {"points": [1.0]}, ValueError, "`points` and `logits` must be None for samples"),
        (([[0.5]], [[[1.0]]]), {"epsilon": 0.0}, ValueError, "`epsilon` must be positive"),
        (([[0.5]], [[[1.0]]]), {"kernel": RBFKernel()}, ValueError, "`kernel` must have a bandwidth"),
        ((laws.Normal(0.0, 1.0), [[0.5]]), {}, TypeError, "must all be Distributions"),
        ((laws.Normal(0.0, 1.0), [laws.Normal([0.0, 1.0], 1.0)]), {}, ValueError, "must be single laws"),
        ((laws.Normal(0.0, 1.0), [laws.Normal(0.0, 1.0)]), {"points": [0.0]}, ValueError, "`points` must be None"),
        ((laws.Normal(0.0, 1.0), [laws.Normal(0.0, 1.0)]), {"logits": [1.0]}, TypeError, "`logits` must be a function"),
    ],
)
def test_bad_arguments_are_named(arguments, options, kind, message):
    with pytest.raises(kind, match=message):
        track_divergences(*arguments, **options)


def test_verdicts_are_asked_by_name():
    track = track_divergences([0.5, 0.5], [[1.0, 0.0]], ["kl"])
    with pytest.raises(ValueError, match="`name` must be one of 'kl', got 'js'"):
        track.verdict("js")
