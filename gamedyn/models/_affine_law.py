"""affine_generator_law: the exact law of a generator that is an affine map of Gaussian noise."""

from __future__ import annotations

import numpy

from gamedyn.backend import Array, to_host
from gamedyn.distributions import MultivariateNormal, Normal
from gamedyn.nn import Network

__all__ = ["affine_generator_law"]

_TOLERANCE = 1e-6


def affine_generator_law(generator: Network, theta: Array) -> Normal | MultivariateNormal:
    """N(b, A A^T), the law of G(theta, e) = A e + b for e ~ N(0, I).

    Parameters
    ----------
    generator : Network
        Whose output is affine in its input, such as `Dense` layers in a row.
    theta : array_like, shape (P,)
        Its parameters.

    Returns
    -------
    Normal or MultivariateNormal
        On the line for one output, in float64 on the host. Divergences to a target are then exact, by closed forms or
        quadrature: `gamedyn.divergences.JensenShannon()(law, target)`.

    Raises
    ------
    ValueError
        If the generator is not affine (seen at points along every axis), or A A^T is singular: the law has no density.

    Examples
    --------
    >>> import numpy
    >>> from gamedyn.nn import Dense
    >>> generator = Network((Dense(1, 1),), input_size=1)
    >>> law = affine_generator_law(generator, numpy.array([2.0, 3.0]))
    >>> float(law.scale), float(law.loc)
    (2.0, 3.0)
    """
    size = generator.input_size
    points = numpy.concatenate([numpy.zeros((1, size)), numpy.eye(size), -2 * numpy.eye(size), numpy.ones((1, size))])
    values = to_host(generator(numpy.asarray(to_host(theta), dtype=numpy.float64), points))
    start, columns = values[0], values[1 : 1 + size] - values[0]
    gap = numpy.abs(values - (start + points @ columns)).max()
    if gap > _TOLERANCE * max(1.0, numpy.abs(values).max()):
        raise ValueError(f"`generator` must be affine in its input, got a departure of {gap:.3g} from an affine map.")
    if values.shape[1] == 1:
        return Normal(float(start[0]), float(numpy.linalg.norm(columns)))
    if numpy.linalg.matrix_rank(columns) < values.shape[1]:
        raise ValueError(
            f"`generator` must reach all {values.shape[1]} directions of its outputs, got a map of rank "
            f"{numpy.linalg.matrix_rank(columns)}, whose law has no density."
        )
    return MultivariateNormal(start, columns.T @ columns)
