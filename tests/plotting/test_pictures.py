"""Every picture: the numbers that it shows are those of theory, and its sentence says them."""

import math

import numpy
import pytest

from gamedyn.distributions import Mixture, MultivariateNormal, Normal
from gamedyn.dynamics import simulate
from gamedyn.experiments import compare_rules
from gamedyn.games import Bilinear, DiracGAN, Quadratic
from gamedyn.plotting import (
    alt_text,
    plot_distances,
    plot_mode_fits,
    plot_optimal_discriminator,
    plot_performance_profile,
    plot_phase_portrait,
    plot_spectrum,
    plot_trajectories,
    plot_value_against_js,
)
from gamedyn.updates import Extragradient, SimultaneousGradientDescent


def drawn(ax):
    """{label: (x, y)} of the labelled lines."""
    return {line.get_label(): line.get_data() for line in ax.lines if not line.get_label().startswith("_")}


def test_optimal_discriminator_is_a_sigmoid_between_equal_normals():
    # N(1, 1) against N(-1, 1): logit 2 x.
    x = numpy.linspace(-3, 3, 61)
    ax = plot_optimal_discriminator(Normal(1.0, 1.0), Normal(-1.0, 1.0), x=x)
    (right,) = [other for other in ax.figure.axes if other is not ax]
    numpy.testing.assert_allclose(right.lines[0].get_ydata(), 1 / (1 + numpy.exp(-2 * x)), rtol=1e-12)
    density = numpy.exp(-((x - 1) ** 2) / 2) / (2 * math.pi) ** 0.5
    numpy.testing.assert_allclose(drawn(ax)["data p"][1], density, rtol=1e-12)
    assert "0.00 to 1.00" in alt_text(ax)
    with pytest.raises(ValueError, match=r"event shape \(2,\)"):
        plot_optimal_discriminator(*[MultivariateNormal(numpy.zeros(2), numpy.eye(2))] * 2, x=x)


def test_default_range_holds_both_laws():
    ax = plot_optimal_discriminator(Normal(-2.0, 0.5), Normal(3.0, 1.0))
    assert ax.get_xlim() == (-4.0, 7.0)


def test_value_against_js_draws_the_line_through_both_ends():
    ax = plot_value_against_js([0.1, 0.2], [0.2 - math.log(4), 0.5 - math.log(4)])
    x, y = drawn(ax)["V = 2 JS − log 4"]
    assert list(x) == [0.0, math.log(2)]
    assert y == pytest.approx([-math.log(4), 0.0], abs=1e-15)
    assert "1.0e-01 nats" in alt_text(ax)
    with pytest.raises(ValueError, match=r"one shape, got \(1,\) and \(2,\)"):
        plot_value_against_js([0.1], [0.2, 0.3])


def test_mode_fits_show_every_fit():
    data = Mixture([0.5, 0.5], [Normal(-2.0, 0.5), Normal(2.0, 0.5)])
    ax = plot_mode_fits(data, {"forward": Normal(0.0, 2.0), "reverse": Normal(2.0, 0.5)})
    lines = drawn(ax)
    # Peaks 1 / (sigma sqrt(2 pi)).
    assert max(lines["reverse"][1]) == pytest.approx(2 / (2 * math.pi) ** 0.5, rel=1e-3, abs=0.0)
    assert max(lines["forward"][1]) == pytest.approx(0.5 / (2 * math.pi) ** 0.5, rel=1e-3, abs=0.0)
    assert "reverse at 2.00 with deviation 0.50" in alt_text(ax)


@pytest.fixture(scope="module")
def paths():
    game = Bilinear([[1.0]])
    rules = {"descent": SimultaneousGradientDescent(0.2), "extragradient": Extragradient(0.2)}
    return {name: simulate(game, rule, [[1.0, 1.0], [0.5, 0.0]], 100) for name, rule in rules.items()}


