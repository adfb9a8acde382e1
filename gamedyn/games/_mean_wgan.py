"""The WGAN that learns a mean: a linear critic against a translation."""

from __future__ import annotations

from typing import Any

from gamedyn.backend import device_of, float_arrays
from gamedyn.games._bilinear import Bilinear

__all__ = ["mean_wgan"]


def mean_wgan(mean: Any) -> Bilinear:
    """f = <w, v - theta>: data of mean v, fake samples e + theta with E e = 0, critic <w, x>; z = (theta, w).

    Parameters
    ----------
    mean : array_like, shape (n,)
        v.

    Returns
    -------
    Bilinear
        With the one equilibrium (v, 0), around which all eigenvalues are +- i.

    Raises
    ------
    ValueError
        If the mean is no vector.

    References
    ----------
    Daskalakis, Ilyas, Syrgkanis, Zeng (2018), Training GANs with optimism.

    Examples
    --------
    >>> import numpy
    >>> mean_wgan([3.0, 4.0]).simultaneous_gradient(numpy.array([3.0, 4.0, 0.0, 0.0])).tolist()
    [0.0, 0.0, 0.0, 0.0]
    """
    xp, v = float_arrays(mean, names=("mean",))
    if v.ndim != 1 or v.shape[0] == 0:
        raise ValueError(f"`mean` must have shape (n,), got {tuple(v.shape)}.")
    return Bilinear(-xp.eye(v.shape[0], dtype=v.dtype, device=device_of(v)), y_linear=v)
