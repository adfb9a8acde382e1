"""inspect_gan: a trained GAN as a game and as a sampler, with everything that is undefined named."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, TypeVar

import numpy

from gamedyn._checks import check_integer
from gamedyn.backend import Array, array_namespace, as_generator, to_host
from gamedyn.distributions import MultivariateNormal, Normal
from gamedyn.divergences import kl_divergence
from gamedyn.equilibria import (
    Classification,
    DifferentialNashGap,
    classify,
    differential_nash_gap,
    find_stationary_point,
)
from gamedyn.experiments._gan_inspection import GANInspection, OwnCurvature, RestPoint, Spectrum
from gamedyn.experiments._spectrum_point import extreme_eigenvalues
from gamedyn.games import Game, Reals, player_slices
from gamedyn.models import (
    GAN,
    NeuralGANGame,
    SampleMeasures,
    affine_generator_law,
    measure_samples,
    own_hessian_extremes,
)

__all__ = ["inspect_gan"]

_DENSE = 1100
# Newton's method to the point of rest nearby makes some ten dense solves.
_NEWTON = 400
_CLASSIFIED = 1000

_T = TypeVar("_T")


def inspect_gan(
    gan: GAN,
    X: Any = None,
    y: Any = None,
    *,
    samples: int = 2500,
    rows: int = 1000,
    rng: Any = 0,
) -> GANInspection:
    """What kind of point a fitted GAN has reached in its game, and how near its samples are to the data; on the host.

    The game is the full-batch one of `GAN.as_game`, with its penalty, on some rows of the data and as many fixed latent
    samples, in float64. There: the spectrum of J, `classify`, the ends of both own Hessians and
    `differential_nash_gap`. Samples are compared with the data, and with the target's law where it is known.

    Parameters
    ----------
    gan : GAN
        Fitted.
    X : array_like, shape (n, features), optional
        Rows to judge it on; those of the fit where None, which a loaded GAN has not.
    y : array_like, shape (n,), optional
        Of a conditional GAN.
    samples : int
        Generated for the measures, at least 10.
    rows : int
        Rows of the game at most, taken at random; never fewer than a batch of the GAN.
    rng : None, int or numpy.random.Generator
        For the choice of rows and for the samples.

    Returns
    -------
    GANInspection
        Print it. What is not defined, or was not found, stands under `refused` with the reason.

    Raises
    ------
    TypeError
        If `gan` is no GAN.
    ValueError
        If it is not fitted, there are no data, or they do not fit it.

    Notes
    -----
    Up to 1,100 parameters matrices are formed: O(d^3), some ten seconds at 1,000. Beyond, extreme eigenvalues come by
    products alone, with their residuals. For a generator with a moving average, the game is judged at the last point of
    the training, and the samples are those of the average.

    Examples
    --------
    >>> import numpy
    >>> from gamedyn.models import GAN
    >>> X = numpy.random.default_rng(0).normal(size=(50, 1))
    >>> gan = GAN("least-squares", generator=(), discriminator=(), latent_dim=1, steps=0, batch_size=10, rng=0).fit(X)
    >>> found = inspect_gan(gan, samples=50)
    >>> found.setting["dims"], len(found.spectrum.values), found.gap.curvature_deficits
    ((2, 2), 4, (0.0, 0.0))
    """
    if not isinstance(gan, GAN):
        hint = " Call it to make one, and fit it." if isinstance(gan, type) else ""
        raise TypeError(f"`gan` must be a fitted GAN, got {type(gan).__name__}.{hint}")
    check_integer("samples", samples, minimum=10)
    check_integer("rows", rows, minimum=1)
    rng = as_generator(rng)
    whole = gan.as_game(X, y)
    model = _network_game(whole).model
    # The model's own rows: in the order and precision in which the GAN was given them, without noise.
    real, numbers = to_host(model.data), model.labels
    batch = gan.batch_size * gan.packing
    kept = _subset(len(real), max(rows, batch), rng)
    game = gan.as_game(real[kept], None if numbers is None else gan.classes_[to_host(numbers)[kept]])
    inner = _network_game(game)
    xp = array_namespace(gan.z_)
    # Clipped parameters lie on bounds that are rounded in the training's precision.
    z = game.domain.project(xp.astype(gan.z_, xp.float64))
    refused: dict[str, str] = {}
    local = _Refusing(refused)
    with numpy.errstate(over="ignore", invalid="ignore", divide="ignore"):
        found = local("classification", lambda: _classified(gan, game, z))
        gap = local("Nash gap", lambda: differential_nash_gap(game, z))
        at_rest = local("point of rest nearby", lambda: _rest_nearby(game, z, found, gap))
        spectrum, curvatures = _spectra(game, z, local)
        measures = _measures(gan, real, numbers, samples, rng, local)
        exact = _exact_divergences(gan, inner)
        losses = tuple(float(x) for x in to_host(game.losses(z)))
        estimate = local("critic's estimate", lambda: _critic_estimate(inner, z))
    penalty = gan.penalty if gan.penalty is not None else "none"
    setting = {
        "objective": type(inner.objective).__name__,
        "penalty": penalty,
        "unrolled_steps": gan.unrolled_steps,
        "dims": tuple(game.dims),
        "features": gan.n_features_in_,
        "classes": 0 if gan.classes_ is None else len(gan.classes_),
        "packing": gan.packing,
        "steps": gan.steps_,
        "rows": len(kept) // gan.packing * gan.packing,
        "rows_given": len(real),
        "latent_samples": int(inner.latent_samples.shape[0]),
        "is_smooth": inner.model.generator.is_smooth and inner.model.discriminator.is_smooth,
        "is_averaged": gan.average_ is not None,
        "instance_noise": gan.instance_noise,
        "samples": samples,
    }
    return GANInspection(
        setting=setting,
        losses=losses,
        classification=found,
        at_rest=at_rest,
        gap=gap,
        spectrum=spectrum,
        curvatures=curvatures,
        measures=measures,
        exact=exact,
        critic_estimate=math.nan if estimate is None else estimate,
        refused=refused,
    )


class _Refusing:
    """Calls that may be undefined for some GAN: the reason is kept under the name of what was asked."""

    def __init__(self, refused: dict[str, str]) -> None:
        self._refused = refused

    def __call__(self, name: str, ask: Callable[[], _T | None]) -> _T | None:
        try:
            return ask()
        except (ValueError, NotImplementedError, RuntimeError, numpy.linalg.LinAlgError) as error:
            self._refused[name] = " ".join(str(error).split())
            return None


def _network_game(game: Any) -> NeuralGANGame:
    """The game of the networks inside its wrappers."""
    while not isinstance(game, NeuralGANGame):
        game = game.game
    return game


def _subset(count: int, rows: int, rng: numpy.random.Generator) -> numpy.ndarray:
    return numpy.arange(count) if count <= rows else numpy.sort(rng.choice(count, size=rows, replace=False))


def _classified(gan: GAN, game: Game, z: Array) -> Classification:
    if z.shape[-1] > _CLASSIFIED and gan.penalty in ("r2", "gradient-penalty"):
        raise ValueError(
            f"the penalty {gan.penalty!r} looks at fake samples, so that one product with J^T takes all "
            f"{z.shape[-1]} columns of J."
        )
    return classify(game, z)


def _rest_nearby(
    game: Game, z: Array, found: Classification | None, gap: DifferentialNashGap | None
) -> RestPoint | None:
    """The stationary point that Newton's method finds from here; None where this is one, or the game is large."""
    if found is None or gap is None or found.stationary.is_yes or z.shape[-1] > _NEWTON:
        return None
    if not isinstance(game.domain, Reals) or not gap.is_newton_trusted:
        return None
    reached = find_stationary_point(game, z, steps=12)
    if not reached.converged:
        return None
    there = classify(game, reached.point)
    return RestPoint(float(numpy.linalg.norm(to_host(reached.point) - to_host(z))), there)


