"""The pictures of a report, each drawn by `gamedyn.plotting` from what the library computes."""

from __future__ import annotations

import base64
import importlib.util
import io
from typing import Any

import numpy

from gamedyn import plotting
from gamedyn.distributions import Mixture, Normal
from gamedyn.divergences import jensen_shannon_divergence, kl_divergence
from gamedyn.dynamics import simulate
from gamedyn.equilibria import game_spectrum
from gamedyn.experiments import compare_rules
from gamedyn.games import Bilinear, DiracGAN, forsaken, jin_minimax
from gamedyn.models import NeuralGAN
from gamedyn.nn import mlp
from gamedyn.objectives import Minimax, NonSaturating, value_at_optimum
from gamedyn.reports._picture import Picture
from gamedyn.updates import (
    AlternatingGradientDescent,
    Competitive,
    Consensus,
    Extragradient,
    HeavyBall,
    Lookahead,
    OptimisticGradient,
    ProximalPoint,
    SimultaneousGradientDescent,
)

__all__ = ["draw_pictures"]


def draw_pictures(seed: int = 0) -> tuple[Picture, ...] | str:
    """The pictures, or one sentence on why there are none.

    Parameters
    ----------
    seed : int
        Of random instances and of training.
    """
    if importlib.util.find_spec("matplotlib") is None:
        return "Pictures need matplotlib: install it with pip install 'gamedyn[plot]'."
    rng = numpy.random.default_rng(seed)
    return (
        _discriminator(),
        _value_identity(rng),
        _mode_fits(),
        _bilinear(),
        *_dirac(),
        _forsaken(),
        _profile(seed),
        _training(rng),
    )


def _picture(ax: Any, title: str, caption: str) -> Picture:
    buffer = io.BytesIO()
    ax.figure.savefig(buffer, format="png", dpi=160, bbox_inches="tight")
    uri = "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()
    return Picture(title, caption, plotting.alt_text(ax), uri)


def _discriminator() -> Picture:
    data = Mixture([0.6, 0.4], [Normal(-2.0, 0.7), Normal(2.0, 1.0)])
    return _picture(
        plotting.plot_optimal_discriminator(data, Normal(0.3, 0.8)),
        "The optimal discriminator",
        "D* = p/(p+q) is near 1 where only the data p have mass, near 0 where only the generator q has, and 1/2 where "
        "their densities cross.",
    )


def _value_identity(rng: Any) -> Picture:
    shape = 10.0 ** rng.uniform(-1.5, 1.5, (300, 1))
    p, q = (rng.gamma(shape, size=(300, 6)) + 1e-12 for _ in range(2))
    p, q = p / p.sum(-1, keepdims=True), q / q.sum(-1, keepdims=True)
    return _picture(
        plotting.plot_value_against_js(jensen_shannon_divergence(p, q), value_at_optimum(p, q)),
        "The value of the game is a divergence",
        "Three hundred random pairs of laws: the value under the optimal discriminator is 2 JS - log 4, no matter how "
        "the laws look.",
    )


def _mode_fits() -> Picture:
    """Location and scale of one normal law that minimise KL, JS and reverse KL to two well separated ones."""
    from scipy.optimize import minimize

    data = Mixture([0.5, 0.5], [Normal(-3.0, 1.0), Normal(3.0, 1.0)])
    x = numpy.linspace(-18.0, 18.0, 721)
    p = numpy.exp(data.log_prob(x)) * 0.05

    def fit(divergence: Any) -> Normal:
        def loss(parameters: Any) -> float:
            q = numpy.exp(Normal(parameters[0], float(numpy.exp(parameters[1]))).log_prob(x)) * 0.05
            return float(divergence(p, q, normalize=True))

        starts = ([0.0, 1.0], [2.5, 0.2])
        best = min((minimize(loss, start, method="Nelder-Mead") for start in starts), key=lambda found: found.fun)
        return Normal(float(best.x[0]), float(numpy.exp(best.x[1])))

    fits = {
        "KL(data, fit)": fit(kl_divergence),
        "JS": fit(jensen_shannon_divergence),
        "KL(fit, data)": fit(lambda a, b, **options: kl_divergence(b, a, **options)),
    }
    return _picture(
        plotting.plot_mode_fits(data, fits),
        "Covering modes, or seeking one",
        "One normal law fitted to two: KL covers both modes, the reverse KL settles on one. JS is not the reverse of "
        "KL: here it still covers.",
    )


