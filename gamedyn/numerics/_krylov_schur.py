"""The Krylov-Schur iteration on real vectors of the host."""

from __future__ import annotations

from collections.abc import Callable

import numpy

__all__ = ["KrylovSchur"]

# Coordinates at a time, so that the part of the basis stays in the cache.
_BLOCK = 4096


class KrylovSchur:
    """A V = V H + v b^T with orthonormal V, expanded by products and shrunk to the wanted part of a real Schur form.

    Parameters
    ----------
    product : callable
        v (size,) -> A v (size,).
    start : array, shape (size,)
    k : int
        Eigenvalues wanted.
    which : {"LM", "LR", "SR"}
    steps : int
        Dimension at which the space is shrunk.
    tolerance : float
        Residuals relative to the largest modulus seen.
    """

    def __init__(
        self,
        product: Callable[[numpy.ndarray], numpy.ndarray],
        start: numpy.ndarray,
        k: int,
        which: str,
        steps: int,
        tolerance: float,
    ) -> None:
        self._product, self._k, self._which, self._steps = product, k, which, steps
        self._eps = float(numpy.finfo(start.dtype).eps)
        self._tolerance = max(tolerance, 10 * self._eps)
        # Vectors in rows, so that products with all of them run through memory.
        self._basis = numpy.empty((steps + 1, len(start)), dtype=start.dtype)
        self._basis[0] = start / numpy.linalg.norm(start)
        self._matrix = numpy.zeros((steps + 1, steps))
        self._size = 0
        self._closed = False
        self.products = 0
        self.scale = 0.0

    def run(self, restarts: int) -> tuple[numpy.ndarray, numpy.ndarray, numpy.ndarray]:
        """Values (m,), unit vectors (size, m) and residuals (m,) of the wanted pairs."""
        restart = 0
        while True:
            self._expand()
            m = self._size
            values, coordinates = numpy.linalg.eig(self._matrix[:m, :m])
            values, coordinates = values.astype(complex), coordinates.astype(complex)
            self.scale = max(self.scale, float(numpy.abs(values).max()))
            wanted = _outermost(values, self._which, self._k)
            residuals = numpy.abs(self._matrix[m, :m] @ coordinates[:, wanted])
            done = residuals <= 0.1 * self._tolerance * self.scale
            if self._closed or restart == restarts or bool(numpy.all(done)):
                return self._pairs(values[wanted], coordinates[:, wanted])
            # More than the wanted ones are kept as these converge, so that the iteration does not stagnate.
            self._shrink(min(self._k + 2 + max(int(done.sum()), (m - self._k) // 4), m - 2))
            restart += 1

    def _expand(self) -> None:
        """Up to the full number of vectors, or until the space is closed under A."""
        basis, matrix = self._basis, self._matrix
        while self._size < self._steps:
            j = self._size
            image = self._product(basis[j])
            self.products += 1
            length = float(numpy.linalg.norm(image))
            if not numpy.isfinite(length):
                raise ValueError("`matvec` must give finite numbers, got infinite or NaN ones.")
            image, matrix[: j + 1, j], rest = self._orthogonal(basis[: j + 1], image)
            matrix[j + 1, j] = rest
            self._size = j + 1
            if rest <= 10 * self._eps * max(length, self.scale):
                matrix[j + 1, j] = 0.0
                # What is left is rounding: the eigenvalues seen are all that the start contains.
                self._closed = True
                return
            basis[j + 1] = image / rest

    def _orthogonal(self, known: numpy.ndarray, image: numpy.ndarray) -> tuple[numpy.ndarray, numpy.ndarray, float]:
        """The image less its parts along known vectors, these parts, and the length of what is left."""
        parts = known @ image
        image, again = image.copy(), numpy.zeros_like(parts)
        # What is left is measured while the basis passes the cache for the first subtraction.
        for start in range(0, len(image), _BLOCK):
            part = slice(start, start + _BLOCK)
            image[part] -= parts @ known[:, part]
            again += known[:, part] @ image[part]
        rest = float(numpy.linalg.norm(image))
        if numpy.linalg.norm(again) > self._eps * rest:
            image -= again @ known
            parts = parts + again
            rest = float(numpy.linalg.norm(image))
        return image, parts, rest

    def _shrink(self, kept: int) -> None:
        """To the invariant subspace of the outermost values, and the vector that continues it."""
        from scipy.linalg import schur
        from scipy.linalg.lapack import dtrsen

        m = self._size
        form, rotation = schur(self._matrix[:m, :m], output="real")
        select = numpy.zeros(m, dtype=numpy.int32)
        select[_outermost(_diagonal_values(form), self._which, kept)] = 1
        ordered, turned, *_ = dtrsen(select, form, rotation, job=b"N")
        p = int(select.sum())
        coupling = self._matrix[m, :m] @ turned[:, :p]
        following = self._basis[m].copy()
        # In blocks of coordinates, so that no second basis is needed.
        weights = turned[:, :p].T.astype(self._basis.dtype)
        for start in range(0, self._basis.shape[1], _BLOCK):
            part = slice(start, start + _BLOCK)
            self._basis[:p, part] = weights @ self._basis[:m, part]
        self._basis[p] = following
        self._matrix[:] = 0
        self._matrix[:p, :p] = ordered[:p, :p]
        self._matrix[p, :p] = coupling
        self._size = p

    def _pairs(
        self, values: numpy.ndarray, coordinates: numpy.ndarray
    ) -> tuple[numpy.ndarray, numpy.ndarray, numpy.ndarray]:
        m = self._size
        basis = self._basis[:m].T
        vectors = numpy.stack([basis @ each.real + 1j * (basis @ each.imag) for each in coordinates.T], axis=-1)
        vectors = vectors / numpy.linalg.norm(vectors, axis=0)
        residuals = numpy.empty(len(values))
        for j, value in enumerate(values):
            twin = [i for i in range(j) if value.imag != 0 and values[i] == numpy.conj(value)]
            if twin:
                residuals[j] = residuals[twin[-1]]
                continue
            v = vectors[:, j]
            image = self._product(v.real.astype(self._basis.dtype)).astype(complex)
            self.products += 1
            if value.imag != 0:
                image += 1j * self._product(v.imag.astype(self._basis.dtype))
                self.products += 1
            residuals[j] = numpy.linalg.norm(image - value * v)
        return values, vectors, residuals


def _outermost(values: numpy.ndarray, which: str, count: int) -> numpy.ndarray:
    """Positions of the outermost values, with their conjugates, which stand next to them; sorted."""
    outer = {"LM": numpy.abs(values), "LR": values.real, "SR": -values.real}[which]
    found = set(numpy.argsort(-outer, kind="stable")[:count].tolist())
    for j in list(found):
        if values[j].imag != 0:
            found.add(j + 1 if values[j].imag > 0 else j - 1)
    return numpy.array(sorted(found))


def _diagonal_values(form: numpy.ndarray) -> numpy.ndarray:
    """The eigenvalues in their order on the diagonal of a real Schur form; of a block with equal diagonal, a +- i w."""
    values = numpy.diagonal(form).astype(complex)
    for j in range(len(form) - 1):
        if form[j + 1, j] != 0:
            turn = (abs(form[j, j + 1]) * abs(form[j + 1, j])) ** 0.5
            mean = (form[j, j] + form[j + 1, j + 1]) / 2
            values[j], values[j + 1] = mean + 1j * turn, mean - 1j * turn
    return values
