"""NoiseSchedule: how fast a diffusion forgets its data, in discrete steps and in continuous time."""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass, field
from typing import Any

import numpy

from gamedyn._checks import check_choice, check_integer
from gamedyn.backend import to_host

__all__ = ["PREDICTIONS", "NoiseSchedule"]

# What a network may predict from x_t.
PREDICTIONS = ("eps", "x0", "v", "score")

# sqrt(alpha_bar_T) from which on a schedule is warned about: 0.00125 nats for each coordinate of unit variance.
_NEGLIGIBLE = 0.05


@dataclass(frozen=True, eq=False)
class NoiseSchedule:
    """q(x_t | x_(t-1)) = N(sqrt(1 - beta_t) x_(t-1), beta_t I), so that q(x_t | x_0) = N(sqrt(ab_t) x_0, (1 - ab_t) I).

    ab_t = prod_(s <= t) (1 - beta_s), and t = 0 is the data.

    Parameters
    ----------
    betas : array_like, shape (T,)
        beta_t for t = 1, ..., T, each in (0, 1).
    check : bool
        Warn about a last step that keeps more than a trace of the data.

    Attributes
    ----------
    alphas_bar : array, shape (T + 1,)
        ab_t at index t, from 1 at t = 0.
    posterior_variances : array, shape (T,)
        Variance of q(x_(t-1) | x_t, x_0), beta_t (1 - ab_(t-1)) / (1 - ab_t), for t = 1, ..., T; 0 at t = 1.
    signal_to_noise : array, shape (T + 1,)
        ab_t / (1 - ab_t) at index t, from inf at t = 0.

    Raises
    ------
    ValueError
        If a beta lies outside (0, 1); the message has the step and the value.

    Warns
    -----
    UserWarning
        If sqrt(ab_T) exceeds 0.05: what is generated starts from N(0, I), which is then not the law of x_T.

    Notes
    -----
    Between the steps log ab is interpolated linearly: dx = -r x / 2 dt + sqrt(r) dW with the rate r = -log(1 - beta_t)
    during step t, which passes through the chain exactly, transitions included. 1 - ab is computed by expm1 of the
    sum of logs, and keeps its digits at t near 0.

    References
    ----------
    Ho, Jain and Abbeel (2020), Denoising Diffusion Probabilistic Models.
    Song, Sohl-Dickstein, Kingma, Kumar, Ermon and Poole (2021), Score-Based Generative Modeling through Stochastic
    Differential Equations.
    Lin, Liu, Li and Yang (2023), Common Diffusion Noise Schedules and Sample Steps are Flawed, on what the last step
    keeps.

    Examples
    --------
    >>> schedule = NoiseSchedule([0.5, 0.5, 0.75, 0.99, 0.9])
    >>> schedule.alphas_bar[:4].tolist()
    [1.0, 0.5, 0.25, 0.0625]
    >>> round(float(schedule.posterior_variances[1]), 12)  # 0.5 * 0.5 / 0.75
    0.333333333333
    """

    betas: Any
    check: bool = field(default=True, kw_only=True, repr=False)
    alphas_bar: numpy.ndarray = field(init=False, repr=False)
    posterior_variances: numpy.ndarray = field(init=False, repr=False)
    signal_to_noise: numpy.ndarray = field(init=False, repr=False)
    _log_alphas_bar: numpy.ndarray = field(init=False, repr=False)

    def __post_init__(self) -> None:
        betas = numpy.array(to_host(self.betas), dtype=numpy.float64)
        if betas.ndim != 1 or betas.size == 0:
            raise ValueError(f"`betas` must have shape (T,) with T >= 1, got {betas.shape}.")
        bad = ~((betas > 0) & (betas < 1))
        if bad.any():
            step = int(bad.argmax())
            raise ValueError(f"`betas` must lie in (0, 1), got {betas[step]:g} at step {step + 1} of {len(betas)}.")
        logs = numpy.concatenate([[0.0], numpy.cumsum(numpy.log1p(-betas))])
        noise = numpy.abs(numpy.expm1(logs))  # not -0 at t = 0
        with numpy.errstate(divide="ignore"):
            ratio = numpy.exp(logs) / noise
        arrays = {
            "betas": betas,
            "alphas_bar": numpy.exp(logs),
            "posterior_variances": betas * noise[:-1] / noise[1:],
            "signal_to_noise": ratio,
            "_log_alphas_bar": logs,
        }
        for name, values in arrays.items():
            values.flags.writeable = False
            object.__setattr__(self, name, values)
        if self.check and self.final_signal > _NEGLIGIBLE:
            warnings.warn(
                f"the last step keeps sqrt(alpha_bar_T) = {self.final_signal:.4g} of the data, more than "
                f"{_NEGLIGIBLE}: samples start from N(0, I), which is not the law of x_T. Take more steps, or larger "
                "betas.",
                stacklevel=3,
            )

    @property
    def steps(self) -> int:
        """T."""
        return len(self.betas)

    @property
    def final_signal(self) -> float:
        """sqrt(ab_T), the share of the data that is left after the last step."""
        return math.exp(0.5 * self._log_alphas_bar[-1])

    def __str__(self) -> str:
        """Steps, first and last beta, final signal."""
        return (
            f"NoiseSchedule of {self.steps} steps, beta {self.betas[0]:.4g} to {self.betas[-1]:.4g}, "
            f"final signal {self.final_signal:.4g}"
        )

    def alpha_bar(self, t: Any) -> Any:
        """ab(t) at real times, geometric between the steps.

        Parameters
        ----------
        t : float or array_like
            In [0, T].

        Returns
        -------
        array, shape of t
        """
        return numpy.exp(self._log_alpha_bar(t))

    def noise_variance(self, t: Any) -> Any:
        """1 - ab(t), without cancellation near t = 0.

        Parameters
        ----------
        t : float or array_like
            In [0, T].
        """
        return numpy.abs(numpy.expm1(self._log_alpha_bar(t)))

    def noise_level(self, t: Any) -> Any:
        """sqrt((1 - ab(t)) / ab(t)), the standard deviation of x_t / sqrt(ab(t)) about the data.

        Parameters
        ----------
        t : float or array_like
            In [0, T].
        """
        return numpy.sqrt(numpy.abs(numpy.expm1(-self._log_alpha_bar(t))))

    def added_variance(self, t: Any, s: Any) -> Any:
        """1 - ab(t) / ab(s), the variance of x_t given x_s; beta_t for neighbouring steps.

        Parameters
        ----------
        t, s : float or array_like
            In [0, T], s <= t.
        """
        return numpy.abs(numpy.expm1(self._log_alpha_bar(t) - self._log_alpha_bar(s)))

    def time(self, noise_level: Any) -> Any:
        """The real time at which the diffusion has a noise level, the inverse of `noise_level`.

        Parameters
        ----------
        noise_level : float or array_like
            From 0 to that of the last step.

        Raises
        ------
        ValueError
            If the diffusion does not reach the level.
        """
        level = numpy.asarray(noise_level, dtype=numpy.float64)
        last = float(self.noise_level(self.steps))
        if not numpy.all((level >= 0) & (level <= last * (1 + 1e-12))):
            raise ValueError(f"`noise_level` must lie in [0, {last:g}], the levels of the schedule, got {noise_level}.")
        return numpy.interp(numpy.log1p(level**2), -self._log_alphas_bar, numpy.arange(self.steps + 1.0))

    def prior_divergence(self, second_moment: float, dimension: int = 1) -> float:
        """E KL(q(x_T | x_0), N(0, I)) = (ab_T E|x_0|^2 - d ab_T - d log(1 - ab_T)) / 2, in nats.

        Parameters
        ----------
        second_moment : float
            E|x_0|^2 of the data, summed over coordinates.
        dimension : int
            d.
        """
        check_integer("dimension", dimension, minimum=1)
        kept = float(self.alphas_bar[-1])
        return 0.5 * (kept * (float(second_moment) - dimension) - dimension * math.log1p(-kept))

    def times(self, count: int | None = None, *, spacing: str = "time", least: float | None = None) -> numpy.ndarray:
        """Decreasing times from T to 0 for a sampler of `count` steps.

        Parameters
        ----------
        count : int, optional
            Number of steps; T by default. With `spacing` "time" it must not exceed T, and the times are whole steps.
        spacing : {"time", "level"}
            Whole steps, equally spaced up to rounding; or noise levels whose seventh roots are equally spaced, down to
            `least`, and then 0.
        least : float, optional
            The last noise level above 0 for spacing "level"; that of step 1 by default.

        Returns
        -------
        array, shape (count + 1,)

        References
        ----------
        Karras, Aittala, Aila and Laine (2022), Elucidating the Design Space of Diffusion-Based Generative Models, for
        the seventh roots.
        """
        check_choice("spacing", spacing, ("time", "level"))
        count = self.steps if count is None else count
        check_integer("count", count, minimum=1)
        if spacing == "time":
            if count > self.steps:
                raise ValueError(f"`count` must not exceed the {self.steps} steps of the schedule, got {count}.")
            return numpy.round(numpy.linspace(self.steps, 0, count + 1))
        highest = float(self.noise_level(self.steps))
        least = float(self.noise_level(1.0)) if least is None else float(least)
        if not 0 < least < highest:
            raise ValueError(f"`least` must lie between 0 and {highest:g}, the level of the last step, got {least:g}.")
        if count == 1:
            return numpy.array([float(self.steps), 0.0])
        levels = numpy.linspace(highest ** (1 / 7), least ** (1 / 7), count) ** 7
        inner = self.time(levels[1:])
        return numpy.concatenate([[float(self.steps)], inner, [0.0]])

    def noised(self, clean: Any, eps: Any, t: Any) -> Any:
        """x_t = sqrt(ab) x_0 + sqrt(1 - ab) eps.

        Parameters
        ----------
        clean, eps : array
            x_0, and standard normal noise.
        t : float, or array that broadcasts against them
        """
        a, sigma = self._signal_and_noise(t)
        return a * clean + sigma * eps

    def target(self, clean: Any, eps: Any, t: Any, prediction: str = "eps") -> Any:
        """What a network that predicts `prediction` is trained on, by squared error.

        Parameters
        ----------
        clean, eps : array
            x_0, and the noise in x_t.
        t : float, or array that broadcasts against them
        prediction : {"eps", "x0", "v", "score"}
            eps, x_0, sqrt(ab) eps - sqrt(1 - ab) x_0, or -eps / sqrt(1 - ab).
        """
        check_choice("prediction", prediction, PREDICTIONS)
        a, sigma = self._signal_and_noise(t)
        if prediction == "v":
            return a * eps - sigma * clean
        if prediction == "score":
            return -eps / sigma
        return eps if prediction == "eps" else clean

    def denoised(self, x: Any, t: Any, output: Any, prediction: str = "eps") -> Any:
        """The estimate of x_0 in the output of a network: the denoiser that `reverse_diffusion` takes.

        Parameters
        ----------
        x : array
            x_t.
        t : float, or array that broadcasts against x
        output : array, shape of x
            Of the network at x and t.
        prediction : {"eps", "x0", "v", "score"}
            What the network was trained on.
        """
        check_choice("prediction", prediction, PREDICTIONS)
        a, sigma = self._signal_and_noise(t)
        if prediction == "v":
            return a * x - sigma * output
        if prediction == "eps":
            return (x - sigma * output) / a
        return output if prediction == "x0" else (x + sigma**2 * output) / a

    def _signal_and_noise(self, t: Any) -> tuple[Any, Any]:
        """sqrt(ab), sqrt(1 - ab); Python floats for one time, which leave the precision of arrays alone."""
        a, sigma = numpy.sqrt(self.alpha_bar(t)), numpy.sqrt(self.noise_variance(t))
        return (float(a), float(sigma)) if numpy.ndim(t) == 0 else (a, sigma)

    def _log_alpha_bar(self, t: Any) -> Any:
        t = numpy.asarray(t, dtype=numpy.float64)
        if not numpy.all((t >= 0) & (t <= self.steps)):
            wrong = t[~((t >= 0) & (t <= self.steps))].ravel()[0]
            raise ValueError(f"`t` must lie in [0, {self.steps}], the times of the schedule, got {wrong:g}.")
        return numpy.interp(t, numpy.arange(self.steps + 1.0), self._log_alphas_bar)
