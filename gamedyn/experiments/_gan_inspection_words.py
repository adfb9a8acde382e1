"""The words of a GANInspection: its tables, and plain sentences on what they mean."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gamedyn.experiments._gan_inspection import GANInspection, OwnCurvature, Spectrum

__all__ = ["PLAYERS", "meaning_of", "tables_of"]

PLAYERS = ("generator", "discriminator")

# Of the largest eigenvalue of an own Hessian: what is nearer to 0 is called flat.
_FLAT = 1e-9
# With what is compared: packs are further apart than single samples.
_BOUNDS = {
    "Minimax": "half of which bounds the Jensen-Shannon divergence{} from below",
    "NonSaturating": "half of which bounds the Jensen-Shannon divergence{} from below",
    "Wasserstein": "which is W1{} times its Lipschitz constant at most",
    "Hinge": "half of which bounds the total variation{} from below",
}


def tables_of(found: GANInspection) -> Iterator[str]:
    """The lines of its text.

    Parameters
    ----------
    found : GANInspection
    """
    setting = found.setting
    penalty = "" if setting["penalty"] == "none" else f" with {setting['penalty']}"
    g, d = setting["dims"]
    yield f"{setting['objective']} GAN{penalty} after {setting['steps']} steps: {g} + {d} parameters"
    rows = str(setting["rows"])
    if setting["rows"] != setting["rows_given"]:
        rows += f" of {setting['rows_given']}"
    latent = setting["latent_samples"]
    yield f"  game: full batch of {rows} rows of data and {latent} latent samples, {_extras(found)}float64"
    yield f"  losses: generator {found.losses[0]:.6g}, discriminator {found.losses[1]:.6g}"
    if found.classification is not None:
        yield ""
        rest = found.classification.stationary
        # Where nothing rests every other verdict says only that again.
        yield (
            f"at the trained point: {found.classification.kind}, {rest.reason}"
            if rest.is_no
            else (f"at the trained point: {found.classification}")
        )
    if found.at_rest is not None:
        yield ""
        yield f"at the point of rest {found.at_rest.distance:.3g} away: {found.at_rest.classification}"
    yield ""
    if found.spectrum is not None:
        yield from _spectrum_lines(found.spectrum, g + d)
    for name, own in zip(PLAYERS, found.curvatures, strict=True):
        if own is not None:
            yield f"own Hessian of the {name}: {_ends(own)}"
    if found.gap is not None:
        yield str(found.gap)
    for name, measured in found.measures.items():
        yield ""
        yield f"against {name}: {measured}"
    if found.exact:
        yield ""
        yield "in closed form, in nats"
        yield from (f"  {name:<26}{value:.6g}" for name, value in found.exact.items())
    yield ""
    yield "what it means"
    yield from (f"  - {sentence}" for sentence in meaning_of(found))
    if found.refused:
        yield ""
        yield "not found"
        yield from (f"  - {name}: {reason}" for name, reason in found.refused.items())


def _extras(found: GANInspection) -> str:
    setting, parts = found.setting, []
    if setting["packing"] > 1:
        parts.append(f"in packs of {setting['packing']}")
    if setting["classes"]:
        parts.append(f"with {setting['classes']} classes")
    if setting["instance_noise"]:
        parts.append(f"with noise of deviation {setting['instance_noise']:g}")
    if setting["unrolled_steps"]:
        parts.append(f"unrolled by {setting['unrolled_steps']} steps")
    return "".join(f"{part}, " for part in parts)


def _spectrum_lines(spectrum: Spectrum, d: int) -> Iterator[str]:
    values, real = spectrum.values, spectrum.values.real
    if not len(values):
        return
    what = f"all {d} eigenvalues" if spectrum.is_whole else f"{len(values)} of {d} eigenvalues, at the ends"
    yield f"spectrum of J: {what}"
    yield f"  real parts from {real.min():.4g} to {real.max():.4g}, imaginary parts up to {values.imag.max():.4g}"
    zero = "zero" if spectrum.is_whole else "zero within their residuals"
    signs = (f"{spectrum.count(sign)} {word}" for sign, word in ((-1, "negative"), (0, zero), (1, "positive")))
    yield f"  real parts: {', '.join(signs)}"
    share, rotation = spectrum.rotating_share, spectrum.rotation
    yield f"  rotation: |Im| > |Re| at {share:.1%} of them; sum |Im| / sum (|Re| + |Im|) = {rotation:.3g}"
    if spectrum.residuals is not None:
        yield f"  residuals |J v - λ v| up to {spectrum.residuals.max():.1g}"


def _ends(own: OwnCurvature) -> str:
    if not len(own.values):
        return "it cannot move"
    low, high = (float(own.values[k]) for k in (0, -1))
    if own.residuals is not None:
        return f"from {low:.4g} ± {own.residuals[0]:.1g} to {high:.4g} ± {own.residuals[1]:.1g}"
    flat = int((abs(own.values) <= _FLAT * max(abs(low), abs(high))).sum())
    negative = int((own.values < -_FLAT * max(abs(low), abs(high))).sum())
    return f"from {low:.4g} to {high:.4g}; {negative} of {len(own.values)} negative, {flat} zero"


def meaning_of(found: GANInspection) -> tuple[str, ...]:
    """Sentences.

    Parameters
    ----------
    found : GANInspection
    """
    parts = (_rest(found), _curvature(found), _flow(found), _smoothness(found), _samples(found))
    return tuple(sentence for part in parts for sentence in part)


def _rest(found: GANInspection) -> Iterator[str]:
    gap = found.gap
    rest = None if found.classification is None else found.classification.stationary
    if rest is not None and rest.is_yes:
        yield "It is at rest: every player's gradient of its own loss is 0 within the tolerance."
        return
    if gap is None:
        return
    first, second = gap.relative_gradients
    verdict = "It is not at rest, and so no equilibrium of this sample"
    if rest is not None and rest.is_undecided:
        verdict = f"Whether it is at rest is open ({rest.reason})"
    sentence = f"{verdict}: relative gradients are {first:.2g} of the generator and {second:.2g} of the discriminator"
    if found.at_rest is not None:
        kind = found.at_rest.classification.kind
        yield f"{sentence}; Newton's method finds a point of rest {found.at_rest.distance:.3g} away, of kind {kind!r}."
    elif gap.is_newton_trusted:
        yield f"{sentence}; to first order a point of rest is {gap.newton_step:.3g} away."
    else:
        yield f"{sentence}; where the next point of rest is, Newton's step does not tell."


def _curvature(found: GANInspection) -> Iterator[str]:
    """One sentence for each player on the sign of its own curvature."""
    if found.gap is None:
        return
    gap = found.gap
    # Those of the gap are along the face, where clipping holds parameters.
    facts = zip(gap.smallest_curvatures, gap.curvature_errors, gap.curvature_deficits, strict=True)
    for name, own, (low, error, deficit) in zip(PLAYERS, found.curvatures, facts, strict=True):
        if own is None or not len(own.values) or math.isinf(low):
            continue
        flat = abs(low) <= _FLAT * float(abs(own.values).max())
        if deficit > 0 and not flat:
            beside = "" if own.residuals is None else f" ± {error:.1g}"
            along = ", along the parameters that clipping leaves free," if _held(found) else ""
            verdict = f"{_where_smooth(found)} a differential Nash equilibrium, whatever its gradients"
            yield (
                f"{verdict}: the {name}'s own Hessian{along} has the "
                f"eigenvalue {low:.4g}{beside}, so that it can lower its loss alone along that direction."
            )
        elif own.residuals is not None:
            yield f"No downward curvature of the {name}'s own loss was found, which proves nothing."
        elif flat or low <= 0:
            yield f"The {name}'s loss is flat along some of its own directions, and nowhere curved downwards."
        else:
            yield f"The {name}'s loss is curved upwards in all of its own directions, by {low:.3g} at least."


def _where_smooth(found: GANInspection) -> str:
    """At a kink second derivatives are those of one side of it, and of the point itself the verdict is open."""
    verdict = None if found.classification is None else found.classification.differential_nash
    is_bent = verdict is not None and verdict.is_undecided and "not twice differentiable" in verdict.reason
    return "On its side of the kink not" if is_bent else "Not"


def _held(found: GANInspection) -> int:
    """How many parameters clipping holds."""
    return 0 if found.gap is None else sum(found.setting["dims"]) - found.gap.dimension


def _flow(found: GANInspection) -> Iterator[str]:
    spectrum = found.spectrum
    if spectrum is None or not len(spectrum.values):
        return
    smallest, negative, zero = float(spectrum.values[0].real), spectrum.count(-1), spectrum.count(0)
    count, held = len(spectrum.values), _held(found)
    which = f"J's {count} eigenvalues" if spectrum.is_whole else f"the {count} eigenvalues found"
    if held:
        which += f" (in all directions, also of the {held} parameters that clipping holds)"
    if negative:
        have, them = ("has", "it") if negative == 1 else ("have", "them")
        yield (
            f"{negative} of {which} {have} a negative real part, down to {smallest:.3g}: the linearised flow leaves "
            f"along {them}."
        )
    else:
        flat = ""
        if zero and spectrum.is_whole:
            flat = f", and {zero} of them have none but 0, along which it neither comes nor goes to first order"
        elif zero:
            flat = f", and of {zero} of them the sign is open within their residuals"
        yield f"None of {which} has a negative real part{flat}: the linearised flow leaves along none of them."
        if not zero and not held and found.gap is not None and found.gap.curvature_deficits[0] > 0:
            yield _attraction(found)
    share = spectrum.rotating_share
    if not math.isnan(share):
        among = "" if spectrum.is_whole else " among those found"
        yield f"{share:.0%} of the eigenvalues{among} turn faster than they pull, |imaginary part| > |real part|."


def _attraction(found: GANInspection) -> str:
    """Of a generator whose own loss curves downwards where no eigenvalue has a negative real part."""
    here = "The generator stands where its own loss curves downwards, and"
    at_rest = found.classification is not None and found.classification.stationary.is_yes
    if found.spectrum is None or not found.spectrum.is_whole:
        return f"{here} none of the eigenvalues found shows it: the coupling with the discriminator outweighs it there."
    if at_rest:
        return f"{here} the discriminator's reaction keeps it there: attraction without a Nash equilibrium."
    return (
        f"{here} the coupling with the discriminator outweighs it: were it at rest here, it would be attracted without "
        "a Nash equilibrium."
    )


def _smoothness(found: GANInspection) -> Iterator[str]:
    if not found.setting["is_smooth"]:
        yield "Layers with kinks: derivatives are those of the smooth pieces on which the samples lie."


def _samples(found: GANInspection) -> Iterator[str]:
    for name, measured in found.measures.items():
        modes, floor = measured.modes, measured.wasserstein_floor
        reached = ""
        if modes is not None:
            near = "" if measured.high_quality is None else f", {measured.high_quality.value:.0%} of them near one,"
            reached = f"reach {measured.captured} of {len(modes.centers)} modes{near} and "
        beside = "" if math.isnan(floor) else f", where as many draws of its own are {floor:.3g} apart"
        yield f"The samples {reached}are {measured.wasserstein.value:.3g} in W1 from {name}{beside}."
    if not math.isnan(found.critic_estimate):
        bound = _BOUNDS.get(found.setting["objective"])
        tail = f", {bound.format(_compared(found))}, up to the sample" if bound else ""
        if found.critic_estimate == 0:
            yield "The discriminator does as well as the best constant answer."
        elif found.critic_estimate < 0:
            yield f"The discriminator loses {-found.critic_estimate:.2g} against the best constant answer."
        else:
            yield f"The discriminator gains {found.critic_estimate:.4g} over the best constant answer{tail}."
    if found.setting["is_averaged"]:
        yield "The samples are those of the moving average; the game is judged at the last point of the training."


def _compared(found: GANInspection) -> str:
    """What the discriminator tells apart, where it is not single samples."""
    packing, labels = found.setting["packing"], " with their labels" if found.setting["classes"] else ""
    if packing > 1:
        return f" of packs of {packing} samples{labels}"
    return f" of samples{labels}" if labels else ""
