"""track_divergences: every divergence and distance of a run's iterates from their target, in one call."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy

from gamedyn._checks import check_choice, check_integer, check_positive
from gamedyn.backend import to_host
from gamedyn.distributions import Distribution
from gamedyn.dynamics._behaviour import Behaviour, behaviour
from gamedyn.dynamics._track_laws import measures_of_laws
from gamedyn.dynamics._track_masses import Curve, measures_of_masses
from gamedyn.dynamics._track_samples import measures_of_samples

__all__ = ["DivergenceTrack", "track_divergences"]

_DEFINITIONS = {
    "kl": "KL(target, iterate), in nats",
    "reverse_kl": "KL(iterate, target), in nats",
    "js": "Jensen-Shannon divergence, in nats, at most log 2",
    "gan_value": "2 JS - log 4, the value of the optimal discriminator",
    "discriminator_gap": "2 JS - log 4 - V(D) >= 0, V(D) = E_target log D + E_iterate log(1 - D), D = sigmoid(logit)",
    "wasserstein": "W_1 on the line",
    "sliced_wasserstein": "mean over directions u of W_1 of <u, x>, the same directions at every iterate",
    "energy": "2 E|X - Y| - E|X - X'| - E|Y - Y'|, no root",
    "mmd": "E k(X, X') + E k(Y, Y') - 2 E k(X, Y), the square",
    "sinkhorn_divergence": "OT(x, y) - (OT(x, x) + OT(y, y)) / 2, OT = min sum P |x - y|^2 + epsilon KL",
    "saturating_gradient": "size of the gradient of E_iterate log(1 - D) at the optimal D",
    "nonsaturating_gradient": "size of the gradient of -E_iterate log D at the optimal D",
}


@dataclass(frozen=True)
class DivergenceTrack:
    """Curves over the iterates of a run.

    Parameters
    ----------
    values : dict
        Name -> NumPy array (T,).
    times : array, shape (T,)
        Step numbers.
    definitions : dict
        Name -> what the numbers are.
    """

    values: dict[str, numpy.ndarray]
    times: numpy.ndarray
    definitions: dict[str, str]

    def verdict(self, name: str) -> Behaviour:
        """Whether a curve is flat, converges to its optimum, oscillates or diverges from it.

        The excess over the optimum (-log 4 for "gan_value", else 0) is judged by these rules in turn, none of which
        sees its unit: "flat" if it is inf throughout, or moves in its second half by no more than 1e-9 of its largest
        value and is larger than that; "diverges" if it ends at inf; "converges" if its last quarter never exceeds half
        the maximum of the first, and the 95 % interval of `fit_rate` lies below 1; "diverges" if the last quarter
        reaches twice that maximum, and the interval lies above 1; "oscillates" if the second half crosses its middle
        upwards three times or more, at gaps that differ by no more than half of their mean; else "undecided".

        Parameters
        ----------
        name : str
            A key of `values`.
        """
        check_choice("name", name, self.values)
        floor = -math.log(4) if name == "gan_value" else 0.0
        return behaviour(self.values[name] - floor, self.times)


def track_divergences(
    target: Any,
    iterates: Any,
    measures: Sequence[str] | None = None,
    *,
    points: Any = None,
    logits: Any = None,
    times: Any = None,
    projections: int = 200,
    epsilon: float | None = None,
    kernel: Any = None,
    rng: Any = None,
) -> DivergenceTrack:
    """D(target, iterate_k) for every iterate and every measure; what does not change between iterates is made once.

    Parameters
    ----------
    target, iterates : array_like, Distribution, or sequence of them
        Pmfs: shapes (n,) and (T, n). Laws: a single Distribution and T of them. Samples: shapes (n, d) and T times
        (m, d), where m may change; (n, 1) on the line.
    measures : sequence of str, optional
        Which curves; all that the kind has where not given. "kl", "reverse_kl", "js", "gan_value" for pmfs and laws;
        "saturating_gradient" and "nonsaturating_gradient" for pmfs and for laws with densities on the line;
        "discriminator_gap" with `logits`; "wasserstein" on the line; for samples, and pmfs with `points`:
        "sliced_wasserstein" in more dimensions, "energy", "mmd" with `kernel`, "sinkhorn_divergence" with `epsilon`.
    points : array_like, shape (n,) or (n, d), optional
        Where the outcomes of pmfs lie.
    logits : array_like of shape (n,) or (T, n), or callable or T callables of x, optional
        Outputs of a discriminator D = sigmoid(logit), one for all iterates or one for each; for pmfs and for laws on
        the line.
    times : array_like, shape (T,), optional
        Step numbers, as in `Trajectory.times`; default 0, 1, 2, ...
    projections : int
        Directions of "sliced_wasserstein".
    epsilon : float, optional
        Temperature of "sinkhorn_divergence".
    kernel : Kernel or callable, optional
        Of (x, y), gives the matrix; with a bandwidth of its own, since one taken from the data would change from
        iterate to iterate.
    rng : None, int or numpy.random.Generator
        Source of the directions, drawn once, so that the curve moves by the iterates alone.

    Returns
    -------
    DivergenceTrack

    Raises
    ------
    ValueError
        For a measure that the inputs do not allow, or shapes that do not go together.
    TypeError
        Where laws and arrays are mixed, or `logits` do not fit the kind.

    Notes
    -----
    On the host. The gradients at the optimal discriminator are, for pmfs, the norm of that in the logits of the
    iterate, q (l - E_q l) with l = log(1 - D) or -log D, inf where -log D is on positive mass; for laws, the root mean
    square over the iterate of the derivative of l in x, by quadrature. Distances of pmfs are sums over differences
    q - p, so that they keep their digits next to the target. Each Sinkhorn divergence is solved anew: its public
    interface takes no potentials to start from.

    References
    ----------
    Arjovsky and Bottou (2017), Towards principled methods for training generative adversarial networks.
    Arjovsky, Chintala and Bottou (2017), Wasserstein generative adversarial networks.

    Examples
    --------
    >>> import numpy
    >>> target, moved = numpy.eye(5)[0], numpy.eye(5)[[4, 3, 2, 1]]  # point masses at 0 and at theta = 4, 3, 2, 1
    >>> track = track_divergences(target, moved, ["js", "wasserstein"], points=numpy.arange(5.0))
    >>> (track.values["js"] / numpy.log(2)).tolist(), track.values["wasserstein"].tolist()
    ([1.0, 1.0, 1.0, 1.0], [4.0, 3.0, 2.0, 1.0])
    """
    check_integer("projections", projections, minimum=2)
    if epsilon is not None:
        check_positive("epsilon", epsilon)
    if getattr(kernel, "needs_bandwidth", False):
        raise ValueError("`kernel` must have a bandwidth, since one from the data changes between iterates, got none.")
    options = {"projections": projections, "epsilon": epsilon, "kernel": kernel, "rng": rng}
    if isinstance(target, Distribution) or any(isinstance(one, Distribution) for one in iterates):
        count, available = _of_laws(target, list(iterates), points, logits)
    else:
        count, available = _of_arrays(target, iterates, points, logits, options)
    steps = numpy.arange(count) if times is None else numpy.asarray(to_host(times))
    if steps.shape != (count,):
        raise ValueError(f"`times` must have shape ({count},), one for each iterate, got {steps.shape}.")
    chosen = list(available) if measures is None else list(measures)
    for name in chosen:
        check_choice("measures", name, available)
    return DivergenceTrack(
        {name: available[name]() for name in chosen}, steps, {name: _DEFINITIONS[name] for name in chosen}
    )


def _of_laws(target: Any, laws: list[Any], points: Any, logits: Any) -> tuple[int, dict[str, Curve]]:
    if not all(isinstance(law, Distribution) for law in (target, *laws)):
        raise TypeError("`target` and `iterates` must all be Distributions, or all arrays, got both.")
    if not laws or any(law.batch_shape != () for law in (target, *laws)):
        shapes = [law.batch_shape for law in (target, *laws)]
        raise ValueError(f"`target` and `iterates` must be single laws, at least one, got batch shapes {shapes[:4]}.")
    if points is not None:
        raise ValueError("`points` must be None for Distributions, which know where they are.")
    if logits is not None:
        logits = [logits] * len(laws) if callable(logits) else list(logits)
        if len(logits) != len(laws) or not all(callable(logit) for logit in logits):
            raise TypeError(f"`logits` must be a function of x, or one for each of {len(laws)} laws.")
    return len(laws), measures_of_laws(target, laws, logits)


def _of_arrays(
    target: Any, iterates: Any, points: Any, logits: Any, options: dict[str, Any]
) -> tuple[int, dict[str, Curve]]:
    p = numpy.asarray(to_host(target), dtype=float)
    if p.ndim == 1:
        q = numpy.asarray(to_host(iterates), dtype=float)
        if q.ndim != 2 or q.shape[1] != len(p) or len(q) == 0:
            raise ValueError(f"`iterates` must have shape (T, {len(p)}) for a pmf `target`, got {q.shape}.")
        if points is not None:
            points = numpy.asarray(to_host(points), dtype=float)
            points = points[:, None] if points.ndim == 1 else points
            if points.ndim != 2 or len(points) != len(p) or not numpy.isfinite(points).all():
                raise ValueError(f"`points` must be {len(p)} finite points, one for each outcome, got {points.shape}.")
        if logits is not None:
            if callable(logits):
                raise TypeError("`logits` must be an array for pmfs, got a function.")
            logits = numpy.broadcast_to(numpy.asarray(to_host(logits), dtype=float), q.shape)
        return len(q), measures_of_masses(p, q, points=points, logits=logits, **options)
    samples = [numpy.asarray(to_host(one), dtype=float) for one in iterates]
    shapes = [one.shape for one in samples]
    if p.ndim != 2 or p.size == 0 or not samples or any(len(s) != 2 or s[1] != p.shape[1] or 0 in s for s in shapes):
        raise ValueError(
            "`target` and `iterates` must be pmfs of shapes (n,) and (T, n), or samples of shapes (n, d) and T times "
            f"(m, d), got {p.shape} and {shapes[:3]}."
        )
    for name, one in [("target", p), *[("iterates", one) for one in samples]]:
        if not numpy.isfinite(one).all():
            raise ValueError(
                f"`{name}` must hold finite values, got {one.size - int(numpy.isfinite(one).sum())} others."
            )
    if points is not None or logits is not None:
        raise ValueError("`points` and `logits` must be None for samples, which have neither outcomes nor densities.")
    return len(samples), measures_of_samples(p, samples, **options)
