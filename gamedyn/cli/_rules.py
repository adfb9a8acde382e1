"""The update rules that go by name on the command line, and `NAME[:INNER] OPTION=VALUE ...`, read without eval."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from gamedyn._checks import nearest
from gamedyn.cli._exit import UsageError

if TYPE_CHECKING:
    from gamedyn.updates import UpdateRule

__all__ = ["ALIASES", "RULES", "SIMPLEX_RULES", "WRAPPERS", "make_rule", "parse_value"]

RULES = {
    "adam": "Adam",
    "adaptive-competitive": "AdaptiveCompetitive",
    "alternating-gradient-descent": "AlternatingGradientDescent",
    "anchored-extragradient": "AnchoredExtragradient",
    "competitive": "Competitive",
    "consensus": "Consensus",
    "curvature-extragradient-plus": "CurvatureExtragradientPlus",
    "double-step-extragradient": "DoubleStepExtragradient",
    "drift-cancelling": "DriftCancelling",
    "extra-adam": "ExtraAdam",
    "extragradient": "Extragradient",
    "extragradient-plus": "ExtragradientPlus",
    "fast-extragradient": "FastExtragradient",
    "follow-the-ridge": "FollowTheRidge",
    "forward-backward-forward": "ForwardBackwardForward",
    "forward-reflected-backward": "ForwardReflectedBackward",
    "halpern": "Halpern",
    "hamiltonian-descent": "HamiltonianDescent",
    "heavy-ball": "HeavyBall",
    "krasnoselskii-mann": "KrasnoselskiiMann",
    "local-symplectic-surgery": "LocalSymplecticSurgery",
    "lola": "Lola",
    "lookahead-opponent": "LookaheadOpponent",
    "nesterov": "Nesterov",
    "optimistic-adam": "OptimisticAdam",
    "optimistic-gradient": "OptimisticGradient",
    "past-extragradient": "PastExtragradient",
    "primal-dual-hybrid-gradient": "PrimalDualHybridGradient",
    "proximal-point": "ProximalPoint",
    "reflected-gradient": "ReflectedGradient",
    "rms-prop": "RMSProp",
    "runge-kutta": "RungeKutta",
    "simultaneous-gradient-descent": "SimultaneousGradientDescent",
    "stable-opponent-shaping": "StableOpponentShaping",
    "stackelberg-gradient": "StackelbergGradient",
    "stochastic-variance-reduced-extragradient": "StochasticVarianceReducedExtragradient",
    "symplectic-adjustment": "SymplecticAdjustment",
}
"""Name -> class of `updates`, on R^d; nothing is imported for it."""

SIMPLEX_RULES = {
    "best-response": "BestResponse",
    "fictitious-play": "FictitiousPlay",
    "mirror-prox": "MirrorProx",
    "multiplicative-weights": "MultiplicativeWeights",
    "optimistic-multiplicative-weights": "OptimisticMultiplicativeWeights",
    "projected-gradient": "ProjectedGradient",
    "regret-matching": "RegretMatching",
    "smooth-fictitious-play": "SmoothFictitiousPlay",
}
"""The same, on mixed strategies; mirror-prox and the projected gradient play on boxes, too."""

WRAPPERS = {
    "averaged": "Averaged",
    "inner-steps": "InnerSteps",
    "lookahead": "Lookahead",
    "preconditioned": "Preconditioned",
    "timescale-separation": "TimescaleSeparation",
}
"""The same, around another rule: `lookahead:extragradient`."""

ALIASES = {
    "simultaneous": "simultaneous-gradient-descent",
    "alternating": "alternating-gradient-descent",
    "optimistic": "optimistic-gradient",
    "rmsprop": "rms-prop",
    "svre": "stochastic-variance-reduced-extragradient",
}
"""Short name -> name."""

_KNOWN = {**RULES, **SIMPLEX_RULES, **WRAPPERS}
_WORDS = {"true": True, "false": False, "none": None}


def make_rule(spec: str, step_size: float | None = None, options: list[str] | None = None) -> UpdateRule:
    """The rule that `spec` names, as `heavy-ball momentum=-0.3` or `lookahead:extragradient k=3`.

    Parameters
    ----------
    spec : str
        A name, with `:` before the name of a rule that it wraps; then NAME=VALUE of hyper-parameters. A name belongs to
        the outermost rule that has it; `inner.NAME` is the wrapped rule's.
    step_size : float, optional
        By default the rule's own.
    options : list of str, optional
        More NAME=VALUE.

    Raises
    ------
    UsageError
        Saying what is wrong, with the nearest names.
    """
    words = spec.split()
    if not words:
        raise UsageError("a rule must have a name, got none. `gamedyn play --list` shows them.")
    names = [_find(name) for name in words[0].split(":")]
    for name in names[:-1]:
        if name not in WRAPPERS:
            raise UsageError(f"{name} wraps no rule. Of those before a `:` there are {', '.join(WRAPPERS)}.")
    if names[-1] in WRAPPERS:
        raise UsageError(f"{names[-1]} wraps a rule: write {names[-1]}:extragradient, for instance.")
    from gamedyn import updates

    kinds = [getattr(updates, _KNOWN[name]) for name in names]
    values: list[dict[str, Any]] = [{} for _ in kinds]
    for option in [*words[1:], *(options or [])]:
        depth, key, value = _read_option(option, names, kinds)
        values[depth][key] = value
    if step_size is not None:
        if "step_size" not in _fields(kinds[-1]):
            raise UsageError(f"{names[-1]} has no step size. Leave `--step-size` out.")
        values[-1]["step_size"] = step_size
    rule = kinds[-1](**values[-1])
    for kind, chosen in zip(reversed(kinds[:-1]), reversed(values[:-1]), strict=True):
        rule = kind(rule, **chosen)
    return rule  # type: ignore[no-any-return]


def parse_value(option: str, text: str) -> Any:
    """A number, or a tuple of numbers like 1,2; UsageError otherwise."""
    try:
        if "," in text:
            return tuple(_number(part) for part in text.split(",") if part.strip())
        return _number(text)
    except ValueError:
        raise UsageError(f"the value in {option!r} must be a number, or numbers as 1,2.") from None


def _number(text: str) -> float:
    return float(text) if re.search(r"[.eEn]", text) else int(text)


def _find(name: str) -> str:
    """The canonical name: an alias's, or that of a class of `updates`."""
    classes = {kind: short for short, kind in _KNOWN.items()}
    found = ALIASES.get(name, classes.get(name, name))
    if found not in _KNOWN:
        close = nearest(name, (*_KNOWN, *ALIASES))
        hint = f"Did you mean {' or '.join(close)}?" if close else "`gamedyn play --list` shows them."
        raise UsageError(f"there is no rule {name!r}. {hint}")
    return found