def _bilinear() -> Picture:
    rules = {
        "simultaneous": SimultaneousGradientDescent(0.2),
        "alternating": AlternatingGradientDescent(0.2),
        "extragradient": Extragradient(0.2),
        "optimistic": OptimisticGradient(0.2),
        "consensus": Consensus(0.2, 0.5),
        "proximal point": ProximalPoint(0.2),
    }
    game, start = Bilinear(numpy.eye(1)), numpy.array([1.0, 0.6])
    paths = {name: simulate(game, rule, start, 60) for name, rule in rules.items()}
    return _picture(
        plotting.plot_trajectories(paths),
        "Six rules on min max xy",
        "The same game, start and step size 0.2: simultaneous descent spirals out, alternating descent circles, the "
        "others come home.",
    )


def _dirac() -> list[Picture]:
    start = numpy.array([[1.0, 0.5], [-1.2, -0.9]])
    cases = {
        "minimax": (
            Minimax(),
            "The flow circles around the equilibrium at the origin; simultaneous descent with step 0.1 drifts outward, "
            "consensus optimisation comes home.",
        ),
        # d|z|^2/dt = -2 s tanh(s/2) along the flow, s = psi theta: of fourth order at the origin.
        "non-saturating": (
            NonSaturating(),
            "The same equilibrium in another field, no longer zero-sum: from afar even simultaneous descent moves "
            "inward, ever more slowly.",
        ),
    }
    rules = {"simultaneous": SimultaneousGradientDescent(0.1), "consensus": Consensus(0.1, 1.0)}
    pictures = []
    for name, (objective, remark) in cases.items():
        game = DiracGAN(objective)
        paths = {rule: simulate(game, each, start, 150) for rule, each in rules.items()}
        ax = plotting.plot_phase_portrait(game, trajectories=paths)
        pictures.append(_picture(ax, f"Dirac-GAN, {name}", remark))
    return pictures


def _forsaken() -> Picture:
    rules = {"simultaneous": SimultaneousGradientDescent(0.05), "extragradient": Extragradient(0.05)}
    game, start = forsaken(), numpy.array([1.2, 1.0])
    paths = {name: simulate(game, rule, start, 1200) for name, rule in rules.items()}
    paths["extragradient, long steps"] = simulate(game, Extragradient(0.7), start, 60)
    return _picture(
        plotting.plot_phase_portrait(game, [(-1.5, 1.5), (-1.5, 1.5)], trajectories=paths),
        "Forsaken: rules that follow the flow end on its cycle",
        "The point of rest near (0.08, 0.41) attracts, and a stable cycle goes around it. Small steps of either rule "
        "follow the flow onto the cycle; extragradient with steps of 0.7 leaves the flow, and comes to rest.",
    )


def _profile(seed: int) -> Picture:
    games = {"xy": Bilinear(numpy.eye(1)), "Dirac-GAN": DiracGAN(), "min-max": jin_minimax(), "Forsaken": forsaken()}
    rules = {
        "simultaneous": SimultaneousGradientDescent(),
        "alternating": AlternatingGradientDescent(),
        "negative momentum": HeavyBall(momentum=-0.3, schedule="alternating"),
        "extragradient": Extragradient(),
        "optimistic": OptimisticGradient(),
        "lookahead, extragradient": Lookahead(Extragradient()),
        "consensus": Consensus(),
        "competitive": Competitive(),
    }
    found = compare_rules(games, rules, starts=12, steps=500, rng=seed)
    return _picture(
        plotting.plot_performance_profile(found),
        "Eight rules on four games",
        "Each rule at its own best step size of a grid, from twelve starts of each game: how often it needs at most x "
        "times the gradient evaluations of the best. A product with J counts as one, a dense solve as two.",
    )


def _training(rng: Any) -> Picture:
    """The spectrum of a GAN of two small networks at its start and after 1,500 steps of extragradient."""
    gan = NeuralGAN(mlp((1, 6, 1)), mlp((1, 6, 1)), NonSaturating(), Normal(1.0, 0.5), latent_dim=1, batch_size=128)
    start = gan.init(rng)
    trained = simulate(gan, Extragradient(0.2), start, 1500, rng=rng, record_every=500).final
    ax = plotting.plot_spectrum({"before": game_spectrum(gan, start), "after": game_spectrum(gan, trained)})
    return _picture(
        ax,
        "Spectrum of a GAN of two networks",
        "Eigenvalues of the game's Jacobian before and after training on a normal law. Imaginary parts are rotation "
        "between the players; a negative real part would drive the flow away.",
    )
