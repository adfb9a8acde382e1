"""Spectra and path angles of small GANs on two Gaussians: attraction with rotation, and generators at no minimum.

    OMP_NUM_THREADS=1 python benchmarks/gan_landscape.py [--games extragradient-ns ...] [--seeds 3] [--out FILE]

Berard, Gidel, Almahairi, Vincent, Lacoste-Julien (2020), A closer look at the optimization landscapes of generative
adversarial networks, report that trained GANs turn around stable stationary points, seen in complex eigenvalues of the
game's Jacobian and in bumps of the path angle, and that the generator ends at a saddle point of its own loss. Their
mixture experiment, as their published code has it, is one-dimensional: 1/2 N(-2, 1) + 1/2 N(2, 1), networks with one
hidden layer of 100 ReLU units, 100 latent inputs, all 10,000 samples at once with fixed latent ones, extragradient with
the steps 0.01 for the generator and 0.1 for the discriminator, and 100,000 steps; the script's objectives are the
minimax, the non-saturating and the Wasserstein one, the last also with a gradient penalty. What differs here is in
DIFFERENCES, with the reasons.

The file keeps the games that it has; several calls add up.
"""

from __future__ import annotations

import argparse
import json
import platform
import sys
import time
from pathlib import Path
from typing import Any

import numpy

sys.path.insert(0, str(Path(__file__).parents[1]))

import gamedyn
from gamedyn.data import two_gaussians
from gamedyn.dynamics import simulate
from gamedyn.experiments import SpectrumPoint, SpectrumTrack, spectrum_along, track_spectrum
from gamedyn.games import Game, Regularized
from gamedyn.models import GAN, NeuralGAN
from gamedyn.nn import Tanh, mlp
from gamedyn.objectives import NonSaturating, Wasserstein
from gamedyn.transport import wasserstein_distance
from gamedyn.updates import Adam, ExtraAdam, Extragradient, TimescaleSeparation

RESULTS = Path(__file__).parent / "results" / "gan_landscape.json"
LAW = two_gaussians(distance=4.0, scale=1.0)

DIFFERENCES = [
    "tanh for ReLU: with kinks a Jacobian holds on one side only, and full batches did not come to rest",
    "16 hidden units and 2 latent inputs for 100 and 100, so that all eigenvalues can be computed; 64 and 64 once",
    "200 to 1,000 samples for 10,000, and 3,000 to 12,000 steps for 100,000: minutes of one core",
    "generator's step 0.02 for 0.01, to be as far in fewer steps; the discriminator's 0.1 is theirs",
    "penalty on the norm between real and fake samples with target 1; their script's is on real ones, of weight 1e-3",
    "weights count as weight / 2 here",
    "Adam and ExtraAdam on mini-batches with fresh latent samples are those of their images, not of their mixture",
]

# What the runs say, beside the published finding.
FINDINGS = {
    "extragradient-ns": (
        "as published: the eigenvalues of greatest imaginary part attract, the least real part is 0.2 % of the "
        "greatest modulus or less below 0, the generator's own Hessian has both signs, and the discriminator's least "
        "eigenvalue is within 0.1 % of its greatest below 0; path angles bump from the start and switch from halfway, "
        "on two seeds of three each: slow modes are still on their way after these steps"
    ),
    "extragradient-ns-large": (
        "as the small ones, from products alone: both signs for the generator, complex eigenvalues with positive real "
        "parts, a discriminator near a minimum, and a bump of the path angle at the end on every seed"
    ),
    "extra-adam-ns": (
        "rotation with positive real parts and a generator without a minimum, as published; mini-batches of 128 leave "
        "the point at a distance at which path angles neither switch nor bump"
    ),
    "adam-ns": "as for ExtraAdam",
    "extragradient-wgan-gp": (
        "most of |J|^2 turns and the generator's own Hessian has both signs, as published; the pair that turns most "
        "attracts on one seed of three only, and there is no rest: a critic with slopes of norm 1 pushes the generator "
        "at the data's law as well, and WGAN-GP on the Dirac-GAN does not converge (Mescheder, Geiger, Nowozin 2018)"
    ),
    "extra-adam-wgan-gp": (
        "as for extragradient, and further from rest: not yet trained on two of three seeds, whose W1 is above 0.6"
    ),
    "adam-wgan-gp": "hardly trained after these steps, W1 is above 0.9: complex eigenvalues, but nothing of an end",
}

