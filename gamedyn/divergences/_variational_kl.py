"""The variational approximation of KL between two mixtures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gamedyn.backend import Array, float_arrays
from gamedyn.numerics import logsumexp

if TYPE_CHECKING:
    from gamedyn.distributions import Distribution

__all__ = ["variational_kl"]


def variational_kl(p: Distribution, q: Distribution) -> Array:
    """sum_i a_i log(sum_k a_k e^-KL(p_i, p_k) / sum_j b_j e^-KL(p_i, q_j)) for p = sum a_i p_i and q = sum b_j q_j.

    An approximation of KL(p, q), no bound: it may lie on either side, and below 0. `kl_divergence` with
    method="bounds" gives a bracket. 0 for p = q, and KL itself if both have one component.

    Parameters
    ----------
    p, q : Distribution
        Of one event shape, mixtures or not; KL between any two of their components has a closed form.

    Returns
    -------
    array, shape of the batch
        In the library of the laws, with gradients where that has them.

    Raises
    ------
    ValueError
        If KL between two components has no closed form; the message names them.
    TypeError
        If p or q is no Distribution.

    References
    ----------
    Hershey and Olsen (2007), Approximating the Kullback Leibler divergence between Gaussian mixture models.

    Examples
    --------
    >>> from gamedyn.distributions import Normal
    >>> round(float(variational_kl(Normal(0.0, 1.0), Normal(3.0, 1.0))), 12)  # 3^2 / 2
    4.5
    """
    # Here, not above: divergences of pmfs do without the laws.
    from gamedyn.divergences._laws import check_laws

    check_laws(p, q)
    weights_p, parts_p = _parts(p)
    weights_q, parts_q = _parts(q)
    total: Any = 0.0
    for i, part in enumerate(parts_p):
        own = _log_weighted(part, weights_p, parts_p)
        other = _log_weighted(part, weights_q, parts_q)
        total = total + weights_p[i] * (own - other)
    return total


def _parts(law: Distribution) -> tuple[Array, tuple[Distribution, ...]]:
    from gamedyn.distributions import Mixture

    if not isinstance(law, Mixture):
        return [1.0], (law,)
    return law.weights, tuple(law.components)


def _log_weighted(part: Distribution, weights: Array, parts: tuple[Distribution, ...]) -> Array:
    """log sum_j weights[j] e^-KL(part, parts[j])."""
    from gamedyn.divergences._closed import closed_renyi

    values = []
    for other in parts:
        value = closed_renyi(part, other, 1.0)
        if value is None:
            pair = f"{type(part).__name__} and {type(other).__name__}"
            raise ValueError(f"KL between the components of `p` and `q` must have a closed form, got {pair}.")
        values.append(value)
    names = ("weights", *("component" for _ in values))
    xp, weights, *values = float_arrays(weights, *values, names=names)
    return logsumexp(-xp.stack(list(xp.broadcast_arrays(*values)), axis=-1), weights=weights)
