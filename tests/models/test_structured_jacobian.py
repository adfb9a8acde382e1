"""Dense second derivatives by pairs of layers: the readable tangents and the complex step are their oracles."""

import numpy
import pytest

from gamedyn.divergences import KullbackLeibler
from gamedyn.equilibria import classify
from gamedyn.games import Regularized
from gamedyn.models import NeuralGAN, NeuralGANGame
from gamedyn.models._layer_chain import LayerChain
from gamedyn.nn import Dense, LeakyReLU, Network, ReLU, Sigmoid, SiLU, Softplus, Tanh, mlp
from gamedyn.objectives import FGAN, Hinge, LeastSquares, Minimax, NonSaturating, Wasserstein

OBJECTIVES = [Minimax(), NonSaturating(), Wasserstein(), LeastSquares(), Hinge(), FGAN(KullbackLeibler())]
# Hidden layers of the generator and of the critic, and features: few and many of these go different ways.
SHAPES = [((), (), 2), ((4, 3), (5,), 2), ((3,), (4, 3, 2), 1), ((4, 3), (3, 5), 6), ((1, 1), (1, 1), 1)]
LIMITS = {
    "_layer_chain._LARGEST_ARRAY": 60,
    "_pair_products._LARGEST_PIECE": 40,
    "_structured_jacobian._LARGEST_STACK": 300,
    "_structured_jacobian._STRIP": 3,
}


class ByTangents(NeuralGANGame):
    """The game without its faster form."""

    def _structured(self, z):
        return None


def game_of(objective, rng, shape=SHAPES[1], activation=None, library=None, dtype="float64", **options):
    """9 real and 7 fake samples: unequal, so that no average can be mistaken for the other."""
    hidden, critic_hidden, features = shape
    data = rng.standard_normal((9, features))
    data = data if library is None else library.asarray(data, dtype=dtype)
    labels = options.get("labels")
    classes = 0 if labels is None else 3
    packing = options.get("packing", 1)
    generator = mlp((2 + classes, *hidden, features), activation or Tanh())
    critic = mlp((packing * (features + classes), *critic_hidden, 1), activation or Softplus())
    return NeuralGAN(generator, critic, objective, data, latent_dim=2, batch_size=6, full_size=7, **options).full()


def by_tangents(game):
    samples = game.fake_noise, game.real_labels, game.fake_labels
    return ByTangents(game.model, game.real_samples, game.latent_samples, None, *samples)


def assert_same(game, reference, z):
    for name, arguments in (("jacobian", ()), ("own_hessian", (0,)), ("own_hessian", (1,)), ("loss_hessians", ())):
        expected = getattr(reference, name)(z, *arguments)
        measured = getattr(game, name)(z, *arguments)
        assert measured.shape == expected.shape
        numpy.testing.assert_allclose(measured, expected, rtol=0, atol=1e-12 * max(1.0, numpy.abs(expected).max()))


@pytest.mark.parametrize("objective", OBJECTIVES, ids=lambda o: type(o).__name__)
def test_blocks_are_those_of_tangents_and_of_the_complex_step(objective, rng):
    for shape in SHAPES:
        game = game_of(objective, rng, shape, instance_noise=0.3)
        z = 0.7 * rng.standard_normal(sum(game.dims))
        z.flags.writeable = False
        assert game._structured(z) is not None
        assert_same(game, by_tangents(game), z)
        steps = game.simultaneous_gradient(z + 1e-20j * numpy.eye(z.size))
        columns = numpy.imag(steps).T / 1e-20
        bound = 1e-12 * max(1.0, numpy.abs(columns).max())
        numpy.testing.assert_allclose(game.jacobian(z), columns, rtol=0, atol=bound)


@pytest.mark.parametrize("activation", [ReLU(), LeakyReLU(0.3), SiLU(), Sigmoid()], ids=lambda a: type(a).__name__)
def test_activations(activation, rng):
    for shape in (SHAPES[1], SHAPES[3]):
        game = game_of(NonSaturating(), rng, shape, activation)
        z = rng.standard_normal(sum(game.dims))
        assert game._structured(z) is not None
        assert_same(game, by_tangents(game), z)


@pytest.mark.parametrize("shape", [SHAPES[1], SHAPES[3]], ids=["few features", "many"])
def test_labels_are_inputs_that_do_not_move(shape, rng):
    labels = rng.integers(3, size=9)
    labels[:3] = range(3)
    game = game_of(LeastSquares(), rng, shape, labels=labels)
    z = rng.standard_normal(sum(game.dims))
    assert game._structured(z) is not None
    assert_same(game, by_tangents(game), z)


def test_what_goes_by_tangents(rng):
    z = rng.standard_normal
    packed = NeuralGAN(
        mlp((2, 3, 2)), mlp((4, 3, 1)), Minimax(), z((8, 2)), latent_dim=2, batch_size=6, packing=2
    ).full()
    without_bias = Network((Dense(2, 2, bias=False), Tanh(), Dense(2, 1)), input_size=2)
    other = NeuralGAN(mlp((2, 3, 2)), without_bias, Minimax(), z((8, 2)), latent_dim=2).full()
    for game in (packed, other):
        assert game._structured(z(sum(game.dims))) is None
        assert_same(game, by_tangents(game), z(sum(game.dims)))


