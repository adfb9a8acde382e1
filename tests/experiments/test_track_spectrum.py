"""Spectra along a training: the training is undisturbed; linear GANs, Dirac-GAN and LQ-GAN have those of theory."""

import json

import numpy
import pytest

from gamedyn.dynamics import simulate
from gamedyn.equilibria import differential_nash_gap
from gamedyn.experiments import _spectrum_point, spectrum_along, track_spectrum
from gamedyn.games import LQGAN, DiracGAN, Quadratic, Regularized
from gamedyn.models import GAN, NeuralGAN
from gamedyn.nn import Dense, Network, Tanh, mlp
from gamedyn.objectives import Minimax, NonSaturating, Wasserstein
from gamedyn.updates import Adam, ExtraAdam, SimultaneousGradientDescent


def ring(n, seed=0):
    angle = numpy.random.default_rng(seed).uniform(0, 2 * numpy.pi, n)
    return numpy.stack([numpy.cos(angle), numpy.sin(angle)], axis=-1)


def small(**options):
    return GAN(**{"generator": (5,), "discriminator": (6,), "batch_size": 8, "steps": 40, "rng": 3, **options})


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"rule": ExtraAdam(0.01), "ema_decay": 0.9, "dtype": "float64"},
        {"objective": "wasserstein", "penalty": "gradient-penalty", "discriminator_steps": 2, "evaluate_every": 7},
    ],
)
def test_the_training_is_that_of_an_undisturbed_fit(options):
    X, steps = ring(64), (0, 3, 20, 40)
    plain, tracked = small(**options).fit(X), small(**options)
    track = track_spectrum(tracked, X, steps=steps, samples=16, positions=5)
    assert [point.step for point in track.points] == list(steps)
    assert numpy.array_equal(plain.z_, tracked.z_)
    if plain.average_ is not None:
        assert numpy.array_equal(plain.average_, tracked.average_)
    assert plain.history_.steps.tolist() == tracked.history_.steps.tolist()
    assert numpy.array_equal(plain.history_.losses, tracked.history_.losses)
    # Nothing that was asked of the GAN has changed.
    for name, value in plain.get_params().items():
        assert tracked.get_params()[name] is value or tracked.get_params()[name] == value or name == "rule"
    # And it can be trained on.
    assert tracked.partial_fit(X).steps_ == 80


def test_points_are_judged_on_all_data_in_double_precision():
    X = ring(64)
    gan = small()
    track = track_spectrum(gan, X, steps=(5, 40), positions=5)
    model = NeuralGAN(
        mlp((2, 5, 2), gan.as_game().model.generator.layers[1]),
        mlp((2, 6, 1), gan.as_game().model.discriminator.layers[1]),
        NonSaturating(),
        X.astype(numpy.float32).astype(float),
        latent_dim=2,
    )
    z = numpy.asarray(gan.z_, dtype=float)
    xi = model.full().simultaneous_gradient(z)
    numpy.testing.assert_allclose(
        track.points[-1].gradient_norms, [numpy.linalg.norm(xi[:27]), numpy.linalg.norm(xi[27:])], rtol=1e-12
    )
    assert track.dims == (27, 25)
    assert track.late_angle is None


def by_parts(values):
    """Sorted by real parts, equal ones but for rounding by imaginary parts."""
    values = numpy.asarray(values, dtype=complex)
    return values[numpy.lexsort((values.imag, values.real.round(9)))]


def linear_gan(weight):
    """G(e) = w e + b against the slope D(x) = v x, with critic values and R1: a Dirac-GAN whose point has a width."""
    line = Network((Dense(1, 1),), 1)
    slope = Network((Dense(1, 1, bias=False),), 1)
    options = {"penalty": "r1", "penalty_weight": weight} if weight else {}
    return GAN(
        "wasserstein",
        generator=line,
        discriminator=slope,
        latent_dim=1,
        batch_size=5,
        rule=Adam(0.05),
        rng=1,
        dtype="float64",
        **options,
    )


