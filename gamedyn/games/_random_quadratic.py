"""Random quadratic games with a given spectrum."""

from __future__ import annotations

from typing import Any

import numpy

from gamedyn._checks import check_integer, check_nonnegative, check_positive
from gamedyn.backend import as_generator, default_namespace, to_device
from gamedyn.games._quadratic import Quadratic

__all__ = ["random_quadratic_game"]


def random_quadratic_game(
    spectrum: Any = None,
    *,
    size: int = 2,
    mu: float = 0.1,
    L: float = 1.0,
    rng: Any = None,
    players: int = 2,
    imbalance: Any = 0.0,
) -> Quadratic:
    """A game with equilibrium 0 and a prescribed spectrum of J; by default zero-sum, with J normal.

    Every player has m coordinates: J has the blocks J_ij = U_i diag(K_1[i, j], ..., K_m[i, j]) U_j^T with orthogonal
    U_i drawn uniformly, so that J is made of m games K_k in one coordinate per player. For two players
    K_k = [[a + c, b'], [-b', a - c]] with b' = sign(b) sqrt(b^2 + c^2), whose eigenvalues are a + i b and a - i b; c is
    the imbalance of the players' own curvatures, and J is normal where it is 0. Losses are f and -f. For more players
    K_k is normal, drawn by orthogonal conjugation, and the game is general-sum.

    Parameters
    ----------
    spectrum : array_like, shape (m,) or (m, players), optional
        For two players a_k + i b_k, one number of each conjugate pair. For n players, or in this form for two, the n
        eigenvalues of K_k in row k, complex ones in conjugate pairs. By default numbers with real parts of at least mu
        and moduli of at most L are drawn, both bounds attained: xi is mu-strongly monotone and L-Lipschitz, and no
        better (for an imbalance of 0).
    size : int
        Number m of coordinates per player where no spectrum is given, at least 2.
    mu, L : float
        Constants of strong monotonicity and smoothness, 0 < mu <= L.
    rng : None, int or Generator
        Drawn on the host.
    players : int
        At least 2.
    imbalance : float or array_like, shape (m,)
        c_k >= 0, of two players: the first has curvatures a_k + c_k of its own, the second a_k - c_k. Where c_k > a_k
        the equilibrium is no Nash point, and attracts all the same if a_k > 0.

    Raises
    ------
    ValueError
        If a number is out of its range, the spectrum has another shape or is not closed under conjugation, or more
        than two players shall have an imbalance.

    Examples
    --------
    >>> import numpy
    >>> game = random_quadratic_game([3 + 4j], rng=0)
    >>> abs(numpy.linalg.eigvals(game.jacobian(numpy.zeros(2)))).round(12).tolist()
    [5.0, 5.0]
    """
    rng = as_generator(rng)
    check_integer("players", players, minimum=2)
    if spectrum is None:
        numbers = _draw(rng, size, mu, L, players)
    else:
        numbers = _checked(spectrum, players)
    m = len(numbers)
    curvatures = _checked_imbalance(imbalance, m, players)
    if numbers.ndim == 1:
        bases = [_random_orthogonal(rng, m) for _ in range(2)]
        games = _two_player_games(numbers, curvatures)
    else:
        if numpy.any(curvatures):
            raise ValueError("`imbalance` must be 0 with a spectrum of one row per coordinate, got another value.")
        bases = [_random_orthogonal(rng, m) for _ in range(players)]
        games = numpy.stack([_normal_game(rng, row) for row in numbers])
    blocks = [[(u * games[:, i, j]) @ v.T for j, v in enumerate(bases)] for i, u in enumerate(bases)]
    for i in range(players):
        # Rounding leaves the products symmetric only to an ulp.
        blocks[i][i] = (blocks[i][i] + blocks[i][i].T) / 2
    if numbers.ndim == 1:
        blocks[1][0] = -blocks[0][1].T
    jacobian, dims = numpy.block(blocks), (m,) * players
    if numbers.ndim == 2:
        return Quadratic.from_jacobian(to_device(jacobian, default_namespace()), dims)
    # J is the Hessian of f with the sign of player 1's rows changed.
    hessian = numpy.concatenate([jacobian[:m], -jacobian[m:]])
    return Quadratic(to_device(numpy.stack([hessian, -hessian]), default_namespace()), dims)


