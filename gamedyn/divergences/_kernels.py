"""Positive definite kernels of the distance between two points, and their sums."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, ClassVar, TypeAlias

from gamedyn._checks import check_choice, check_positive
from gamedyn.backend import Array, array_namespace
from gamedyn.divergences._median_distance import median_distance
from gamedyn.divergences._pairwise import direct_squared_distances
from gamedyn.divergences._quiet import safe_root
from gamedyn.divergences._samples import sample_arrays

__all__ = [
    "InverseMultiquadricKernel",
    "Kernel",
    "KernelLike",
    "LaplaceKernel",
    "RBFKernel",
    "RationalQuadraticKernel",
    "SumKernel",
    "as_kernel",
]


class Kernel(ABC):
    """k(x, y) = phi(|x - y|^2 / h^2), with h the bandwidth, in the unit of the points.

    Kernels add: `RBFKernel(0.5) + RBFKernel(2.0)` is their sum. A kernel is a function of two samples.
    """

    smooth: ClassVar[bool] = True
    """Whether phi has bounded derivatives at 0."""

    @property
    @abstractmethod
    def needs_bandwidth(self) -> bool:
        """Whether a bandwidth is still to be chosen from the samples."""

    @abstractmethod
    def with_median(self, median: Any) -> Kernel:
        """This kernel with `median` for the bandwidths that were not given."""

    @abstractmethod
    def of_squared_distance(self, r2: Array) -> Array:
        """k as a function of |x - y|^2.

        Parameters
        ----------
        r2 : array
            Squared distances.
        """

    @abstractmethod
    def derivatives(self, r2: Array) -> tuple[Array, Array, Array]:
        """k and its first two derivatives in |x - y|^2.

        Raises
        ------
        TypeError
            For a kernel that is not smooth at 0.
        """

    def __call__(self, x: Any, y: Any) -> Array:
        """The matrix k(x_i, y_j), shape (n, m); a bandwidth that was not given is the median of these points.

        Parameters
        ----------
        x, y : array_like, shape (n, d) and (m, d), or (n,) and (m,)
        """
        xp, x, y = sample_arrays(x, y, at_least=1)
        kernel = self.with_median(median_distance(xp, x, y)) if self.needs_bandwidth else self
        return kernel.of_squared_distance(direct_squared_distances(xp, x, y))

    def __add__(self, other: Kernel) -> SumKernel:
        """k(x, y) + l(x, y)."""
        if not isinstance(other, Kernel):
            return NotImplemented
        return SumKernel((*_terms(self), *_terms(other)))


KernelLike: TypeAlias = str | Kernel | Callable[[Any, Any], Any]


@dataclass(frozen=True)
class _RadialKernel(Kernel):
    """A kernel of one bandwidth.

    Parameters
    ----------
    bandwidth : float or array, optional
        h > 0. None takes the median distance between two points of the pooled samples.
    multiple : float
        A factor of the bandwidth, for sums of kernels of several widths around the median.
    """

    bandwidth: Any = None
    multiple: float = field(default=1.0, kw_only=True)

    def __post_init__(self) -> None:
        if self.bandwidth is not None:
            check_positive("bandwidth", self.bandwidth)
        check_positive("multiple", self.multiple)

    @property
    def needs_bandwidth(self) -> bool:
        return self.bandwidth is None

    def with_median(self, median: Any) -> Kernel:
        if self.bandwidth is not None:
            return self
        # A median of the samples may be traced, which a check cannot read, and is positive.
        copy = object.__new__(type(self))
        copy.__dict__.update(self.__dict__, bandwidth=median)
        return copy

    def inverse_square(self) -> Any:
        """1 / (bandwidth multiple)^2."""
        width = self.bandwidth * self.multiple
        return 1 / (width * width)

    def of_squared_distance(self, r2: Array) -> Array:
        return self.phi(r2 * self.inverse_square())

    def derivatives(self, r2: Array) -> tuple[Array, Array, Array]:
        scale = self.inverse_square()
        value, first, second = self.phi_derivatives(r2 * scale)
        return value, first * scale, second * (scale * scale)

    @abstractmethod
    def phi(self, t: Array) -> Array:
        """The profile, a function of t = |x - y|^2 / h^2."""

    @abstractmethod
    def phi_derivatives(self, t: Array) -> tuple[Array, Array, Array]:
        """phi, phi', phi''."""


@dataclass(frozen=True)
class RBFKernel(_RadialKernel):
    """exp(-|x - y|^2 / (2 h^2)), the Gaussian kernel.

    Parameters
    ----------
    bandwidth : float or array, optional
        h > 0. None takes the median distance between two points of the pooled samples.
    multiple : float
        A factor of the bandwidth, for sums of kernels of several widths around the median.

    Examples
    --------
    >>> float(RBFKernel(2.0)([0.0], [2.0])[0, 0])  # e^(-1/2)
    0.6065306597126334
    """

    def phi(self, t: Array) -> Array:
        return array_namespace(t).exp(-0.5 * t)

    def phi_derivatives(self, t: Array) -> tuple[Array, Array, Array]:
        value = self.phi(t)
        return value, -0.5 * value, 0.25 * value


