"""ExactDiffusion: the diffusion of a Gaussian mixture or of atoms, with the denoiser that no network can beat."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy

from gamedyn._checks import check_choice, check_integer
from gamedyn.backend import as_generator
from gamedyn.distributions import Distribution
from gamedyn.models._diffusion_bound import DiffusionBound, exact_bound
from gamedyn.models._diffusion_floor import denoising_error
from gamedyn.models._diffusion_likelihood import flow_log_prob
from gamedyn.models._generated_law import generated_gaussian
from gamedyn.models._noise_schedule import PREDICTIONS, NoiseSchedule
from gamedyn.models._noised_mixture import NoisedMixture
from gamedyn.models._reverse_diffusion import check_times, reverse_diffusion
from gamedyn.numerics import Estimate

__all__ = ["ExactDiffusion"]


@dataclass(frozen=True, eq=False)
class ExactDiffusion:
    """x_t = sqrt(ab_t) x_0 + sqrt(1 - ab_t) eps for x_0 from a known law: marginals, E[x_0 | x_t], floors, samplers.

    Parameters
    ----------
    law : Distribution
        Normal, MultivariateNormal, a Mixture of these, or Empirical (atoms).
    schedule : NoiseSchedule
        Times t are 0 to T, whole or real, one for all points or an array that broadcasts against them.

    Raises
    ------
    TypeError
        For another law, whose noised marginals have no closed form.

    Notes
    -----
    A network trained on the mean squared error of eps, x_0, v or the score can at best reach `floor`; its loss minus
    that is what it has still to learn. What a sampler then makes of the best denoiser is `sample`, or `generated_law`.
    On the host in float64. Atoms have no density: at t = 0 they have no marginal and no score, and the likelihood by
    the flow does not exist.

    References
    ----------
    Ho, Jain and Abbeel (2020), Denoising Diffusion Probabilistic Models.
    Salimans and Ho (2022), Progressive Distillation for Fast Sampling of Diffusion Models, for v.

    Examples
    --------
    >>> from gamedyn.distributions import Normal
    >>> from gamedyn.models import NoiseSchedule
    >>> diffusion = ExactDiffusion(Normal(0.0, 1.0), NoiseSchedule([0.64, 0.999]))
    >>> float(diffusion.posterior_mean(2.0, 1))  # sqrt(0.36) * 2 for a standard normal law
    1.2
    >>> round(float(diffusion.floor(1, "x0")), 12)  # 1 - 0.36
    0.64
    """

    law: Distribution
    schedule: NoiseSchedule
    _noised: NoisedMixture = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if not isinstance(self.law, Distribution):
            raise TypeError(f"`law` must be a Distribution, got {type(self.law).__name__}.")
        if not isinstance(self.schedule, NoiseSchedule):
            raise TypeError(
                f"`schedule` must be a NoiseSchedule, such as cosine_schedule(100), got {type(self.schedule).__name__}."
            )
        object.__setattr__(self, "_noised", NoisedMixture.of(self.law))

    @property
    def dimension(self) -> int:
        """The number d of coordinates."""
        return self._noised.dimension

    def marginal(self, t: float) -> Distribution:
        """The law q_t of x_t, a Gaussian or a Mixture.

        Parameters
        ----------
        t : float
            One time; positive for atoms.
        """
        scale, variance = self._coefficients(t, apart=True)
        return self._noised.marginal(float(scale), float(variance))

    def posterior_mean(self, x: Any, t: Any) -> Any:
        """E[x_0 | x_t = x], the best denoiser.

        Parameters
        ----------
        x : array_like, shape (...) on the line, (..., d) else
        t : float or array_like, shape (...)
            At t = 0 the answer is x.

        Returns
        -------
        array, shape of x
        """
        return self.predict(x, t, "x0")

    def score(self, x: Any, t: Any) -> Any:
        """The gradient of log q_t at x.

        Parameters
        ----------
        x : array_like, shape (...) on the line, (..., d) else
        t : float or array_like, shape (...)
            Positive for atoms.
        """
        return self.predict(x, t, "score")

    def predict(self, x: Any, t: Any, prediction: str = "eps") -> Any:
        """What the best network says: E[eps | x_t], E[x_0 | x_t], E[v | x_t], or the score.

        Parameters
        ----------
        x : array_like, shape (...) on the line, (..., d) else
            x_t.
        t : float or array_like, shape (...)
        prediction : {"eps", "x0", "v", "score"}
            v = sqrt(ab_t) eps - sqrt(1 - ab_t) x_0; the score is -E[eps | x_t] / sqrt(1 - ab_t).

        Returns
        -------
        array, shape of x, broadcast against t
        """
        check_choice("prediction", prediction, PREDICTIONS)
        rows = self._noised.rows(x)
        a, v = self._coefficients(t, apart=prediction != "x0")
        rows = numpy.broadcast_to(rows, (*numpy.broadcast_shapes(rows.shape[:-1], v.shape), self.dimension))
        if prediction == "x0":
            # Atoms at t = 0 have variance 0, and x is its own mean.
            noisy = v > 0
            means = self._noised.posterior_mean(rows, a, numpy.where(noisy, v, 1.0))
            return self._shaped(numpy.where(noisy[..., None], means, rows))
        score = self._noised.score(rows, a, v)
        if prediction == "score":
            return self._shaped(score)
        noise = -numpy.sqrt(v)[..., None] * score
        if prediction == "eps":
            return self._shaped(noise)
        means = self._noised.posterior_mean(rows, a, v)
        return self._shaped(a[..., None] * noise - numpy.sqrt(v)[..., None] * means)

    def floor(self, t: Any, prediction: str = "eps", *, n: int = 100_000, rng: Any = None) -> Estimate:
        """The least mean squared error E|target - prediction|^2 / d that any network can reach at time t.

        Parameters
        ----------
        t : float or array_like
            Positive.
        prediction : {"eps", "x0", "v", "score"}
            With e = E tr Cov[x_0 | x_t] / d: e for x0, e ab / (1 - ab) for eps, e / (1 - ab) for v, and
            e ab / (1 - ab)^2 for score, whose target is that of denoising score matching, -eps / sqrt(1 - ab).
        n : int
            Samples, where the integral is not by formula or quadrature.
        rng : None, int or numpy.random.Generator
            Of the samples.

        Returns
        -------
        Estimate
            Of the shape of t. Exact for one Gaussian; by quadrature, with its error estimate, for mixtures on the line
            and in the plane; by samples, with the standard error, beyond.
        """
        check_choice("prediction", prediction, PREDICTIONS)
        check_integer("n", n, minimum=2)
        a, v = self._coefficients(t, positive=True)
        kept = a * a
        factor = {"x0": 1.0, "eps": kept / v, "v": 1 / v, "score": kept / v**2}[prediction] / self.dimension
        error = denoising_error(self._noised, a, v, n, as_generator(rng))
        return Estimate(
            (factor * error.value)[()],
            (factor * error.standard_error)[()],
            (factor * error.lower)[()],
            (factor * error.upper)[()],
            error.level,
            error.method,
            error.n,
            f"E|{prediction} - E[{prediction} | x_t]|^2 / d",
        )

    def bound(self, *, variance: str = "small", n: int = 20_000, rng: Any = None) -> DiffusionBound:
        """The variational bound on -E log p(x_0) with the best denoiser, term by term, in nats.

        Parameters
        ----------
        variance : {"large", "small"}
            Of the reverse steps, as in `reverse_diffusion`: beta_t or the posterior variance. Step 1, the decoder,
            takes beta_1 in both cases.
        n : int
            Samples, where the floors are not by formula or quadrature.
        rng : None, int or numpy.random.Generator
            Of the samples.

        Notes
        -----
        Data with a density look flat on the scale of the first betas, and x_(t-1) given x_t has a variance near beta_t.
        The posterior variance is too small there: for equal small betas it costs half of Euler's constant, 0.289 nats a
        coordinate, however many steps there are. "small" is right for atoms.
        """
        check_choice("variance", variance, ("large", "small"))
        t = numpy.arange(1, self.schedule.steps + 1)
        a, v = self._coefficients(t)
        rng = as_generator(rng)
        error = denoising_error(self._noised, a, v, n, rng)
        return exact_bound(self._noised, self.schedule, error, variance, n, rng)

    def sample(
        self,
        n: int,
        *,
        sampler: str = "ancestral",
        variance: str = "small",
        eta: float = 0.0,
        times: Any = None,
        rng: Any = None,
    ) -> Any:
        """n draws by a sampler with the best denoiser, from N(0, I) at time T.

        Parameters
        ----------
        n : int
        sampler, variance, eta, times
            As in `reverse_diffusion`; the times begin at T, since x_T alone is close to N(0, I).
        rng : None, int or numpy.random.Generator

        Returns
        -------
        array, shape (n,) on the line, (n, d) else
        """
        check_integer("n", n, minimum=1)
        rng = as_generator(rng)
        times = check_times(self.schedule, times, from_end=True)
        start = rng.standard_normal((n,) if self._noised.on_line else (n, self.dimension))
        return reverse_diffusion(
            self.posterior_mean,
            self.schedule,
            start,
            sampler=sampler,
            variance=variance,
            eta=eta,
            times=times,
            rng=rng,
        )

    def generated_law(
        self, *, sampler: str = "ancestral", variance: str = "small", eta: float = 0.0, times: Any = None
    ) -> Distribution:
        """The law of `sample` in closed form, for one Gaussian: its mean and covariance step by step.

        Parameters
        ----------
        sampler, variance, eta, times
            As in `sample`.

        Returns
        -------
        Normal or MultivariateNormal

        Raises
        ------
        ValueError
            For a mixture, whose generated law has no closed form: take `sample`.
        """
        return generated_gaussian(self._noised, self.schedule, sampler=sampler, variance=variance, eta=eta, times=times)

    def log_prob(self, x: Any, *, prior: str = "exact", tolerance: float = 1e-9) -> Estimate:
        """log p(x) by the probability flow from time 0 to T, in nats; it knows only the score.

        Parameters
        ----------
        x : array_like, shape (...) on the line, (..., d) else
        prior : {"exact", "normal"}
            The density at T: q_T, with which the answer is law.log_prob(x); or N(0, I), with which it is the likelihood
            of what a flow sampler generates.
        tolerance : float
            Relative and absolute, of the integrator.

        Returns
        -------
        Estimate
            `standard_error` is the difference from a run at a hundred times the tolerance.
        """
        check_choice("prior", prior, ("exact", "normal"))
        if self._noised.singular:
            raise ValueError("`law` must have a density for a likelihood, got atoms.")
        return flow_log_prob(self._noised, self.schedule, self._noised.rows(x), prior, tolerance)

    def _coefficients(self, t: Any, *, apart: bool = False, positive: bool = False) -> tuple[Any, Any]:
        """(sqrt(ab), 1 - ab) at t; `apart` refuses t = 0 for atoms, `positive` always."""
        v = self.schedule.noise_variance(t)
        if (positive or (apart and self._noised.singular)) and not numpy.all(v > 0):
            reason = "" if positive else ", where atoms have no density"
            raise ValueError(f"`t` must be positive, got 0{reason}.")
        return numpy.sqrt(self.schedule.alpha_bar(t)), v

    def _shaped(self, rows: Any) -> Any:
        return rows[..., 0] if self._noised.on_line else rows