GAMES: dict[str, dict[str, Any]] = {
    "extragradient-ns": {"objective": "non-saturating", "samples": 500, "steps": 12000},
    "extragradient-wgan-gp": {"objective": "wasserstein", "samples": 200, "steps": 6000, "weight": 0.02},
    "extra-adam-ns": {
        "objective": "non-saturating",
        "samples": 1000,
        "steps": 4000,
        "rule": "extra-adam",
        "step_size": 1e-3,
    },
    "adam-ns": {"objective": "non-saturating", "samples": 1000, "steps": 4000, "rule": "adam", "step_size": 1e-3},
    "extra-adam-wgan-gp": {
        "objective": "wasserstein",
        "samples": 1000,
        "steps": 3000,
        "rule": "extra-adam",
        "step_size": 3e-3,
        "weight": 0.1,
    },
    "adam-wgan-gp": {
        "objective": "wasserstein",
        "samples": 1000,
        "steps": 3000,
        "rule": "adam",
        "step_size": 3e-3,
        "weight": 0.1,
    },
    "extragradient-ns-large": {
        "objective": "non-saturating",
        "samples": 300,
        "steps": 3000,
        "hidden": 64,
        "latent": 64,
    },
}
RULES = {"extra-adam": ExtraAdam, "adam": Adam}