def _spectra(
    game: Game, z: Array, local: _Refusing
) -> tuple[Spectrum | None, tuple[OwnCurvature | None, OwnCurvature | None]]:
    """The spectrum of J, and of its diagonal blocks: all of it, or the ends."""
    if z.shape[-1] > _DENSE:
        ends = [local(f"own Hessian of player {i}", lambda i=i: _own_ends(game, z, i)) for i in (0, 1)]  # type: ignore[misc]
        return local("spectrum", lambda: _extremes(game, z)), (ends[0], ends[1])
    jacobian = local("spectrum", lambda: _finite_jacobian(game, z))
    if jacobian is None:
        return None, (None, None)
    values = numpy.linalg.eigvals(jacobian)
    values = values[numpy.lexsort((values.imag, values.real))].astype(complex)
    own = []
    for block in player_slices(game.dims):
        hessian = jacobian[block, block]
        own.append(OwnCurvature(numpy.linalg.eigvalsh((hessian + hessian.T) / 2), None))
    return Spectrum(values, None), (own[0], own[1])


def _finite_jacobian(game: Game, z: Array) -> numpy.ndarray:
    jacobian = to_host(game.jacobian(z)).astype(float)
    if not numpy.isfinite(jacobian).all():
        raise ValueError("the game has no finite second derivatives here.")
    return jacobian