def test_trajectories_show_every_path_and_keep_the_start_in_sight(paths):
    ax = plot_trajectories(paths)
    assert len(ax.lines) == 4
    numpy.testing.assert_array_equal(drawn(ax)["descent"], paths["descent"].points[:, 0].T)
    assert ax.get_xlim() == ax.get_ylim() == (-2.2, 2.2)
    assert "descent moves outward" in alt_text(ax)
    assert "extragradient moves inward" in alt_text(ax)
    one = plot_trajectories(paths["descent"], coordinates=(1, 0), labels=("y", "x"))
    assert (one.get_xlabel(), one.get_ylabel()) == ("y", "x")
    assert one.get_legend() is None
    numpy.testing.assert_array_equal(one.lines[0].get_xdata(), paths["descent"].points[:, 0, 1])


def test_distances_are_per_gradient_evaluation(paths):
    ax = plot_distances(paths, 0.0)
    x, y = drawn(ax)["extragradient"]
    assert x[-1] == 200
    # |1 - i h - h^2| at h = 0.2, and mean starting distance (sqrt 2 + 1/2) / 2.
    assert y[-1] == pytest.approx((2**0.5 + 0.5) / 2 * math.hypot(0.96, 0.2) ** 100, rel=1e-12, abs=0.0)
    assert drawn(plot_distances(paths, 0.0, per="step"))["extragradient"][0][-1] == 100
    assert ax.get_yscale() == "log"
    with pytest.raises(ValueError, match="`per` must be"):
        plot_distances(paths, 0.0, per="second")


def test_phase_portrait_is_slowest_at_the_equilibrium(paths):
    ax = plot_phase_portrait(DiracGAN(), ((-1, 3), (-1, 1)), trajectories=paths, labels=("θ", "ψ"))
    assert "slowest near (0, 0)" in alt_text(ax)
    assert ax.get_xlim() == (-1, 3)
    assert ax.get_xlabel() == "θ"
    assert len([line for line in ax.lines if line.get_label() == "descent"]) == 1
    with pytest.raises(ValueError, match="two coordinates"):
        plot_phase_portrait(Quadratic.from_jacobian(numpy.eye(3), (1, 2)))


def test_phase_portrait_shows_descent():
    from matplotlib.figure import Figure

    ax, seen = Figure().add_subplot(), []
    ax.streamplot = lambda *arguments, **options: seen.extend(arguments)
    plot_phase_portrait(Quadratic.from_jacobian([[2.0, 0.0], [0.0, 1.0]], (1, 1)), ax=ax)
    x, y, u, v = seen
    # z' = -(2 x, y), rows along y.
    numpy.testing.assert_allclose(u, numpy.broadcast_to(-2 * x, u.shape), atol=1e-15)
    numpy.testing.assert_allclose(v, numpy.broadcast_to(-y[:, None], v.shape), atol=1e-15)


def test_spectrum_shades_the_half_plane_that_repels():
    ax = plot_spectrum({"before": [-1.0 + 2j, -1.0 - 2j], "after": [0.5, 0.7]})
    before, after = ax.collections[:2]
    assert before.get_offsets().tolist() == [[-1.0, 2.0], [-1.0, -2.0]]
    assert after.get_offsets().tolist() == [[0.5, 0.0], [0.7, 0.0]]
    (shade,) = ax.patches
    assert shade.get_x() + shade.get_width() == 0
    assert "before: 2 eigenvalues with smallest real part -1; after: 2 eigenvalues with smallest real part 0.5" in (
        alt_text(ax)
    )


def test_a_performance_profile_draws_the_shares():
    # Extragradient solves every start of x y; simultaneous descent none.
    rules = [Extragradient(), SimultaneousGradientDescent()]
    comparison = compare_rules({"xy": Bilinear([[1.0]])}, rules, starts=3, steps=300)
    ax = plot_performance_profile(comparison)
    lines = drawn(ax)
    assert set(lines["Extragradient"][1]) == {1.0}
    assert set(lines["SimultaneousGradientDescent"][1]) == {0.0}
    assert "Extragradient 100% and 100%; SimultaneousGradientDescent 0% and 0%." in alt_text(ax)
    assert "1 more are not drawn" in alt_text(plot_performance_profile(comparison, most=1))