@pytest.mark.parametrize("weight", [0.0, 0.7, 5.0])
@pytest.mark.parametrize("largest_dense", [1100, 0])
def test_a_trained_linear_gan_has_the_spectrum_of_theory(weight, largest_dense):
    # L_0 = -v (w m + b) and L_1 = v (w m + b - x) + weight v^2 / 2 with the means m, x: J is the same everywhere,
    # [[0, 0, -m], [0, 0, -1], [m, 1, weight]], with the eigenvalues 0 and l^2 - weight l + 1 + m^2 = 0.
    X = numpy.random.default_rng(5).normal(0.3, 1.0, (40, 1))
    gan = linear_gan(weight)
    track = track_spectrum(gan, X, steps=(0, 10, 60), positions=11, largest_dense=largest_dense)
    m, x = float(gan.as_game().fake(numpy.array([1.0, 0.0, 0.0])).mean()), float(X.mean())
    root = numpy.sqrt(complex(weight**2 / 4 - 1 - m**2))
    expected = by_parts([0, weight / 2 - root, weight / 2 + root])
    jacobian = numpy.array([[0, 0, -m], [0, 0, -1], [m, 1, weight]])
    for point in track.points:
        numpy.testing.assert_allclose(by_parts(point.eigenvalues), expected, atol=1e-9)
        assert point.largest_imaginary == pytest.approx(root.imag, abs=1e-9)
        assert point.smallest_real == pytest.approx(min(expected.real), abs=1e-9)
        assert point.own[0].smallest == pytest.approx(0, abs=1e-12)
        assert point.own[0].largest == pytest.approx(0, abs=1e-12)
        assert (point.own[1].smallest, point.own[1].largest) == pytest.approx((weight, weight))
        turning = 2 * (1 + m**2) / (2 * (1 + m**2) + weight**2)
        assert abs(point.rotation - turning) <= 4 * point.rotation_error + 1e-12
        assert (point.rotation_error > 1e-9) == (largest_dense == 0 and weight > 0)
    w, b, v = end = numpy.asarray(gan.z_)
    xi = numpy.array([-v * m, -v, w * m + b - x + weight * v])
    assert track.points[-1].gradient_norms == pytest.approx((numpy.hypot(v * m, v), abs(xi[2])))
    # The field is affine: along end + (a - 1) way it is xi + (a - 1) J way.
    start = numpy.asarray(linear_gan(weight).set_params(steps=0).fit(X).z_)
    way = end - start
    fields = xi + (track.angle.positions - 1)[:, None] * (jacobian @ way)
    cosine = fields @ way / numpy.linalg.norm(fields, axis=1) / numpy.linalg.norm(way)
    numpy.testing.assert_allclose(track.angle.cosine, cosine, atol=1e-10)
    numpy.testing.assert_allclose(track.angle.norm, numpy.linalg.norm(fields, axis=1), rtol=1e-10)
    assert not numpy.allclose(track.late_angle.cosine, cosine)


@pytest.mark.parametrize("weight", [0.4, 3.0])
def test_the_dirac_gan_with_r1_attracts_and_turns_below_the_critical_weight(weight):
    # Mescheder, Geiger, Nowozin (2018): l = (weight +- sqrt(weight^2 - 1)) / 2 at the origin for the minimax objective.
    game = Regularized(DiracGAN(Minimax()), r1=weight)
    run = simulate(game, SimultaneousGradientDescent(0.1), [0.4, 0.1], 3000, record_every=1000)
    track = spectrum_along(game, run.points, steps=[int(time) for time in run.times])
    end = track.points[-1]
    root = numpy.sqrt(complex(weight**2 - 1))
    numpy.testing.assert_allclose(end.eigenvalues, [(weight - root) / 2, (weight + root) / 2])
    assert end.smallest_real > 0
    assert (end.largest_imaginary > 0) == (weight < 1)
    assert end.residual < 1e-9
    assert track.points[0].residual > 1e-2
    # A Nash point on the edge: the generator's own curvature is 0, the discriminator's the weight.
    assert end.own[0].largest == pytest.approx(0, abs=1e-9)
    assert end.own[1].smallest == pytest.approx(weight)
    assert track.angle.switch > 0


