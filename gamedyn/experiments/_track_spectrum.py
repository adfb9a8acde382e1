"""track_spectrum and spectrum_along: a game's spectra before, during and after a training, and along any path."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy

from gamedyn._checks import check_integer
from gamedyn.backend import as_generator, float_arrays, like, to_host
from gamedyn.dynamics import PathAngle, Status, path_angle
from gamedyn.experiments._spectrum_point import spectrum_point
from gamedyn.experiments._spectrum_track import SpectrumTrack
from gamedyn.games import Game, StochasticGame
from gamedyn.models import GAN

__all__ = ["spectrum_along", "track_spectrum"]

# Coordinates up to which all eigenvalues are computed.
_DENSE_LIMIT = 1100


def spectrum_along(
    game: Game | StochasticGame,
    points: Any,
    *,
    steps: Sequence[int] | None = None,
    positions: int = 201,
    largest_dense: int = _DENSE_LIMIT,
    rng: Any = 0,
) -> SpectrumTrack:
    """Eigenvalues of J, own Hessians and rotation at points of a path, and the path angle from the first to the last.

    Parameters
    ----------
    game : Game or StochasticGame
        A stochastic game is judged on `full()`.
    points : array_like, shape (T, d)
        For instance those of a `Trajectory` of one start, or some of them.
    steps : sequence of int, optional
        When they were reached; 0, 1, ... where None.
    positions : int
        Of the path angles, on [0, 2].
    largest_dense : int
        Up to this d all eigenvalues are computed. Beyond, no matrix is formed: Arnoldi's method finds six eigenvalues
        of least and of greatest real part and of greatest modulus, Lanczos' method the ends of the own Hessians, each
        with its residual; the share of rotation is estimated from 16 random vectors.
    rng : None, int or numpy.random.Generator
        For random vectors.

    Returns
    -------
    SpectrumTrack
        On the host.

    Raises
    ------
    TypeError
        If `game` is no game.
    ValueError
        If shapes do not fit, a point is not finite, or the steps do not grow.

    Notes
    -----
    Host-only but for the products, O(d^3) for each point. Constraints of the game's domain are not heeded: eigenvalues
    and gradients are those of the whole space.

    References
    ----------
    Berard, Gidel, Almahairi, Vincent, Lacoste-Julien (2020), A closer look at the optimization landscapes of
    generative adversarial networks.

    Examples
    --------
    J = [[1, 2], [-2, 1]] attracts and turns, its eigenvalues are 1 +- 2i, and 4/5 of |J|^2 turn. On a straight way into
    the origin the field is at the angle arctan 2 to the way behind, whose cosine is 1 / sqrt(5).

    >>> from gamedyn.games import Quadratic
    >>> game = Quadratic.from_jacobian(numpy.array([[1.0, 2.0], [-2.0, 1.0]]), (1, 1))
    >>> track = spectrum_along(game, [[1.0, 0.0], [0.0, 0.0]])
    >>> end = track.points[-1]
    >>> round(end.largest_imaginary, 12), round(end.rotation, 12), round(float(track.angle.cosine[-1]), 6)
    (2.0, 0.8, 0.447214)
    """
    if not isinstance(game, (Game, StochasticGame)):
        raise TypeError(f"`game` must be a Game or StochasticGame, got {type(game).__name__}.")
    full = game.full()
    xp, path = float_arrays(points, names=("points",))
    d = sum(full.dims)
    if path.ndim != 2 or path.shape[0] == 0 or path.shape[1] != d:
        raise ValueError(
            f"`points` must have shape (T, {d}), players of sizes {full.dims} together, got {tuple(path.shape)}."
        )
    bad = ~numpy.isfinite(numpy.asarray(to_host(path))).all(axis=-1)
    if bad.any():
        raise ValueError(f"`points` must be finite, got a point that is not in row {int(numpy.argmax(bad))}.")
    check_integer("positions", positions, minimum=3)
    check_integer("largest_dense", largest_dense, minimum=0)
    count = path.shape[0]
    when = _checked_steps(range(count) if steps is None else steps)
    if len(when) != count:
        raise ValueError(f"`steps` must be as many as `points`, {count}, got {len(when)}.")
    rng = as_generator(rng)
    judged = tuple(spectrum_point(full, path[k, :], when[k], largest_dense, rng) for k in range(count))

    def angle_from(k: int) -> PathAngle | None:
        if not bool(xp.any(path[k, :] != path[-1, :])):
            return None
        return path_angle(full, path[k, :], path[-1, :], n=positions)

    late = angle_from(count // 2) if count > 2 else None
    return SpectrumTrack(tuple(full.dims), judged, angle_from(0), late)


def track_spectrum(
    gan: GAN,
    X: Any,
    y: Any = None,
    *,
    steps: Sequence[int],
    samples: int | None = None,
    positions: int = 201,
    largest_dense: int = _DENSE_LIMIT,
    rng: Any = 0,
) -> SpectrumTrack:
    """Train a GAN and judge its game on all data before, during and after: see `spectrum_along`.

    Parameters
    ----------
    gan : GAN
        Trained from fresh parameters to the last of `steps`, to the bits of an undisturbed `fit`; its own `steps` is
        left as it is.
    X, y : see `GAN.fit`
    steps : sequence of int
        When to look, growing; 0 is before the training.
    samples : int, optional
        Rows of the data on which the game is judged, drawn with `rng` once for all; None takes all.
    positions, largest_dense, rng : see `spectrum_along`

    Returns
    -------
    SpectrumTrack

    Raises
    ------
    TypeError, ValueError
        As `GAN.fit` and `spectrum_along`; if `samples` are more than there are.

    Notes
    -----
    The game that is judged is the one of `GAN.as_game`, with the penalty, on as many latent as real samples, in double
    precision whatever the training's is.

    Examples
    --------
    G(e) = w e against D(x) = v x with critic values, on data at 0: L_0 = -v w m with the mean m of the latent samples,
    so that the eigenvalues are +- i m everywhere.

    >>> from gamedyn.nn import Dense, Network
    >>> line = Network((Dense(1, 1, bias=False),), 1)
    >>> gan = GAN("wasserstein", generator=line, discriminator=line, latent_dim=1, batch_size=4, rng=0)
    >>> track = track_spectrum(gan, numpy.zeros((4, 1)), steps=(0, 10))
    >>> mean = gan.as_game().fake(numpy.ones(2)).mean()
    >>> round(float(abs(track.points[0].largest_imaginary / mean)), 6)
    1.0
    """
    if not isinstance(gan, GAN):
        hint = " `spectrum_along` takes points of any game." if isinstance(gan, (Game, StochasticGame)) else ""
        raise TypeError(f"`gan` must be a GAN, got {type(gan).__name__}.{hint}")
    when = _checked_steps(steps)
    if samples is not None:
        check_integer("samples", samples, minimum=1)
    rng = as_generator(rng)
    asked = {name: getattr(gan, name) for name in ("steps", "evaluate_every", "checkpoint_every")}
    # Records and checkpoints come when those of an undisturbed run do.
    schedule = {"evaluate_every": 50, "checkpoint_every": 10}
    gan.set_params(**{name: asked[name] or max(1, -(-when[-1] // parts)) for name, parts in schedule.items()})
    points: list[numpy.ndarray] = []
    reached: list[int] = []
    try:
        gan.set_params(steps=0).fit(X, y)
        game, example = _judged_game(gan, X, y, samples, rng)
        for step in when:
            if step:
                gan.set_params(steps=step - gan.steps_).partial_fit(X, y)
            if not reached or gan.steps_ > reached[-1]:
                points.append(numpy.asarray(to_host(gan.z_), dtype=numpy.float64))
                reached.append(gan.steps_)
            if gan.status_ == Status.DIVERGED:
                break
    finally:
        gan.set_params(**asked)
    path = like(numpy.stack(points), example)
    found = spectrum_along(game, path, steps=reached, positions=positions, largest_dense=largest_dense, rng=rng)
    return replace(found, diverged=gan.status_ == Status.DIVERGED)


def _judged_game(gan: GAN, X: Any, y: Any, samples: int | None, rng: numpy.random.Generator) -> tuple[Any, Any]:
    """The game on the rows that are looked at, in double precision, and a point of its library."""
    rows = numpy.asarray(to_host(X)).astype(gan.dtype)
    labels = None if y is None else numpy.asarray(to_host(y))
    twin = GAN(**{**gan.get_params(), "dtype": "float64", "steps": 0, "rng": 0, "checkpoint": None, "progress": False})
    # On all rows first: labels and the scale of the data are those of the training.
    twin.fit(rows, labels)
    if samples is None:
        return twin.as_game(), twin.z_
    if samples > rows.shape[0]:
        raise ValueError(f"`samples` must be the number of rows of `X`, {rows.shape[0]}, at most, got {samples}.")
    chosen = rng.permutation(rows.shape[0])[:samples]
    return twin.as_game(rows[chosen], None if labels is None else labels[chosen]), twin.z_


def _checked_steps(steps: Sequence[int]) -> list[int]:
    found = list(steps)
    for step in found:
        check_integer("steps", step, minimum=0)
    if not found or any(later <= earlier for earlier, later in itertools.pairwise(found)):
        raise ValueError(f"`steps` must be a growing sequence of at least one number, got {found}.")
    return [int(step) for step in found]
