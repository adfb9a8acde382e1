"""Two Gaussians, bars and stripes, modes, names and bundled tables."""

import itertools
import math
import subprocess
import sys

import numpy
import pytest
import scipy.stats

from gamedyn import data
from gamedyn.distributions import Categorical, Empirical, Mixture, MultivariateNormal, Normal


def test_two_gaussians_against_scipy():
    law = data.two_gaussians(distance=3.0, scale=0.7, weight=0.2)
    x = numpy.linspace(-4, 4, 9)
    expected = 0.8 * scipy.stats.norm(-1.5, 0.7).pdf(x) + 0.2 * scipy.stats.norm(1.5, 0.7).pdf(x)
    numpy.testing.assert_allclose(numpy.exp(law.log_prob(x)), expected, rtol=1e-13)
    law = data.two_gaussians(3, distance=3.0, scale=0.7, weight=0.2)
    points = numpy.stack([x, x / 2, -x], axis=-1)
    expected = expected * scipy.stats.norm(0, 0.7).pdf(x / 2) * scipy.stats.norm(0, 0.7).pdf(x)
    numpy.testing.assert_allclose(numpy.exp(law.log_prob(points)), expected, rtol=1e-12)


@pytest.mark.parametrize("side", [1, 2, 3])
def test_bars_and_stripes_against_enumeration(side):
    masses = {}
    for lines in itertools.product((0.0, 1.0), repeat=side):
        rows = tuple(value for value in lines for _ in range(side))
        columns = lines * side
        for image in (rows, columns):
            masses[image] = masses.get(image, 0.0) + 0.5 / 2**side
    law = data.bars_and_stripes(side)
    points = law.support_points()
    assert len(points) == len(masses) == (2 if side == 1 else 2 ** (side + 1) - 2)
    for image, mass in masses.items():
        assert math.exp(law.log_prob(numpy.asarray(image))) == pytest.approx(mass, rel=1e-12)
    assert {tuple(row) for row in law.sample(200, rng=1).tolist()} <= set(masses)


def test_modes_of_mixtures_atoms_and_boards():
    centers, scale, weights = data.target_modes(data.gaussian_grid(3, spacing=1.0, scale=0.2))
    assert {tuple(c) for c in centers.tolist()} == set(itertools.product((-1.0, 0.0, 1.0), repeat=2))
    numpy.testing.assert_allclose(scale, 0.2)
    numpy.testing.assert_allclose(weights, 1 / 9)
    modes = data.target_modes(data.two_gaussians(weight=0.3))
    assert modes.centers.tolist() == [[-2.0], [2.0]]
    numpy.testing.assert_allclose(modes.weights, [0.7, 0.3])
    numpy.testing.assert_allclose(modes.scale, 0.5)
    modes = data.target_modes(Empirical([[0.0, 1.0], [2.0, 3.0], [0.0, 1.0]]))
    assert modes.centers.tolist() == [[0.0, 1.0], [2.0, 3.0]]
    assert modes.scale.tolist() == [0.0, 0.0]
    numpy.testing.assert_allclose(modes.weights, [2 / 3, 1 / 3])
    # Nor is an atom.
    assert data.target_modes(Empirical([1.0, 2.0], [1.0, 0.0])).centers.tolist() == [[1.0]]
    modes = data.target_modes(data.checkerboard(2, width=2.0))
    assert modes.centers.tolist() == [[-1.0, -1.0], [1.0, 1.0]]
    # The deviation of a uniform law of width 2.
    numpy.testing.assert_allclose(modes.scale, math.sqrt(1 / 3))
    # A component without weight is no mode.
    modes = data.target_modes(Mixture([1.0, 0.0], [Normal(0.0, 1.0), Normal(5.0, 2.0)]))
    assert str(modes) == "1 mode in 1 dimension, standard deviation 1"


@pytest.mark.parametrize(
    ("law", "message"),
    [
        (data.two_moons(), "`law` must have modes that are known: Gaussians, atoms or squares, got NoisyCurve."),
        (Categorical([0.5, 0.5]), "`law` must have modes that are known"),
        (MultivariateNormal([0.0, 0.0], [[1.0, 0.5], [0.5, 1.0]]), "`law` must have modes that are round"),
        (Normal([0.0, 1.0], 1.0), "`law` must be one law, got a batch of shape (2,)."),
    ],
)
def test_laws_without_known_modes(law, message):
    with pytest.raises(ValueError, match="`law` must") as caught:
        data.target_modes(law)
    assert str(caught.value).startswith(message)
    with pytest.raises(TypeError, match="`law` must be a Distribution, got ndarray"):
        data.target_modes(numpy.zeros((3, 2)))


@pytest.mark.parametrize("name", data.TARGETS)
def test_every_name_makes_a_law(name):
    law = data.named_target(name.replace("_", "-"))
    draws = law.sample(5, rng=0)
    assert draws.shape == (5, *law.event_shape)
    assert numpy.all(numpy.isfinite(law.log_prob(draws)))
    assert getattr(data, data.TARGETS[name].__name__) is data.TARGETS[name]
    assert name in (data.TARGETS[name].__name__, data.TARGETS[name].__name__.removeprefix("gaussian_"))


def test_names_that_are_none():
    with pytest.raises(ValueError, match="`name` must be the name of a target") as caught:
        data.named_target("two_mons")
    assert "got 'two_mons'. Did you mean two_moons" in str(caught.value)
    assert data.named_target("ring", modes=3, scale=0.5).weights.shape == (3,)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: data.bars_and_stripes(13), "`side` must be at most 12, since all 2^(side + 1) images are listed"),
        (lambda: data.two_gaussians(0), "`dimension` must be at least 1, got 0."),
        (lambda: data.two_gaussians(weight=1.0), "`weight` must lie in (0, 1), got 1.0."),
        (lambda: data.two_gaussians(distance=0.0), "`distance` must be positive and finite, got 0.0."),
    ],
)
def test_messages(call, message):
    with pytest.raises(ValueError, match="must") as caught:
        call()
    assert str(caught.value).startswith(message)


def test_bundled_tables():
    datasets = pytest.importorskip("sklearn.datasets")
    X, y = data.digits()
    images = datasets.load_digits().images
    assert (X.shape, y.shape) == ((1797, 64), (1797,))
    assert (X.min(), X.max()) == (0.0, 1.0)
    assert sorted(set(y.tolist())) == list(range(10))
    numpy.testing.assert_array_equal(data.digits(flat=False).X[:, :, :, 0] * 16, images)
    binary = data.digits(binarized=True).X
    numpy.testing.assert_array_equal(binary.reshape(-1, 8, 8) == 1, images >= 8)
    assert set(numpy.unique(binary).tolist()) == {0.0, 1.0}
    shapes = {"iris": ((150, 4), 3), "wine": ((178, 13), 3), "breast_cancer": ((569, 30), 2)}
    for name, (shape, classes) in shapes.items():
        table = getattr(data, name)()
        assert table.X.shape == shape
        assert str(table) == f"{shape[0]} rows of {shape[1]}, {classes} classes"


def test_bundled_tables_name_the_extra_without_scikit_learn():
    code = (
        "import sys; sys.modules['sklearn'] = None\n"
        "from gamedyn import data\n"
        "try: data.digits()\n"
        "except ImportError as error: print(error)\n"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert shown == "sklearn is needed here and is not installed. Install it with `pip install 'gamedyn[data]'`.\n"