def test_the_path_into_a_linear_dirac_gan_turns_by_the_angle_of_theory():
    # xi = (-v, t + g v): J = [[0, -1], [1, g]]. On the way from (t, v) into 0 the cosine is -+ g v^2 / (|z| |J z|).
    g, z = 0.5, numpy.array([0.6, 0.8])
    game = Regularized(DiracGAN(Wasserstein()), r1=g)
    track = spectrum_along(game, [z, [0.0, 0.0]], positions=21)
    size = g * 0.8**2 / numpy.hypot(0.8, 0.6 + g * 0.8)
    before, after = track.angle.positions < 1 - 1e-9, track.angle.positions > 1 + 1e-9
    numpy.testing.assert_allclose(track.angle.cosine[before], -size)
    numpy.testing.assert_allclose(track.angle.cosine[after], size)
    assert track.angle.shape == "sign switch"
    numpy.testing.assert_allclose(
        track.points[1].eigenvalues, [(g - 1j * (4 - g**2) ** 0.5) / 2, (g + 1j * (4 - g**2) ** 0.5) / 2]
    )


def test_the_lq_gan_turns_without_attraction_and_its_generator_is_at_a_maximum_or_minimum_nearby():
    # f = w1 (m - b) + w2 (m^2 + s^2 - a^2 - b^2): at (s, m, 0, 0) the coupling [[0, 2 s], [1, 2 m]] has the squared
    # singular values q with q^2 - (1 + 4 m^2 + 4 s^2) q + 4 s^2 = 0, and the eigenvalues are +- i times their roots.
    m, s = 0.5, 1.5
    game = LQGAN(mean=m, deviation=s)
    total = 1 + 4 * m**2 + 4 * s**2
    roots = numpy.sqrt([(total + sign * numpy.sqrt(total**2 - 16 * s**2)) / 2 for sign in (1, -1)])
    track = spectrum_along(game, [[s, m, 0.0, 0.2], [s, m, 0.0, -0.2], [s, m, 0.0, 0.0]], positions=5)
    there = track.points[-1]
    numpy.testing.assert_allclose(numpy.sort(there.eigenvalues.imag), [-roots[0], -roots[1], roots[1], roots[0]])
    numpy.testing.assert_allclose(there.eigenvalues.real, 0, atol=1e-9)
    assert there.rotation == pytest.approx(1)
    assert there.residual == pytest.approx(0, abs=1e-12)
    # a and b are curved by -2 w2.
    assert [(point.own[0].smallest, point.own[0].largest) for point in track.points[:2]] == [
        pytest.approx((-0.4, -0.4)),
        pytest.approx((0.4, 0.4)),
    ]
    assert not track.points[0].own[0].is_indefinite


def test_large_games_are_judged_without_a_matrix(game_library):
    rng = numpy.random.default_rng(2)
    jacobian = rng.standard_normal((40, 40)) / 6
    jacobian[:25, :25] += jacobian[:25, :25].T
    jacobian[25:, 25:] += jacobian[25:, 25:].T
    jacobian += numpy.diag([4.0, *range(-14, -7)] + [0.5] * 32)
    game = Quadratic.from_jacobian(jacobian, (25, 15))
    z = rng.standard_normal((2, 40))
    track = spectrum_along(game, game_library.asarray(z), largest_dense=39, positions=3)
    values = numpy.linalg.eigvals(jacobian)
    turned = numpy.linalg.norm((jacobian - jacobian.T) / 2) ** 2 / numpy.linalg.norm(jacobian) ** 2
    for point, at in zip(track.points, z, strict=True):
        assert len(point.eigenvalues) < 40
        assert numpy.abs(values - point.eigenvalues[:, None]).min(axis=1).max() < 1e-6
        assert len(set(numpy.round(point.eigenvalues, 6))) == len(point.eigenvalues)
        assert point.eigenvalue_residuals.max() < 1e-6
        assert point.smallest_real == pytest.approx(values.real.min())
        assert point.eigenvalues.real.max() == pytest.approx(values.real.max())
        assert point.largest_modulus == pytest.approx(abs(values).max())
        for ends, block in zip(point.own, (slice(25), slice(25, 40)), strict=True):
            own = numpy.linalg.eigvalsh(jacobian[block, block])
            assert (ends.smallest, ends.largest) == pytest.approx((own[0], own[-1]))
            assert max(ends.smallest_residual, ends.largest_residual) < 1e-6
        assert 0 < point.rotation_error < 0.1
        assert abs(point.rotation - turned) < 4 * point.rotation_error
        xi = jacobian @ at
        assert point.gradient_norms == pytest.approx((numpy.linalg.norm(xi[:25]), numpy.linalg.norm(xi[25:])))
    assert track.points[0].own[0].is_indefinite


