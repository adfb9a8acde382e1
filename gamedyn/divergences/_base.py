"""The FDivergence protocol: D_f(p, q) = sum q f(p / q), with its dual objects in the log-ratio v = log p / q."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

from gamedyn.backend import Array
from gamedyn.divergences._evaluate import bound_of_masses, evaluate, gap_of_masses
from gamedyn.divergences._gradients import value_and_grad_of_masses
from gamedyn.divergences._pair import Pair
from gamedyn.divergences._plain import Kernel

__all__ = ["FDivergence"]


class FDivergence(ABC):
    """D_f(p, q) = sum q f(p / q), f convex; f(1) = 0 unless the member says otherwise.

    A member gives the generator, its derivative, its conjugate and two slopes, and two sums in forms that do not
    cancel; evaluation, the variational bound and its gap follow.
    """

    name: str
    """The function of `gamedyn.divergences` that it equals, or what it is where there is no such function."""

    in_nats: bool = True
    """Whether `base` changes the unit; False for divergences without a logarithm."""

    plain_forms: tuple[tuple[Kernel, float], ...] = ()
    """Faster sums for NumPy masses that are not too close, where the member has some."""

    @property
    @abstractmethod
    def definition(self) -> str:
        """The formula, for Estimates."""

    @abstractmethod
    def generator(self, u: Array) -> Array:
        """f(u) for u >= 0, any shape; f(0) is the limit, and may be inf."""

    @abstractmethod
    def derivative(self, u: Array) -> Array:
        """f'(u) for u > 0, any shape: the optimal critic at the ratio u = p / q."""

    @abstractmethod
    def conjugate(self, t: Array) -> Array:
        """f*(t) = sup over u >= 0 of u t - f(u), any shape; inf outside its domain."""

    @property
    @abstractmethod
    def slope_at_infinity(self) -> float:
        """lim f(u) / u for u -> inf: the weight of p's mass where q = 0."""

    @property
    @abstractmethod
    def slope_at_zero(self) -> float:
        """lim f(u) for u -> 0: the weight of q's mass where p = 0."""

    @abstractmethod
    def critic_from_logit(self, v: Array) -> Array:
        """T = f'(e^v), stable for every v, any shape."""

    @abstractmethod
    def conjugate_from_logit(self, v: Array) -> Array:
        """f*(f'(e^v)) = e^v f'(e^v) - f(e^v), fused and stable for every v, any shape."""

    def output_activation(self, v: Array) -> Array:
        """g(v), increasing, onto the range of critics whose f*(g(v)) is finite: the last layer of an f-GAN, any shape.

        The optimal critic itself, where a member has no other.

        References
        ----------
        Nowozin, Cseke and Tomioka (2016), f-GAN: training generative neural samplers using variational divergence
        minimization.
        """
        return self.critic_from_logit(v)

    def gradients_from_logit(self, v: Array) -> tuple[Array, Array]:
        """The derivatives of `terms` in p and in q at v = log p / q: f'(u) - f'(1) and f(u) - u f'(u) + f'(1).

        Here for f'(1) = 0; members with another slope at 1 say how theirs go without cancellation.
        """
        return self.critic_from_logit(v), -self.conjugate_from_logit(v)

    @abstractmethod
    def terms(self, pair: Pair) -> Array:
        """What each outcome adds, of the shape of `pair.p`.

        q f(p / q) - f'(1) (p - q): the same sum for p and q of equal mass, but >= 0 outcome by outcome, and without
        cancellation where p is close to q. Finite gradients everywhere; 0 at shared empty outcomes.
        """

    @abstractmethod
    def gap_terms(self, pair: Pair, logit: Array) -> Array:
        """q [f(u) + f*(T) - u T] at u = p / q and T = f'(e^logit), without cancellation, >= 0 outcome by outcome."""

    @property
    def supremum(self) -> float:
        """The largest value on pmfs, f(0) + lim f(u) / u, reached on disjoint supports."""
        return self.slope_at_zero + self.slope_at_infinity

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"

    def __call__(self, p: Array, q: Array, axis: int = -1, **options: Any) -> Array:
        """The divergence of pmfs along `axis`, or of two Distributions.

        Parameters
        ----------
        p, q : array_like or Distribution
            Probabilities, non-negative, broadcast over the axes other than `axis`; or two laws of one event shape.
        axis : int
            Axis of the outcomes.
        base : float, optional
            Base of the logarithm, 2 for bits; nats where not given.
        keepdims : bool
            Whether `axis` stays, with length 1.
        normalize : bool or None
            False (the default): sums must be 1 within sqrt(eps) of the dtype. True: p and q are divided by their sums.
            None: the generalised form for unnormalised masses, q f(p/q) - f'(1)(p - q) summed.
        log : bool
            Whether p and q hold log-probabilities; -inf is an empty outcome.
        check : bool
            Whether values are validated, which reads them on the host; pass False inside jit, vmap and compile.
        method : {"auto", "closed", "quadrature", "monte_carlo", "bounds"}
            For Distributions: closed form, adaptive quadrature on the line, and for normal laws and their mixtures on
            the plane (a sum for discrete laws), or the mean over draws. "auto" takes the first that exists, in that
            order. "bounds": a guaranteed bracket of KL, Jeffreys or JS between mixtures of normal laws, whose middle is
            the value.
        return_estimate : bool
            Whether to return the Estimate (value, standard error, interval, method, definition) instead of the value.
        n : int
            For "monte_carlo": number of draws from each law.
        rng : None, int or numpy.random.Generator
            For "monte_carlo".

        Returns
        -------
        array, shape of the batch
            0-d for one pair; of the library, dtype and device of the inputs.

        Raises
        ------
        ValueError
            If an input is no pmf (the message names argument, index and value), or shapes do not fit.
        TypeError
            If libraries are mixed, or a Distribution is paired with an array.
        """
        return evaluate(self, p, q, axis=axis, **options)

    def bound(self, p: Array, q: Array, logit: Array, *, axis: int = -1, check: bool = True) -> Array:
        """The variational lower bound E_p T - E_q f*(T) with the critic T = f'(e^logit).

        Parameters
        ----------
        p, q : array_like
            Pmfs along `axis`.
        logit : array_like, broadcastable to p
            An approximation of log p / q at each outcome; inf and -inf are allowed.
        axis, check : see `__call__`

        Returns
        -------
        array, shape of the batch
            Never above the divergence, and equal to it at logit = log p / q.

        References
        ----------
        Nguyen, Wainwright and Jordan (2010), Estimating divergence functionals and the likelihood ratio by convex risk
        minimization.
        """
        return bound_of_masses(self, p, q, logit, axis=axis, check=check)

    def gap(self, p: Array, q: Array, logit: Array, *, axis: int = -1, check: bool = True) -> Array:
        """The divergence minus `bound`, summed from non-negative terms, so that a small gap keeps its digits.

        Parameters
        ----------
        p, q, logit, axis, check : see `bound`

        Returns
        -------
        array, shape of the batch
        """
        return gap_of_masses(self, p, q, logit, axis=axis, check=check)

    def value_and_grad(
        self,
        p: Array,
        q: Array,
        *,
        axis: int = -1,
        base: float | None = None,
        normalize: bool | None = False,
        log: bool = False,
        check: bool = True,
    ) -> tuple[Array, tuple[Array, Array]]:
        """The divergence and its gradients in p and in q, written by hand.

        Parameters
        ----------
        p, q : array_like
            Pmfs along `axis`, broadcastable.
        axis, base, normalize, log, check : see `__call__`

        Returns
        -------
        value : array, shape of the batch
        gradients : (array, array), each of the broadcast shape of p and q

        Raises
        ------
        ValueError, TypeError
            See `__call__`.

        Notes
        -----
        For `normalize` False or None the gradients of the generalised form, the sum of q f(p / q) - f'(1) (p - q):
        f'(u) - f'(1) in p and f(u) - u f'(u) + f'(1) in q, u = p / q, which differ from those of the bare sum by
        constants that the simplex does not see (those of the bare sum for `GANDivergence`). For True those of
        D(p / sum p, q / sum q). With `log`, in the logarithms. Where the derivative is infinite or there is none, which
        happens at ties of |p - q| and where p or q is 0, the entry is 0.
        """
        return value_and_grad_of_masses(self, p, q, axis=axis, base=base, normalize=normalize, log=log, check=check)