@pytest.mark.parametrize("shape", [SHAPES[1], SHAPES[3]], ids=["few features", "many"])
@pytest.mark.parametrize("limit", sorted(LIMITS))
def test_parts_of_the_samples_and_of_the_blocks(shape, limit, rng, monkeypatch):
    monkeypatch.setattr(f"gamedyn.models.{limit}", LIMITS[limit])
    for objective in (Minimax(), NonSaturating()):
        game = game_of(objective, rng, shape)
        z = rng.standard_normal(sum(game.dims))
        assert_same(game, by_tangents(game), z)


def test_memory_is_bounded_by_parts(rng, monkeypatch):
    game, row, mixed, sizes = game_of(Minimax(), rng), LayerChain._row, LayerChain.mixed, set()
    monkeypatch.setattr(LayerChain, "_row", lambda self, *a: sizes.add(len(self.alphas[-1])) or row(self, *a))
    monkeypatch.setattr(LayerChain, "mixed", lambda self, *a: sizes.add(len(self.alphas[-1])) or mixed(self, *a))
    z = rng.standard_normal(sum(game.dims))
    game.jacobian(z)
    assert sizes == {16, 7}
    # The widest layer has 5 inputs with the one, and another one 5 units; 2 features have derivatives in 60 weights.
    monkeypatch.setattr("gamedyn.models._layer_chain._LARGEST_ARRAY", 2 * 5 * 5)
    monkeypatch.setattr("gamedyn.models._structured_jacobian._LARGEST_STACK", 2 * 2 * sum(game.dims))
    sizes.clear()
    game.jacobian(z)
    assert max(sizes) <= 3


@pytest.mark.parametrize("shape", [SHAPES[1], SHAPES[3]], ids=["few features", "many"])
def test_ensembles_and_complex_points(shape, rng):
    game = game_of(NonSaturating(), rng, shape)
    z = rng.standard_normal((2, 3, sum(game.dims)))
    assert_same(game, by_tangents(game), z)
    assert_same(game, by_tangents(game), z[0] + 0.1j * z[1])


@pytest.mark.parametrize("objective", [Minimax(), NonSaturating()], ids=lambda o: type(o).__name__)
@pytest.mark.parametrize("shape", [SHAPES[1], SHAPES[3]], ids=["few features", "many"])
def test_every_library_gives_the_same(objective, shape, library, rng):
    seed = rng.integers(2**31)
    reference = by_tangents(game_of(objective, numpy.random.default_rng(seed), shape))
    game = game_of(objective, numpy.random.default_rng(seed), shape, library=library)
    z = rng.standard_normal(sum(game.dims))
    at = library.asarray(z)
    for name, arguments in (("jacobian", ()), ("own_hessian", (0,)), ("own_hessian", (1,)), ("loss_hessians", ())):
        measured = getattr(game, name)(at, *arguments)
        assert library.owns(measured)
        expected = getattr(reference, name)(z, *arguments)
        bound = 1e-12 * max(1.0, numpy.abs(expected).max())
        numpy.testing.assert_allclose(library.host(measured), expected, rtol=0, atol=bound)
    numpy.testing.assert_array_equal(library.host(at), z)


@pytest.mark.parametrize("shape", [SHAPES[1], SHAPES[3]], ids=["few features", "many"])
def test_single_precision_stays(shape, library, rng):
    seed = rng.integers(2**31)
    reference = by_tangents(game_of(Minimax(), numpy.random.default_rng(seed), shape))
    game = game_of(Minimax(), numpy.random.default_rng(seed), shape, library=library, dtype="float32")
    z = rng.standard_normal(sum(game.dims)).astype("float32")
    expected = reference.jacobian(z.astype(float))
    measured = game.jacobian(library.asarray(z, dtype="float32"))
    assert library.owns(measured, dtype="float32")
    numpy.testing.assert_allclose(library.host(measured), expected, rtol=0, atol=1e-5 * numpy.abs(expected).max())


def test_classify_takes_it_where_it_forms_a_matrix(rng, monkeypatch):
    model = NeuralGAN(mlp((2, 6, 6, 2)), mlp((2, 6, 6, 1)), Minimax(), rng.standard_normal((32, 2)), latent_dim=2)
    structured, sizes = NeuralGANGame._structured, []
    monkeypatch.setattr(NeuralGANGame, "_structured", lambda self, z: sizes.append(z.shape) or structured(self, z))
    assert classify(model, model.init(0)).kind == "nonstationary"
    assert (141,) in [shape[-1:] for shape in sizes]


@pytest.mark.parametrize("options", [{"r1": 0.7}, {"r2": 0.4}, {"r1": 0.3, "r2": 0.5}], ids=str)
def test_a_penalized_game_adds_to_it(options, rng):
    inner = game_of(NonSaturating(), rng)
    game = Regularized(inner, **options)
    z = rng.standard_normal(sum(game.dims))
    columns = numpy.imag(game.simultaneous_gradient(z + 1e-20j * numpy.eye(z.size))).T / 1e-20
    bound = 1e-12 * numpy.abs(columns).max()
    numpy.testing.assert_allclose(game.jacobian(z), columns, rtol=0, atol=bound)
    assert numpy.abs(columns - inner.jacobian(z)).max() > 1e-3
    several = game.jacobian(numpy.stack([z, -z]))
    numpy.testing.assert_allclose(several[0], columns, rtol=0, atol=bound)
