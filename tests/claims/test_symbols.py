"""The claim on symbols leaves out no rule that has one."""

import numpy

from gamedyn.claims._symbols import _rules
from gamedyn.updates import LinearUpdateRule
from tests.cases import RULES, SIMPLEX_RULES


def has_symbol(rule):
    if not (isinstance(rule, LinearUpdateRule) and rule.is_linear):
        return False
    try:
        rule.symbol(numpy.array([0.3 + 0.4j]))
    except NotImplementedError:
        return False
    return True


def test_every_rule_with_a_symbol_is_played(rng):
    played = {type(rule) for rule in _rules(rng)}
    known = {type(rule) for rule in [*RULES, *SIMPLEX_RULES] if has_symbol(rule)}
    assert known <= played
    assert len(list(_rules(rng))) == 20