def _fields(kind: type) -> dict[str, Any]:
    """{hyper-parameter: (its default, the type that it is annotated with)}."""
    import dataclasses  # brings inspect, which `gamedyn --help` can do without

    return {f.name: (f.default, str(f.type)) for f in dataclasses.fields(kind) if f.name != "rule"}


def _read_option(option: str, names: list[str], kinds: list[type]) -> tuple[int, str, Any]:
    """(which rule of the chain, hyper-parameter, value)."""
    path, equals, text = option.partition("=")
    *inner, key = path.strip().replace("-", "_").split(".")
    depth = len(inner)
    fields = [_fields(kind) for kind in kinds]
    if not inner:
        depth = next((i for i, each in enumerate(fields) if key in each), len(kinds))
    if not equals or set(inner) - {"inner"} or depth >= len(kinds) or key not in fields[depth] or key == "step_size":
        others = [("inner." * i) + name for i, each in enumerate(fields) for name in each if name != "step_size"]
        hint = " The step size is `--step-size`." if key == "step_size" else ""
        raise UsageError(
            f"{option!r} is no option of {':'.join(names)}; NAME=VALUE with one of these names: "
            f"{', '.join(others) or 'none'}.{hint}"
        )
    default, kind = fields[depth][key]
    text = text.strip()
    if kind == "str":
        return depth, key, text.lower()
    if kind == "bool":
        if not isinstance(_WORDS.get(text.lower()), bool):
            raise UsageError(f"the value in {option!r} must be true or false.")
        return depth, key, _WORDS[text.lower()]
    if text.lower() == "none" and default is None:
        return depth, key, None
    return depth, key, parse_value(option, text)