def test_the_error_of_the_share_of_rotation_is_of_the_right_size():
    rng = numpy.random.default_rng(6)
    coupling = rng.standard_normal((20, 20))
    jacobian = numpy.block([[numpy.diag(rng.uniform(0, 9, 20)), coupling], [-coupling.T, numpy.zeros((20, 20))]])
    turned = numpy.linalg.norm((jacobian - jacobian.T) / 2) ** 2 / numpy.linalg.norm(jacobian) ** 2
    game = Quadratic.from_jacobian(jacobian, (20, 20))
    # Every point has random vectors of its own.
    points = spectrum_along(game, numpy.zeros((16, 40)), largest_dense=0).points
    scores = numpy.array([(point.rotation - turned) / point.rotation_error for point in points])
    assert 0.6 < numpy.sqrt(numpy.mean(scores**2)) < 1.6


def test_networks_are_judged_alike_with_and_without_a_matrix():
    model = NeuralGAN(mlp((2, 6, 2), Tanh()), mlp((2, 6, 1), Tanh()), Minimax(), ring(30), latent_dim=2)
    z = model.init(0)[None]
    dense, free = (spectrum_along(model, z, largest_dense=limit).points[0] for limit in (1100, 10))
    assert free.smallest_real == pytest.approx(dense.smallest_real)
    assert free.largest_imaginary == pytest.approx(dense.largest_imaginary)
    for ours, theirs in zip(free.own, dense.own, strict=True):
        assert (ours.smallest, ours.largest) == pytest.approx((theirs.smallest, theirs.largest))
    # |J_i| is estimated from 16 vectors.
    assert free.residual == pytest.approx(dense.residual, rel=0.5)


def test_gradients_and_deficits_are_those_of_the_gap_to_a_nash_equilibrium():
    # x^2 / 2 + x y against -y^2 + x y: own curvatures 1 and -2.
    game = Quadratic.from_jacobian([[1.0, 1.0], [1.0, -2.0]], (1, 1))
    (point,) = spectrum_along(game, [[1.0, 2.0]]).points
    gap = differential_nash_gap(game, [1.0, 2.0])
    assert point.curvature_deficits == gap.curvature_deficits == (0.0, 2.0)
    assert point.gradient_norms == gap.gradient_norms == (3.0, 3.0)
    assert point.residual == pytest.approx(max(gap.relative_gradients))


def test_a_track_prints_and_is_plain_values():
    game = Quadratic.from_jacobian([[1.0, 2.0], [-2.0, 1.0]], (1, 1))
    track = spectrum_along(game, [[1.0, 0.0], [0.5, 0.5], [0.0, 0.0]], steps=(0, 10, 200), positions=5)
    text = str(track)
    assert text.splitlines()[0].split("  ")[0].strip() == "step"
    assert "from step 0: path angle on [0, 2]: sign switch (switch 0.447, bump 0)" in text
    assert "from step 10: path angle" in text
    assert "diverged" not in text
    document = json.loads(json.dumps(track.document(), allow_nan=False))
    assert document["schema"] == "gamedyn.spectrum-track/1"
    assert document["points"][2]["eigenvalues"] == [pytest.approx([1.0, -2.0]), pytest.approx([1.0, 2.0])]
    assert document["points"][1]["own_hessians"][1]["smallest"] == 1.0
    assert document["angle"]["shape"] == "sign switch"
    assert track.point(10) is track.points[1]
    with pytest.raises(KeyError, match="no point at step 11; there are \\[0, 10, 200\\]"):
        track.point(11)
    # A field that vanishes has neither an angle nor a share of rotation.
    flat = spectrum_along(Quadratic.from_jacobian(numpy.zeros((2, 2)), (1, 1)), [[1.0, 0.0], [1.0, 0.0]])
    assert flat.angle is None
    assert flat.document()["points"][0]["rotation"] is None
    assert flat.points[0].residual == 0


