"""gamedyn: numerical game dynamics and divergence analysis.

Front doors: `verify` (theory), `divergences` and `transport` (utilities), `games`, `updates`, `dynamics`, `equilibria`
(play and classify), `models` (train). Importing this package loads no third-party module; a name loads what it needs
when touched.
"""

import importlib

__version__ = "0.1.0"

_PACKAGES = (
    "backend",
    "claims",
    "compat",
    "data",
    "distributions",
    "divergences",
    "dynamics",
    "equilibria",
    "experiments",
    "games",
    "models",
    "nn",
    "numerics",
    "objectives",
    "plotting",
    "reports",
    "testing",
    "transport",
    "updates",
)
_NAMES = {
    "verify": "claims",
    "simulate": "dynamics",
    "classify": "equilibria",
    "check_differential_nash": "equilibria",
    "spectral_radius": "equilibria",
    "kl_divergence": "divergences",
    "jensen_shannon_divergence": "divergences",
    "total_variation_distance": "divergences",
    "wasserstein_on_line": "transport",
    "optimal_discriminator": "objectives",
}

__all__ = [*_PACKAGES, *_NAMES, "__version__"]


def __getattr__(name: str) -> object:
    if name in _PACKAGES:
        return importlib.import_module(f"gamedyn.{name}")
    if name in _NAMES:
        return getattr(importlib.import_module(f"gamedyn.{_NAMES[name]}"), name)
    raise AttributeError(f"module 'gamedyn' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