def _draw(rng: Any, size: int, mu: float, L: float, players: int) -> Any:
    check_integer("size", size, minimum=2)
    check_positive("mu", mu)
    if not mu <= L < numpy.inf:
        raise ValueError(f"`L` must be finite and at least `mu`, got L = {L} and mu = {mu}.")
    pairs = players // 2
    shape = (size,) if players == 2 else (size, pairs)
    real = rng.uniform(mu, L, shape)
    imaginary = rng.uniform(0.0, 1.0, shape) * numpy.sqrt(L**2 - real**2)
    first, second = ((0,), (1,)) if players == 2 else ((0, 0), (1, 0))
    real[first], imaginary[first] = mu, rng.uniform(0.0, 1.0) * numpy.sqrt(L**2 - mu**2)
    imaginary[second] = numpy.sqrt(L**2 - real[second] ** 2)
    numbers = real + 1j * imaginary
    if players == 2:
        return numbers
    alone = rng.uniform(mu, L, (size, players % 2))
    return numpy.concatenate([numbers, numbers.conj(), alone], axis=1)


def _checked(spectrum: Any, players: int) -> Any:
    numbers = numpy.atleast_1d(numpy.asarray(spectrum, dtype=complex))
    usable = numbers.size > 0 and bool(numpy.all(numpy.isfinite(numbers)))
    if usable and players == 2 and numbers.ndim == 1:
        return numbers
    if not usable or numbers.ndim != 2 or numbers.shape[1] != players:
        also = "a vector of finite numbers, or " if players == 2 else ""
        raise ValueError(
            f"`spectrum` must be {also}finite numbers of shape (m, {players}), a row per coordinate of the {players} "
            f"players, got shape {numbers.shape}."
        )
    for row in numbers:
        if not numpy.array_equal(numpy.sort_complex(row), numpy.sort_complex(row.conj())):
            raise ValueError(f"`spectrum` must hold complex numbers in conjugate pairs, got the row {row.tolist()}.")
    return numbers


def _checked_imbalance(imbalance: Any, m: int, players: int) -> Any:
    values = numpy.asarray(imbalance, dtype=float)
    check_nonnegative("imbalance", values)
    if players > 2 and numpy.any(values):
        raise ValueError(f"`imbalance` must be 0 for more than two players, got it with {players}.")
    if values.shape not in ((), (m,)):
        raise ValueError(f"`imbalance` must be a number or of shape ({m},), got shape {values.shape}.")
    return numpy.broadcast_to(values, (m,))


def _two_player_games(numbers: Any, imbalance: Any) -> Any:
    """K_k = [[a + c, b'], [-b', a - c]] with (b')^2 = b^2 + c^2, shape (m, 2, 2)."""
    real, imaginary = numbers.real, numbers.imag
    cross = numpy.where(imbalance > 0, numpy.copysign(numpy.hypot(imaginary, imbalance), imaginary), imaginary)
    return numpy.stack(
        [numpy.stack([real + imbalance, cross], axis=-1), numpy.stack([-cross, real - imbalance], axis=-1)], axis=-2
    )


def _normal_game(rng: Any, eigenvalues: Any) -> Any:
    """A normal (n, n) matrix with these eigenvalues."""
    n = len(eigenvalues)
    form, k = numpy.zeros((n, n)), 0
    for value in eigenvalues[eigenvalues.imag >= 0]:
        form[k, k] = value.real
        if value.imag > 0:
            form[k : k + 2, k : k + 2] = [[value.real, value.imag], [-value.imag, value.real]]
        k += 2 if value.imag > 0 else 1
    basis = _random_orthogonal(rng, n)
    return basis @ form @ basis.T


def _random_orthogonal(rng: Any, m: int) -> Any:
    q, r = numpy.linalg.qr(rng.standard_normal((m, m)))
    # The signs of r's diagonal make the law of q uniform.
    return q * numpy.sign(numpy.diag(r))