def test_a_divergence_ends_the_track_with_the_last_finite_point():
    gan = small(rule=SimultaneousGradientDescent(1e12), objective="least-squares")
    with pytest.warns(RuntimeWarning, match="diverged"):
        track = track_spectrum(gan, ring(64), steps=(0, 1, 40), positions=3)
    assert track.diverged
    assert gan.steps == 40
    assert track.points[-1].step == gan.steps_ < 40
    assert "the training diverged" in str(track)
    assert track.document()["diverged"] is True


def test_labels_and_a_part_of_the_data():
    X, y = ring(60), numpy.repeat(["a", "b", "c"], 20)
    track = track_spectrum(small(), X, y, steps=(0, 2), samples=20, positions=3, rng=4)
    again = track_spectrum(small(), X, y, steps=(0, 2), samples=20, positions=3, rng=4)
    other = track_spectrum(small(), X, y, steps=(0, 2), samples=20, positions=3, rng=5)
    assert numpy.array_equal(track.points[1].eigenvalues, again.points[1].eigenvalues)
    assert not numpy.array_equal(track.points[1].eigenvalues, other.points[1].eigenvalues)


@pytest.mark.parametrize(
    ("points", "options", "message"),
    [
        ([[1.0, 0.0, 0.0]], {}, r"`points` must have shape \(T, 2\), .* got \(1, 3\)"),
        ([1.0, 0.0], {}, r"`points` must have shape \(T, 2\)"),
        ([[1.0, 0.0], [numpy.nan, 0.0]], {}, "`points` must be finite, got a point that is not in row 1"),
        ([[1.0, 0.0]], {"steps": (0, 1)}, "`steps` must be as many as `points`, 1, got 2"),
        ([[1.0, 0.0]] * 2, {"steps": (3, 3)}, r"`steps` must be a growing sequence .* got \[3, 3\]"),
        ([[1.0, 0.0]], {"positions": 2}, "`positions`"),
    ],
)
def test_bad_points_are_told(points, options, message):
    game = Quadratic.from_jacobian(numpy.eye(2), (1, 1))
    with pytest.raises(ValueError, match=message):
        spectrum_along(game, points, **options)


def test_bad_gans_are_told():
    X = ring(20)
    with pytest.raises(ValueError, match="`samples` must be the number of rows of `X`, 20, at most, got 21"):
        track_spectrum(small(), X, steps=(0,), samples=21)
    with pytest.raises(ValueError, match=r"`steps` must be a growing sequence of at least one number, got \[\]"):
        track_spectrum(small(), X, steps=())
    with pytest.raises(TypeError, match=r"`gan` must be a GAN, got Quadratic\. `spectrum_along` takes points"):
        track_spectrum(Quadratic.from_jacobian(numpy.eye(2), (1, 1)), X, steps=(0,))
    with pytest.raises(TypeError, match="`game` must be a Game or StochasticGame, got GAN"):
        spectrum_along(small(), [[0.0]])
    gan = small()
    with pytest.raises(ValueError, match="`X` must be finite"):
        track_spectrum(gan, numpy.full((20, 2), numpy.nan), steps=(0, 5))
    assert (gan.steps, gan.evaluate_every, gan.checkpoint_every) == (40, None, None)


def test_the_error_of_the_rotation_is_its_spread(rng):
    jacobian = rng.standard_normal((12, 12)) + numpy.diag(numpy.arange(12.0))
    probes = rng.standard_normal((800, 16, 12))
    once = probes @ jacobian.T
    squares, traces = (once**2).sum(axis=-1), (probes * (once @ jacobian.T)).sum(axis=-1)
    found = numpy.array([_spectrum_point._rotation(*pair) for pair in zip(squares, traces, strict=True)])
    exact = ((jacobian - jacobian.T) ** 2).sum() / 4 / (jacobian**2).sum()
    assert found[:, 0].mean() == pytest.approx(exact, abs=0.02)
    # Their spread is known within 1 / sqrt(1600), and a standard error of 16 is somewhat small.
    assert found[:, 1].mean() == pytest.approx(found[:, 0].std(), rel=0.25)
