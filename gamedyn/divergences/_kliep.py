"""Density ratios by KLIEP: the mixture of Gaussians times q that is most likely for x; host-only work."""

from __future__ import annotations

from collections.abc import Sequence

import numpy

from gamedyn.divergences._gaussian_basis import GaussianBasis

__all__ = ["fit_kliep", "mixture_weights"]

_CENTRES = 100
_WIDTHS = (0.2, 0.35, 0.6, 1.0, 2.0)
"""In median distances."""
_FOLDS = 3
_ROWS = 1000
"""Rows that the width is chosen on."""


def fit_kliep(
    x: numpy.ndarray, y: numpy.ndarray, *, widths: Sequence[float] | None, rng: numpy.random.Generator
) -> tuple[GaussianBasis, numpy.ndarray, float]:
    """(basis, weights, width) of the ratio with the largest E_p log r among those with E_q r = 1 and weights >= 0.

    The width is the one with the largest mean of log r over rows of x that the weights were not fitted to.
    """
    basis = GaussianBasis(x, y, _CENTRES, rng)
    if widths is None:
        widths = [factor * basis.median for factor in _WIDTHS]
    squares_x, squares_y = basis.squares(x), basis.squares(y)

    def mean(width: float) -> numpy.ndarray:
        # The expectation of a function that no row of y reaches is not 0, but about that of a row.
        return numpy.asarray(numpy.maximum(basis.features(squares_y, width).mean(axis=0), 1 / len(y)))

    chosen = widths[0]
    if len(widths) > 1:
        some = rng.permutation(len(x))[:_ROWS]
        scores = [_likelihood(basis.features(squares_x[some], width), mean(width)) for width in widths]
        chosen = widths[int(numpy.argmax(scores))]
    return basis, mixture_weights(basis.features(squares_x, chosen), mean(chosen)), chosen


def _likelihood(phi: numpy.ndarray, mean: numpy.ndarray) -> float:
    """The mean of log r over rows, each fitted without its fold; -inf where r is 0 at one of them."""
    fold = numpy.arange(len(phi)) % _FOLDS
    total = 0.0
    with numpy.errstate(divide="ignore"):
        for part in range(_FOLDS):
            weights = mixture_weights(phi[fold != part], mean, tolerance=0.02, steps=50)
            total += float(numpy.sum(numpy.log(phi[fold == part] @ weights)))
    return total / len(phi)


def mixture_weights(
    phi: numpy.ndarray, mean: numpy.ndarray, *, tolerance: float = 1e-4, steps: int = 500
) -> numpy.ndarray:
    """The weights >= 0 with weights . mean = 1 that maximise the mean over rows of log(phi weights).

    Since mean holds the E_q phi, phi_l q / mean_l are densities: their most likely mixture. Expectation maximisation
    keeps the constraints and never lowers the mean; it is within max_l g_l - 1 of the maximum, g_l the mean of
    phi_l / (mean_l r), by concavity, and ends when that is below `tolerance`.
    """
    components = phi / mean
    shares = numpy.full(components.shape[1], 1 / components.shape[1])
    components = components[components.max(axis=1) > 0]  # a row that no component reaches has no say
    for _ in range(steps if len(components) else 0):
        gradient = (components / (components @ shares)[:, None]).mean(axis=0)
        shares *= gradient
        shares /= shares.sum()
        if gradient.max() - 1 < tolerance:
            break
    return numpy.asarray(shares / mean)