def _own_ends(game: Game, z: Array, player: int) -> OwnCurvature:
    found = own_hessian_extremes(game, z, player, steps=80, rng=0)
    values = numpy.array([found.smallest, found.largest])
    return OwnCurvature(values, numpy.array([found.smallest_residual, found.largest_residual]))


def _extremes(game: Game, z: Array) -> Spectrum:
    """The eigenvalues of least and largest real part and of largest modulus."""
    linearize = getattr(game, "linearize", None)
    product = (lambda v: game.jvp(z, v)) if linearize is None else linearize(z)
    start = to_host(z) * 0 + numpy.random.default_rng(0).standard_normal(z.shape[-1])
    start = array_namespace(z).asarray(start, dtype=z.dtype, device=z.device)
    return Spectrum(*extreme_eigenvalues(product, start))


def _measures(
    gan: GAN, real: numpy.ndarray, numbers: Any, count: int, rng: numpy.random.Generator, local: _Refusing
) -> dict[str, SampleMeasures]:
    """Against the data, and against the target where it is known."""
    labels = None
    if numbers is not None:
        # As many of each class as the data have.
        labels = gan.classes_[rng.choice(to_host(numbers), size=count)]
    drawn = to_host(gan.sample(count, labels, rng=rng)).astype(float)
    others = real[_subset(len(real), count, rng)].astype(float)
    asked = {"the data": others, "the target": gan.target}
    found = {}
    for name, against in asked.items():
        if against is not None:
            measured = local(f"measures against {name}", lambda a=against: measure_samples(drawn, a, rng=rng))  # type: ignore[misc]
            if measured is not None:
                found[name] = measured
    return found


def _exact_divergences(gan: GAN, game: NeuralGANGame) -> dict[str, float]:
    """KL both ways, in closed form, where the generator is affine and the target Gaussian."""
    if not isinstance(gan.target, (Normal, MultivariateNormal)) or gan.classes_ is not None:
        return {}
    theta = gan.z_[: game.dims[0]] if gan.average_ is None else gan.average_
    try:
        law = affine_generator_law(game.model.generator, theta)
        pairs = {"KL(target | generator)": (gan.target, law), "KL(generator | target)": (law, gan.target)}
        return {name: float(to_host(kl_divergence(*pair))) for name, pair in pairs.items()}
    except (ValueError, NotImplementedError):
        return {}


def _critic_estimate(game: NeuralGANGame, z: Array) -> float:
    """By how much the discriminator beats the best constant."""
    zero = array_namespace(z).zeros_like(z[:1])
    try:
        best = game.objective.optimal_output(zero)
    except ValueError:
        # An integral probability metric's a(s) + b(s) is the same for all constants.
        best = zero
    on_real, on_fake = game.objective.discriminator_loss(best, best)
    return float(to_host(on_real + on_fake)[0] - to_host(game.losses(z))[1])
