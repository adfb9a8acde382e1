"""fit_seeds: one GAN fitted from many seeds at once, as that many fitted GANs."""

from __future__ import annotations

import copy
import math
import statistics
import warnings
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy

from gamedyn._checks import describe
from gamedyn._progress import reporting
from gamedyn.dynamics import Status
from gamedyn.games import WrappedDraws
from gamedyn.models._ensemble_legs import EnsembleLegs
from gamedyn.models._gan import GAN
from gamedyn.models._gan_fit import Fit
from gamedyn.models._plan_network import is_planned
from gamedyn.models._training import Divergence, Training
from gamedyn.models._training_measures import TrainingMeasures
from gamedyn.models._training_plan import plan_training

__all__ = ["GANEnsemble", "fit_seeds"]


@dataclass(frozen=True, eq=False)
class GANEnsemble:
    """GANs that differ in nothing but their seeds; a sequence of them.

    Parameters
    ----------
    members : tuple of GAN
        Fitted.
    seeds : tuple
        Of each.
    reason : str
        Why they were fitted one after the other; empty where they were fitted at once.
    """

    members: tuple[GAN, ...]
    seeds: tuple[Any, ...]
    reason: str = ""

    def __len__(self) -> int:
        return len(self.members)

    def __getitem__(self, k: int) -> GAN:
        return self.members[k]

    def __iter__(self) -> Iterator[GAN]:
        return iter(self.members)

    def measure(self, function: Callable[[GAN], float]) -> numpy.ndarray:
        """(K,): a number of every member, of which mean and standard deviation tell the spread over seeds.

        Parameters
        ----------
        function : callable
            function(gan) -> number.
        """
        return numpy.asarray([float(function(gan)) for gan in self.members])

    def __str__(self) -> str:
        how = "at once" if not self.reason else f"one by one, as {self.reason}"
        lines = [
            f"{len(self)} GANs, fitted {how}",
            f"{'seed':>12}  {'steps':>7}  {'status':>9}  {'W1':>9}  {'modes':>6}",
        ]
        ends = [(gan.history_.wasserstein[-1], gan.history_.modes[-1]) for gan in self.members]
        for seed, gan, (distance, modes) in zip(self.seeds, self.members, ends, strict=True):
            name = str(seed) if isinstance(seed, (int, numpy.integer)) else type(seed).__name__
            lines.append(f"{name:>12}  {gan.steps_:>7}  {gan.status_.name:>9}  {distance:>9.3g}  {_count(modes):>6}")
        if len(self) > 1:
            distances, modes = ([float(end[k]) for end in ends] for k in (0, 1))
            lines.append(f"W1 {_spread(distances)}, modes {_spread(modes)} (mean +- standard deviation)")
        return "\n".join(lines)


def fit_seeds(gan: GAN, X: Any, y: Any = None, *, seeds: Iterable[Any]) -> GANEnsemble:
    """Fit a GAN from many seeds: member k is `GAN(..., rng=seeds[k]).fit(X, y)`, to the bit.

    Small networks cost little more than the calls that compute them. Here one call computes for all members whose
    numbers fit a core's cache together, each with random numbers of its own.

    Parameters
    ----------
    gan : GAN
        Its parameters are those of all members, but for `rng`. It is not fitted itself.
    X, y : see `GAN.fit`
    seeds : iterable of int or numpy.random.Generator
        One for each member, all different.

    Returns
    -------
    GANEnsemble

    Raises
    ------
    TypeError, ValueError
        If there are no seeds, or two are the same, or `gan` has a checkpoint; and as `GAN.fit`.

    Warns
    -----
    RuntimeWarning
        For a member that leaves the finite numbers, with its seed: it stops, and the others go on.

    Notes
    -----
    Members are fitted at once where a GAN's training is planned: on NumPy arrays, without unrolling, networks of dense
    layers and convolutions on small images with ReLU, LeakyReLU, Softplus or Tanh between them, and a rule that is
    Adam, RMSProp or gradient descent, simultaneous or alternating, or one of their forms with momentum, optimism or a
    look ahead. All others are fitted one after the other, and `reason` names what was in the way. The seconds in a
    member's history are those of all together.

    Examples
    --------
    >>> import numpy
    >>> gan = GAN(generator=(4,), discriminator=(4,), steps=3, batch_size=2)
    >>> X = numpy.zeros((3, 2))
    >>> many = fit_seeds(gan, X, seeds=range(5))
    >>> alone = GAN(generator=(4,), discriminator=(4,), steps=3, batch_size=2, rng=4).fit(X)
    >>> len(many), bool((many[4].z_ == alone.z_).all())
    (5, True)
    """
    if not isinstance(gan, GAN):
        raise TypeError(f"`gan` must be a GAN, got {describe(gan)}.")
    if gan.checkpoint is not None:
        raise ValueError(
            f"`gan` must have no `checkpoint`, which all members would write over, got {gan.checkpoint!r}. Save "
            "members when they are fitted."
        )
    checked, parameters = _checked_seeds(seeds), gan.get_params()
    members = [type(gan)(**{**parameters, "rng": seed}) for seed in checked]
    shared = Fit.of_data(members[0].get_params(), X, y)
    fits = [_seeded(shared, member) for member in members]
    reason = _reason(shared, fits[0].point.z)
    if reason:
        for member, fit in zip(members, fits, strict=True):
            member._train(fit, gan.steps)
    else:
        _train_at_once(shared, members, fits)
    return GANEnsemble(tuple(members), checked, reason)