@dataclass(frozen=True)
class LaplaceKernel(_RadialKernel):
    """exp(-|x - y| / h), not differentiable at x = y.

    Parameters
    ----------
    bandwidth, multiple : float
        As in `RBFKernel`.

    Examples
    --------
    >>> float(LaplaceKernel(2.0)([0.0], [2.0])[0, 0])  # e^-1
    0.36787944117144233
    """

    smooth: ClassVar[bool] = False

    def phi(self, t: Array) -> Array:
        xp = array_namespace(t)
        return xp.exp(-safe_root(xp, t))

    def phi_derivatives(self, t: Array) -> tuple[Array, Array, Array]:
        raise TypeError("`kernel` must be smooth, got LaplaceKernel. Use RBFKernel or InverseMultiquadricKernel.")


@dataclass(frozen=True)
class RationalQuadraticKernel(_RadialKernel):
    """(1 + |x - y|^2 / (2 alpha h^2))^(-alpha), a mixture of Gaussian kernels of all widths.

    Parameters
    ----------
    bandwidth, multiple : float
        As in `RBFKernel`.
    alpha : float
        > 0; the Gaussian kernel for alpha to infinity.

    Examples
    --------
    >>> float(RationalQuadraticKernel(1.0)([0.0], [2.0])[0, 0])  # 1 / (1 + 2)
    0.3333333333333333
    """

    alpha: float = field(default=1.0, kw_only=True)

    def __post_init__(self) -> None:
        super().__post_init__()
        check_positive("alpha", self.alpha)

    def phi(self, t: Array) -> Array:
        return (1 + t / (2 * self.alpha)) ** -self.alpha

    def phi_derivatives(self, t: Array) -> tuple[Array, Array, Array]:
        base = 1 + t / (2 * self.alpha)
        value = base**-self.alpha
        first = -0.5 * value / base
        return value, first, -0.5 * (1 + 1 / self.alpha) * first / base


@dataclass(frozen=True)
class InverseMultiquadricKernel(_RadialKernel):
    """(1 + |x - y|^2 / h^2)^(-beta), whose slow decay makes its Stein discrepancy see mass that escapes.

    Parameters
    ----------
    bandwidth, multiple : float
        As in `RBFKernel`.
    beta : float
        Between 0 and 1 for the Stein discrepancy to detect non-convergence in every dimension.

    References
    ----------
    Gorham and Mackey (2017), Measuring sample quality with kernels.

    Examples
    --------
    >>> float(InverseMultiquadricKernel(1.0)([0.0], [3.0 ** 0.5])[0, 0])  # (1 + 3)^(-1/2)
    0.5
    """

    beta: float = field(default=0.5, kw_only=True)

    def __post_init__(self) -> None:
        super().__post_init__()
        check_positive("beta", self.beta)

    def phi(self, t: Array) -> Array:
        return (1 + t) ** -self.beta

    def phi_derivatives(self, t: Array) -> tuple[Array, Array, Array]:
        base = 1 + t
        value = base**-self.beta
        first = -self.beta * value / base
        return value, first, -(self.beta + 1) * first / base


@dataclass(frozen=True)
class SumKernel(Kernel):
    """The sum of kernels: it sees differences at every width that one of them sees.

    Parameters
    ----------
    terms : tuple of Kernel
        At least one.

    Examples
    --------
    >>> kernel = RBFKernel(1.0) + RBFKernel(2.0)
    >>> float(kernel([0.0], [0.0])[0, 0])
    2.0
    """

    terms: tuple[Kernel, ...]

    def __post_init__(self) -> None:
        if not self.terms or not all(isinstance(term, Kernel) for term in self.terms):
            raise TypeError(f"`terms` must be a tuple of one or more kernels, got {self.terms!r}.")

    @property
    def smooth(self) -> bool:  # type: ignore[override]
        return all(term.smooth for term in self.terms)

    @property
    def needs_bandwidth(self) -> bool:
        return any(term.needs_bandwidth for term in self.terms)

    def with_median(self, median: Any) -> Kernel:
        return SumKernel(tuple(term.with_median(median) for term in self.terms))

    def of_squared_distance(self, r2: Array) -> Array:
        first, *rest = (term.of_squared_distance(r2) for term in self.terms)
        return sum(rest, first)

    def derivatives(self, r2: Array) -> tuple[Array, Array, Array]:
        first, *rest = (term.derivatives(r2) for term in self.terms)
        value, slope, curvature = (sum((d[i] for d in rest), first[i]) for i in range(3))
        return value, slope, curvature


_NAMED: dict[str, type[_RadialKernel]] = {
    "rbf": RBFKernel,
    "laplace": LaplaceKernel,
    "rational_quadratic": RationalQuadraticKernel,
    "imq": InverseMultiquadricKernel,
}


def as_kernel(kernel: KernelLike) -> Any:
    """A Kernel for a name, with the median as its bandwidth; a Kernel, or any other function of two samples, itself.

    Raises
    ------
    ValueError
        For an unknown name.
    TypeError
        For what is neither a name nor callable.
    """
    if isinstance(kernel, str):
        check_choice("kernel", kernel, _NAMED)
        return _NAMED[kernel]()
    if not callable(kernel):
        raise TypeError(f"`kernel` must be a name, a Kernel or a function of two samples, got {type(kernel).__name__}.")
    return kernel


def _terms(kernel: Kernel) -> tuple[Kernel, ...]:
    return kernel.terms if isinstance(kernel, SumKernel) else (kernel,)
