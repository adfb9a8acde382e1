"""Normal-form coefficients of maps at their bifurcations, from derivatives of the derivative of a step."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy

__all__ = ["flip_coefficient", "fold_coefficient", "neimark_sacker_coefficient", "pitchfork_coefficient"]

_Derivative = Callable[[numpy.ndarray], numpy.ndarray]


class _Forms:
    """B(x, y) = D^2 F [x, y] and C(x, y, z) = D^3 F [x, y, z] at u, by differences of D F along directions.

    Parameters
    ----------
    derivative : callable
        u -> D F(u).
    u : array, shape (D,)
    h : float
        Length of the differences; their errors are of the order of h^4 for B and h^2 extrapolated, h^4, for C.
    """

    def __init__(self, derivative: _Derivative, u: numpy.ndarray, h: float) -> None:
        self.derivative, self.u, self.h = derivative, u, h * (1 + float(numpy.max(numpy.abs(u))))
        self.here = derivative(u)

    def first(self, x: numpy.ndarray) -> Any:
        """The matrix B(x, .), for real x."""
        size = float(numpy.linalg.norm(x))
        if size == 0:
            return numpy.zeros_like(self.here)
        move = self.h * x / size
        near, far = (self.derivative(self.u + m * move) - self.derivative(self.u - m * move) for m in (1, 2))
        return (8 * near - far) / (12 * self.h) * size

    def second(self, x: numpy.ndarray) -> Any:
        """The matrix C(x, x, .), for real x."""
        size = float(numpy.linalg.norm(x))
        if size == 0:
            return numpy.zeros_like(self.here)
        # The root of the length that serves first differences: rounding is divided by its square.
        step = self.h**0.75
        move = step * x / size
        near, far = (
            self.derivative(self.u + m * move) + self.derivative(self.u - m * move) - 2 * self.here for m in (1, 2)
        )
        return (16 * near - far) / (12 * step**2) * size**2

    def quadratic(self, x: numpy.ndarray, y: numpy.ndarray) -> Any:
        """B(x, y), for complex x and y."""
        return (self.first(x.real) + 1j * self.first(x.imag)) @ y


def fold_coefficient(derivative: _Derivative, u: numpy.ndarray, h: float) -> float:
    """a = <p, B(q, q)> / 2, A q = q, A^T p = p, <p, q> = |q| = 1: x -> x + a x^2 along the centre direction."""
    forms = _Forms(derivative, u, h)
    q, p = _pair(forms.here, 1.0)
    return float((p @ forms.first(q.real) @ q).real / 2)


def flip_coefficient(derivative: _Derivative, u: numpy.ndarray, h: float) -> float:
    """c = <p, C(q, q, q)> / 6 - <p, B(q, (A - I)^-1 B(q, q))> / 2, A q = -q: x -> -x + c x^3.

    Positive: the doubled cycle is stable, at x^2 = -(1 + r) / c for a multiplier r near -1.
    """
    forms = _Forms(derivative, u, h)
    q, p = _pair(forms.here, -1.0)
    q = q.real
    first = forms.first(q)
    bent = numpy.linalg.lstsq(forms.here - numpy.eye(len(u)), first @ q, rcond=None)[0]
    return float((p @ (forms.second(q) @ q) / 6 - p @ (first @ bent) / 2).real)


def pitchfork_coefficient(derivative: _Derivative, u: numpy.ndarray, h: float) -> float:
    """c = <p, C(q, q, q) + 3 B(q, w)> / 6, (A - I) w = <p, B(q, q)> q - B(q, q), <p, w> = 0: x -> x + c x^3.

    Negative: the pair is stable, at x^2 = -(r - 1) / c for a multiplier r near 1. Where <p, B(q, q)> = 0.
    """
    forms = _Forms(derivative, u, h)
    q, p = (vector.real for vector in _pair(forms.here, 1.0))
    bent = forms.first(q) @ q
    identity = numpy.eye(len(u))
    bordered = numpy.block([[forms.here - identity, q[:, None]], [p[None, :], numpy.zeros((1, 1))]])
    w = numpy.linalg.solve(bordered, numpy.append((p @ bent) * q - bent, 0.0))[:-1]
    return float(p @ (forms.second(q) @ q) / 6 + p @ (forms.first(q) @ w) / 2)


def neimark_sacker_coefficient(derivative: _Derivative, u: numpy.ndarray, h: float, multiplier: complex) -> float:
    """d in |x| -> |x| (1 + d |x|^2), u = x q + c. c., A q = r q with |r| = 1: the first Lyapunov coefficient.

    d = Re (r^-1 [<p, C(q, q, q*)> + 2 <p, B(q, (I - A)^-1 B(q, q*))> + <p, B(q*, (r^2 I - A)^-1 B(q, q))>]) / 2.
    Negative: a stable closed curve of radius |x|^2 = -(|r| - 1) / d for |r| above 1.
    """
    forms = _Forms(derivative, u, h)
    q, p = _pair(forms.here, multiplier)
    a, b = q.real, q.imag
    identity = numpy.eye(len(u))
    along_a, along_b = forms.first(a), forms.first(b)
    q_q = (along_a + 1j * along_b) @ q
    q_conj = (along_a + 1j * along_b) @ q.conj()
    curved_a, curved_b = forms.second(a), forms.second(b)
    # C(q, q, q*) = C(a, a, a) + C(a, b, b) + i (C(a, a, b) + C(b, b, b)).
    cubic = curved_a @ a + curved_b @ a + 1j * (curved_a @ b + curved_b @ b)
    shifted = numpy.linalg.solve(identity - forms.here, q_conj)
    doubled = numpy.linalg.solve(multiplier**2 * identity - forms.here, q_q)
    total = cubic + 2 * (along_a + 1j * along_b) @ shifted + (along_a - 1j * along_b) @ doubled
    return float((p @ total / multiplier).real / 2)


def _pair(matrix: numpy.ndarray, value: complex) -> tuple[numpy.ndarray, Any]:
    """q and p, right and left eigenvectors of the eigenvalue next to `value`, |q| = 1 and p^T q = 1 (p conjugated)."""
    values, vectors = numpy.linalg.eig(matrix)
    q = vectors[:, int(numpy.argmin(numpy.abs(values - value)))].astype(complex)
    # A phase in which a real vector is real.
    q = q / q[int(numpy.argmax(numpy.abs(q)))]
    q = q / numpy.linalg.norm(q)
    left_values, left = numpy.linalg.eig(matrix.T)
    p = left[:, int(numpy.argmin(numpy.abs(left_values - value)))].astype(complex)
    return q, p / (p @ q)
