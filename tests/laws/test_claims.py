"""Laws of claims: each holds (or is refuted, as it says) on drawn instances, and its negative control is refuted."""

import re

import pytest

from gamedyn.claims import all_claims, run_claim

CASES = 5
FEWER = 2
# Those that take a twentieth of a second and more for an instance with its control; `make test-full` has many of them.
SLOW = {
    "diff.guidance-not-tempering",
    "diff.guidance-variance",
    "diff.likelihood-ode",
    "diff.sampler-order",
    "diff.schedule-error",
    "game.basin-shares",
    "game.critical-points",
    "game.dirac-nonsaturating-cycle",
    "game.discretisation-drift",
    "game.dne-attracts",
    "game.fictitious-shapley",
    "game.flip-congestion",
    "game.limit-cycle",
    "game.limit-cycle-forsaken",
    "game.local-not-nash",
    "game.minimax-not-nash",
    "game.modified-order-2",
    "game.mwu-chaos",
    "game.mwu-optimistic",
    "game.neimark-sacker",
    "game.period-doubling",
    "game.ridge-real",
    "game.stability-region",
    "game.stable-not-minimax",
    "game.stochastic-floor",
    "paper.chavdarova-svre",
    "paper.chotibut-average",
    "paper.fiez-torus",
    "paper.gaunersdorfer-polygon",
    "paper.hsieh-constant-look",
    "paper.hsieh-double-step",
    "paper.hsieh-extragradient",
    "paper.kelly-equilibrium",
    "paper.letcher-tandem",
    "paper.mescheder-alternating",
    "paper.mescheder-non-saturating",
    "paper.mescheder-simultaneous",
    "paper.mescheder-wgan-gp",
    "paper.shapley-ratio",
    "paper.wang-minimax",
    "paper.wang-sixth-order",
    "paper.wang-spurious",
}
# Those that take a second and more.
SLOWEST = {"paper.foerster-dilemma", "paper.mescheder-alternating-5", "paper.mescheder-continuous"}
SEED = 20240601  # not the default of verify, so that the suite sees other instances than the table


def _marked(claim):
    return pytest.param(claim, id=claim.id, marks=[pytest.mark.full] if claim.full else [])


every_claim = pytest.mark.parametrize("claim", [_marked(claim) for claim in all_claims()])


@every_claim
def test_comes_out_as_expected_and_its_control_is_refuted(claim):
    cases = 1 if claim.full or claim.id in SLOWEST else FEWER if claim.id in SLOW else CASES
    result = run_claim(claim, cases=cases, seed=SEED)
    assert result.tolerance_source, "the tolerance has an origin"
    assert result.control == "refuted", result.reason
    assert result.verdict == claim.expected, f"{result.reason} {result}"


@pytest.mark.full
@pytest.mark.parametrize("claim", [pytest.param(claim, id=claim.id) for claim in all_claims() if not claim.full])
def test_comes_out_as_expected_on_many_instances(claim):
    result = run_claim(claim, cases=50, seed=SEED + 1)
    assert result.verdict == claim.expected, f"{result.reason} {result}"


@every_claim
def test_is_written_for_a_reader(claim):
    assert re.fullmatch(r"[a-z]+\.[a-z0-9]+(-[a-z0-9]+)*", claim.id)
    assert len(claim.id) <= 33, "the table gives it a column of 35"
    assert 10 <= len(claim.statement) <= 112, "a statement is one line of the table"
    assert 5 <= len(claim.source) <= 44, "a source is an author and a year, and a theorem where it was looked up"
    assert (claim.check.__doc__ or "").strip(), "the check says its setting and statement"


def test_ids_are_unique():
    ids = [claim.id for claim in all_claims()]
    assert len(set(ids)) == len(ids)
    assert set(ids) >= SLOW | SLOWEST
