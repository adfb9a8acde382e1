"""Random quadratic games with a given spectrum."""

from __future__ import annotations

from typing import Any

import numpy

from gamedyn._checks import check_integer, check_positive
from gamedyn.backend import as_generator, default_namespace, to_device
from gamedyn.games._quadratic import Quadratic

__all__ = ["random_quadratic_game"]


def random_quadratic_game(
    spectrum: Any = None, *, size: int = 2, mu: float = 0.1, L: float = 1.0, rng: Any = None
) -> Quadratic:
    """A zero-sum game with equilibrium 0 whose J is normal with eigenvalues a_k + i b_k and a_k - i b_k.

    J = [[U diag(a) U^T, U diag(b) V^T], [-V diag(b) U^T, V diag(a) V^T]] with orthogonal U and V drawn uniformly.

    Parameters
    ----------
    spectrum : array_like, shape (m,), optional
        a_k + i b_k, one number of each conjugate pair; the players have m coordinates each. By default `size` numbers
        with mu <= a_k and modulus at most L are drawn, mu and L among them: xi is mu-strongly monotone and L-Lipschitz,
        and no better.
    size : int
        Number of pairs drawn where no spectrum is given, at least 2.
    mu, L : float
        Constants of strong monotonicity and smoothness, 0 < mu <= L.
    rng : None, int or Generator
        Drawn on the host.

    Examples
    --------
    >>> import numpy
    >>> game = random_quadratic_game([3 + 4j], rng=0)
    >>> abs(numpy.linalg.eigvals(game.jacobian(numpy.zeros(2)))).round(12).tolist()
    [5.0, 5.0]
    """
    rng = as_generator(rng)
    if spectrum is None:
        check_integer("size", size, minimum=2)
        check_positive("mu", mu)
        if not mu <= L:
            raise ValueError(f"`L` must be at least `mu`, got L = {L} and mu = {mu}.")
        real = rng.uniform(mu, L, size)
        imaginary = rng.uniform(0.0, 1.0, size) * numpy.sqrt(L**2 - real**2)
        real[0], imaginary[0] = mu, rng.uniform(0.0, 1.0) * numpy.sqrt(L**2 - mu**2)
        imaginary[1] = numpy.sqrt(L**2 - real[1] ** 2)
    else:
        numbers = numpy.atleast_1d(numpy.asarray(spectrum, dtype=complex))
        if numbers.ndim != 1 or not numpy.all(numpy.isfinite(numbers)):
            raise ValueError(f"`spectrum` must be a vector of finite numbers, got shape {numbers.shape}.")
        real, imaginary = numbers.real, numbers.imag
    m = len(real)
    u, v = (_random_orthogonal(rng, m) for _ in range(2))
    cross = (u * imaginary) @ v.T
    own = [(w * real) @ w.T for w in (u, v)]
    # Rounding leaves the products symmetric only to an ulp.
    own = [(block + block.T) / 2 for block in own]
    jacobian = numpy.block([[own[0], cross], [-cross.T, own[1]]])
    xp = default_namespace()
    return Quadratic.from_jacobian(to_device(jacobian, xp), (m, m))


def _random_orthogonal(rng: Any, m: int) -> Any:
    q, r = numpy.linalg.qr(rng.standard_normal((m, m)))
    # The signs of r's diagonal make the law of q uniform.
    return q * numpy.sign(numpy.diag(r))