def full_batch(settings: dict[str, Any], seed: int) -> tuple[SpectrumTrack, Game, Any, Any]:
    """Extragradient on all samples and fixed latent ones, and the spectra at four points of the way."""
    hidden, latent, steps = settings.get("hidden", 16), settings.get("latent", 2), settings["steps"]
    X = LAW.sample(settings["samples"], rng=1000 + seed)[:, None]
    objective = NonSaturating() if settings["objective"] == "non-saturating" else Wasserstein()
    networks = mlp((latent, hidden, 1), Tanh()), mlp((1, hidden, 1), Tanh())
    model = NeuralGAN(*networks, objective, X, latent_dim=latent)
    game: Any = model.full()
    if "weight" in settings:
        game = Regularized(game, gradient_penalty=(settings["weight"], 1.0))
    # The generator's step is 0.02 and the discriminator's 0.1.
    rule = TimescaleSeparation(Extragradient(0.02), 5.0)
    run = simulate(game, rule, model.init(seed), steps, record_every=steps // 4)
    kept = [0, 1, 2, 4]
    track = spectrum_along(game, run.points[kept], steps=[int(run.times[k]) for k in kept])
    return track, game, run.points[0], run.final


def mini_batches(settings: dict[str, Any], seed: int) -> tuple[SpectrumTrack, Game, Any, Any]:
    """Adam or ExtraAdam on mini-batches of 128, and the spectra on half of the data."""
    steps = settings["steps"]
    X = LAW.sample(settings["samples"], rng=1000 + seed)[:, None]
    penalty = {"penalty": "gradient-penalty", "penalty_weight": settings["weight"]} if "weight" in settings else {}
    gan = GAN(
        settings["objective"],
        generator=(16,),
        discriminator=(16,),
        activation="tanh",
        latent_dim=2,
        batch_size=128,
        rule=RULES[settings["rule"]](settings["step_size"], first_decay=0.5, second_decay=0.9),
        rng=seed,
        **penalty,
    )
    start = numpy.asarray(gan.set_params(steps=0).fit(X).z_, dtype=float)
    track = track_spectrum(gan, X, steps=(0, steps // 4, steps // 2, steps), samples=settings["samples"] // 2)
    game = NeuralGAN(mlp((2, 16, 1), Tanh()), mlp((1, 16, 1), Tanh()), NonSaturating(), X, latent_dim=2).full()
    return track, game, start, numpy.asarray(gan.z_, dtype=float)


def described(point: SpectrumPoint) -> dict[str, Any]:
    """What is said of one point."""
    values = point.eigenvalues
    scale = point.largest_modulus
    turning = values[numpy.argsort(-values.imag)[:6]]
    return {
        "step": point.step,
        "residual": point.residual,
        "gradient_norms": list(point.gradient_norms),
        "least_real": point.smallest_real,
        "greatest_real": float(values.real.max()),
        "greatest_imaginary": point.largest_imaginary,
        "six_of_greatest_imaginary": [[float(v.real), float(v.imag)] for v in turning],
        "complex_eigenvalues": int((numpy.abs(values.imag) > 1e-6 * scale).sum()),
        "eigenvalues": len(values),
        "worst_eigenvalue_residual": None
        if point.eigenvalue_residuals is None
        else float(point.eigenvalue_residuals.max()),
        "rotation": point.rotation,
        "rotation_error": point.rotation_error,
        "own_hessians": [
            {
                "least": ends.smallest,
                "greatest": ends.largest,
                "residuals": [ends.smallest_residual, ends.largest_residual],
            }
            for ends in point.own
        ],
    }


def run(name: str, seed: int) -> dict[str, Any]:
    """One training and what was found on its way."""
    settings, cpu = GAMES[name], time.process_time()
    track, game, start, end = (mini_batches if "rule" in settings else full_batch)(settings, seed)
    real: Any = game.real(start)  # type: ignore[attr-defined]
    distances = [float(wasserstein_distance(game.fake(z)[:, 0], real[:, 0])) for z in (start, end)]  # type: ignore[attr-defined]
    last = track.points[-1]
    turning = last.eigenvalues[numpy.argmax(last.eigenvalues.imag)]
    generator, critic = last.own
    found: dict[str, Any] = {
        "seed": seed,
        "parameters": sum(track.dims),
        "diverged": track.diverged,
        "cpu_seconds": round(time.process_time() - cpu, 1),
        "wasserstein_before_and_after": distances,
        "points": [described(point) for point in track.points],
        "turns_at_the_end": bool(turning.imag > 1e-3 * last.largest_modulus),
        "turning_pair_attracts": bool(turning.real > 0),
        "least_real_over_greatest_modulus": last.smallest_real / last.largest_modulus,
        "generator_is_at_no_minimum": bool(generator.smallest < -generator.smallest_residual),
        "generator_is_at_a_saddle": generator.is_indefinite,
        "generator_least_over_greatest": generator.smallest / generator.largest,
        "discriminator_least_over_greatest": critic.smallest / critic.largest,
    }
    for key, angle in (("path_angle", track.angle), ("late_path_angle", track.late_angle)):
        if angle is not None:
            middle = len(angle.positions) // 2
            found[key] = {
                "shape": angle.shape,
                "switch": float(angle.switch),
                "bump": float(angle.bump),
                "cosine_at_0.9_1_1.1": [float(angle.cosine[middle + k]) for k in (-10, 0, 10)],
                "norm_at_0.9_1_1.1": [float(angle.norm[middle + k]) for k in (-10, 0, 10)],
            }
    return found


def summary(runs: list[dict[str, Any]]) -> dict[str, Any]:
    """Counts over the seeds, and least, median and greatest of what has a size."""
    found: dict[str, Any] = {"seeds": len(runs)}
    for key in ("turns_at_the_end", "turning_pair_attracts", "generator_is_at_no_minimum", "generator_is_at_a_saddle"):
        found[key] = sum(each[key] for each in runs)
    for angle in ("path_angle", "late_path_angle"):
        found[f"{angle}_shapes"] = [each[angle]["shape"] for each in runs if angle in each]
    columns = {
        "residual": [each["points"][-1]["residual"] for each in runs],
        "rotation": [each["points"][-1]["rotation"] for each in runs],
        "greatest_imaginary": [each["points"][-1]["greatest_imaginary"] for each in runs],
        "wasserstein": [each["wasserstein_before_and_after"][1] for each in runs],
    }
    for key in (
        "least_real_over_greatest_modulus",
        "generator_least_over_greatest",
        "discriminator_least_over_greatest",
    ):
        columns[key] = [each[key] for each in runs]
    for key, values in columns.items():
        found[key] = {"least": min(values), "median": float(numpy.median(values)), "greatest": max(values)}
    return found


def keep(path: Path, name: str, runs: list[dict[str, Any]]) -> None:
    """Write one game's runs so far into the file, beside those of the others."""
    document = json.loads(path.read_text()) if path.exists() else {"games": {}}
    document["command"] = "OMP_NUM_THREADS=1 python benchmarks/gan_landscape.py"
    document["data"] = "1/2 N(-2, 1) + 1/2 N(2, 1) on the line"
    document["differences_from_the_published_runs"] = DIFFERENCES
    document["versions"] = {
        "gamedyn": gamedyn.__version__,
        "numpy": numpy.__version__,
        "python": platform.python_version(),
        "machine": platform.machine(),
    }
    document["games"][name] = {
        "settings": GAMES[name],
        "finding": FINDINGS[name],
        "over_seeds": summary(runs),
        "runs": runs,
    }
    path.write_text(json.dumps(document, indent=1) + "\n")


def main() -> None:
    """Run, and write after every run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--games", nargs="*", default=list(GAMES), choices=list(GAMES))
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--out", type=Path, default=RESULTS)
    given = parser.parse_args()
    for name in given.games:
        runs = []
        for seed in range(given.seeds):
            found = run(name, seed)
            runs.append(found)
            last = found["points"][-1]
            print(
                f"{name} seed {seed}: d {found['parameters']}, W1 {found['wasserstein_before_and_after'][1]:.3f}, "
                f"residual {last['residual']:.2g}, Re {last['least_real']:.3g} .. {last['greatest_real']:.3g}, Im "
                f"{last['greatest_imaginary']:.3g}, rotation {last['rotation']:.3g}, "
                + ", ".join(f"H {ends['least']:.3g} .. {ends['greatest']:.3g}" for ends in last["own_hessians"])
                + f", {found['path_angle']['shape']}, late {found['late_path_angle']['shape']}, "
                f"{found['cpu_seconds']} s",
                flush=True,
            )
            keep(given.out, name, runs)


if __name__ == "__main__":
    main()