def _checked_seeds(seeds: Any) -> tuple[Any, ...]:
    try:
        found = tuple(seeds)
    except TypeError:
        raise TypeError(f"`seeds` must be a sequence of seeds, got {describe(seeds)}. Take range({seeds}).") from None
    if not found:
        raise ValueError("`seeds` must hold one seed at least, got none.")
    places: dict[Any, int] = {}
    for k, seed in enumerate(found):
        whole = isinstance(seed, (int, numpy.integer)) and not isinstance(seed, bool)
        if not (isinstance(seed, numpy.random.Generator) or (whole and seed >= 0)):
            raise TypeError(f"`seeds` must be whole numbers from 0 on or generators, got {seed!r} at {k}.")
        key = int(seed) if whole else id(seed)
        if (whole, key) in places:
            raise ValueError(
                f"`seeds` must be different, got {seed!r} at {places[whole, key]} and at {k}. Two members would be one."
            )
        places[whole, key] = k
    return found


def _seeded(shared: Fit, member: GAN) -> Fit:
    """The fit of one member, begun: all but its parameters and its point are those of all."""
    fit = copy.copy(shared)
    fit.parameters = member.get_params()
    fit.begin()
    return fit


def _reason(fit: Fit, z: Any) -> str:
    """Why there is no plan for many at once; empty where there is one."""
    model: Any = fit.model
    if not isinstance(z, numpy.ndarray):
        return f"`X` is of {type(z).__module__}, not of NumPy"
    if plan_training(WrappedDraws(model, fit.wrap), fit.rule, z, (2,)) is not None:
        return ""
    if fit.parameters["unrolled_steps"]:
        return f"`unrolled_steps` is {fit.parameters['unrolled_steps']}"
    for name, network in (("generator", fit.generator), ("discriminator", fit.discriminator)):
        if not is_planned(network):
            return f"`{name}` has layers that ensembles do not know"
    return f"`rule` is {type(fit.rule.rule).__name__}"


def _train_at_once(shared: Fit, members: list[GAN], fits: list[Fit]) -> None:
    """Train all members leg by leg, and leave them fitted."""
    model: Any = shared.model
    game, until = WrappedDraws(model, shared.wrap), shared.parameters["steps"]
    legs = EnsembleLegs(game, model, shared.rule, fits[0].point.z)
    measures = TrainingMeasures(model, shared.wrap, shared.parameters["target"])
    trainings = [Training(game, shared.rule, measures, fit.rng, fit.point, legs.alone) for fit in fits]
    courses = [training.course(until, **shared.schedule()) for training in trainings]
    ends: dict[int, Divergence | None] = {}
    steps = 0

    def advance(k: int, leg: Any) -> None:
        nonlocal steps
        try:
            steps = next(courses[k]) if leg is None else courses[k].send(leg)
        except StopIteration as end:
            ends[k] = end.value

    with reporting(shared.parameters["progress"], until, name=f"{len(fits)} GANs", only_on_terminal=True) as report:
        for k in range(len(fits)):
            advance(k, None)
        while running := [k for k in range(len(fits)) if k not in ends]:
            those = [trainings[k] for k in running]
            played = legs.play([(each.at.z, each.at.state) for each in those], [each.rng for each in those], steps)
            for k, leg in zip(running, played, strict=True):
                advance(k, leg)
            if report is not None:
                report(max(each.at.step for each in those), until)
    for k, (member, fit, training) in enumerate(zip(members, fits, trainings, strict=True)):
        fit.point = training.at
        diverged = ends[k]
        member._keep(fit, Status.MAX_STEPS if diverged is None else Status.DIVERGED)
        if diverged is not None:
            warnings.warn(
                f"member {k} (seed {member.rng!r}): {diverged}; z_ is the point after step {fit.point.step}.",
                RuntimeWarning,
                stacklevel=3,
            )


def _count(modes: float) -> str:
    return "-" if math.isnan(modes) else f"{modes:.0f}"


def _spread(values: list[float]) -> str:
    """Mean and standard deviation of the numbers that are finite."""
    finite = [value for value in values if math.isfinite(value)]
    if len(finite) < 2:
        return "-"
    return f"{statistics.fmean(finite):.3g} +- {statistics.stdev(finite):.2g}"
