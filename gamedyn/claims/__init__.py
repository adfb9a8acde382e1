"""Theorems as experiments: each claim with its source, prediction, measurement and negative control.

=====================  ==============================================================
name                   what it is
=====================  ==============================================================
verify                 runs claims on drawn instances, beside their negative controls
Claim                  statement, source, relation, check(rng), control(rng)
Evidence               predicted, measured, tolerance and where the tolerance is from
VerifyResult           what verify found; printing it shows the table
ClaimResult            one row of it
all_claims, claim      every claim; the one of a given id
select_claims          the claims that ids, patterns or families name
run_claim              one claim on drawn instances
=====================  ==============================================================
"""

from gamedyn.claims._base import Claim, Evidence
from gamedyn.claims._registry import all_claims, claim, group_of, select_claims
from gamedyn.claims._result import ClaimResult, VerifyResult
from gamedyn.claims._table import format_table
from gamedyn.claims._verify import run_claim, verify

__all__ = [
    "Claim",
    "ClaimResult",
    "Evidence",
    "VerifyResult",
    "all_claims",
    "claim",
    "format_table",
    "group_of",
    "run_claim",
    "select_claims",
    "verify",
]
