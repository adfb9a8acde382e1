"""Games and rules by name: every public one has its name, and what is written after it is read without eval."""

import inspect
import re

import numpy
import pytest

from gamedyn import games, updates
from gamedyn.cli import main
from gamedyn.cli._exit import UsageError
from gamedyn.cli._games import GAMES
from gamedyn.cli._list import listing
from gamedyn.cli._rules import ALIASES, RULES, SIMPLEX_RULES, WRAPPERS, make_rule
from gamedyn.cli._start import default_start
from gamedyn.cli._target import load_game

KNOWN = {**RULES, **SIMPLEX_RULES, **WRAPPERS}
# What makes games of something else, or describes them.
BUILDERS = {
    *("AggregativeGame", "Box", "Clipped", "ConsensusRegularized", "Counted", "Delegating", "Domain", "FiniteSum"),
    *("FunctionGame", "GANGame", "Game", "MatrixGame", "NAMED", "NoisyGame", "NormalFormGame", "Product"),
    *("Quadratic", "Reals", "Regularized", "SigmoidParametrized", "Simplex", "SoftmaxParametrized", "StochasticGame"),
    *(
        "SymbolicGame",
        "Restricted",
        "TimescaleSeparated",
        "Unrolled",
        "WrappedDraws",
        "blotto_allocations",
        "named_game",
        "on_simplices",
    ),
    *("player_slices", "replace_block"),
}


def kebab(name):
    """An-upper-case letter before a lower-case one, or after one, begins a word."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "-", name).lower().replace("_", "-")


def is_rule(value):
    return inspect.isclass(value) and issubclass(value, updates.UpdateRule) and not inspect.isabstract(value)


def test_every_rule_has_its_name():
    public = {name for name in updates.__all__ if is_rule(getattr(updates, name))}
    assert {kebab(name): name for name in public} == KNOWN
    assert set(ALIASES.values()) <= set(KNOWN)
    for table in (RULES, SIMPLEX_RULES, WRAPPERS):
        assert list(table) == sorted(table)


def test_wrappers_are_those_that_take_a_rule():
    taking = {name for name, kind in KNOWN.items() if "rule" in inspect.signature(getattr(updates, kind)).parameters}
    assert taking == set(WRAPPERS)


def test_every_game_has_its_name():
    made = {attribute for attribute, _, _ in GAMES.values()}
    assert made | BUILDERS == set(games.__all__)
    assert not made & BUILDERS
    assert {kebab(name) for name in made - {"LQGAN"}} <= set(GAMES)
    # The others are Dirac-GANs of other objectives.
    others = {f"dirac-gan-{objective}" for objective in ("nonsaturating", "wasserstein", "least-squares", "hinge")}
    assert {name for name in GAMES if kebab(GAMES[name][0]) != name} == {*others, "lq-gan"}


@pytest.mark.parametrize("name", sorted(GAMES))
def test_every_game_starts_inside_with_a_finite_field(name):
    game = load_game(name)
    z = numpy.asarray(default_start(game, 0))
    assert game.domain.contains(z)
    assert numpy.isfinite(game.simultaneous_gradient(z)).all()
    # Somewhere to go from, and in a simplex nobody at 0, where multiplicative rules stay.
    assert numpy.abs(updates.natural_residual(game, z)).max() > 1e-3
    if games.on_simplices(game):
        assert z.min() > 0


@pytest.mark.parametrize("name", sorted({**RULES, **SIMPLEX_RULES}))
def test_every_rule_is_made_with_its_own_hyper_parameters(name):
    assert repr(make_rule(name)) == repr(getattr(updates, KNOWN[name])())


@pytest.mark.parametrize(
    ("spec", "step_size", "options", "rule"),
    [
        ("simultaneous", 0.5, [], updates.SimultaneousGradientDescent(0.5)),
        ("HeavyBall momentum=-0.3", None, ["schedule=alternating"], updates.HeavyBall(0.1, -0.3, "alternating")),
        ("alternating", None, ["inner-steps=1,2"], updates.AlternatingGradientDescent(0.1, inner_steps=(1, 2))),
        ("lookahead:extragradient k=3", 0.2, [], updates.Lookahead(updates.Extragradient(0.2), k=3)),
        (
            "lookahead:extragradient-plus alpha=0.25",
            None,
            ["inner.alpha=0.75"],
            updates.Lookahead(updates.ExtragradientPlus(0.1, 0.75), alpha=0.25),
        ),
        (
            "averaged:timescale-separation:heavy-ball tau=2,3 momentum=0.1 kind=ema",
            None,
            [],
            updates.Averaged(updates.TimescaleSeparation(updates.HeavyBall(0.1, momentum=0.1), tau=(2, 3)), kind="ema"),
        ),
        ("regret-matching plus=true", None, [], updates.RegretMatching(plus=True)),
        ("symplectic-adjustment align=False", None, [], updates.SymplecticAdjustment(align=False)),
        ("svre restart-every=none epoch-length=4", None, [], updates.StochasticVarianceReducedExtragradient(0.1, 4)),
        ("proximal-point newton-steps=2", 1e-2, [], updates.ProximalPoint(0.01, 2)),
    ],
)
def test_options_are_read_by_name(spec, step_size, options, rule):
    assert repr(make_rule(spec, step_size, options)) == repr(rule)


@pytest.mark.parametrize(
    ("spec", "step_size", "options", "message"),
    [
        ("lookahead", None, [], "lookahead wraps a rule: write lookahead:extragradient, for instance."),
        (
            "adam:extragradient",
            None,
            [],
            "adam wraps no rule. Of those before a `:` there are averaged, inner-steps, lookahead",
        ),
        ("heavyball", None, [], "there is no rule 'heavyball'. Did you mean heavy-ball"),
        ("zzz", None, [], "there is no rule 'zzz'. `gamedyn play --list` shows them."),
        ("", None, [], "a rule must have a name, got none."),
        ("consensus step-size=1", None, [], "The step size is `--step-size`."),
        ("lookahead:consensus", None, ["beta=1"], "one of these names: k, alpha, inner.gamma."),
        ("consensus", None, ["inner.gamma=1"], "'inner.gamma=1' is no option of consensus"),
        ("consensus", None, ["outer.gamma=1"], "'outer.gamma=1' is no option of consensus"),
        ("fictitious-play", 0.1, [], "fictitious-play has no step size. Leave `--step-size` out."),
        ("regret-matching", None, ["plus=1"], "the value in 'plus=1' must be true or false."),
        ("consensus", None, ["gamma=__import__('os')"], "must be a number, or numbers as 1,2."),
        ("consensus", None, ["gamma=none"], "must be a number, or numbers as 1,2."),
    ],
)
def test_what_is_wrong_with_a_rule_is_said(spec, step_size, options, message):
    with pytest.raises(UsageError, match=re.escape(message)):
        make_rule(spec, step_size, options)


def test_games_take_their_parameters():
    assert repr(load_game("grimmer-quartic coupling=1")) == repr(games.grimmer_quartic(1))
    assert load_game("cournot costs=1,2,3 slope=2").dims == (1, 1, 1)
    assert load_game("blotto soldiers=2 fields=2 payoff=majority").dims == (3, 3)
    assert load_game("mean-wgan mean=1,2,3").dims == (3, 3)
    regularized = load_game("dirac-gan-hinge r1=0.5")
    assert isinstance(regularized, games.Regularized)
    # R1 adds (r1 / 2) psi^2 to the discriminator's loss.
    assert regularized.jacobian(numpy.zeros(2))[1, 1] == 0.5


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("grimmer-quartic alpha=1", "'alpha=1' is no option of grimmer-quartic; NAME=VALUE with one of these names"),
        ("tandem 3", "'3' is no option of tandem; it has none."),
        ("bilinear r1=1", "'r1=1' is no option of bilinear"),
        ("cournot slope=steep", "the value in 'slope=steep' must be a number"),
        ("forsakne offset=1", "Did you mean forsaken"),
    ],
)
def test_what_is_wrong_with_a_game_is_said(target, message):
    with pytest.raises(UsageError, match=re.escape(message)):
        load_game(target)


def test_the_list_has_every_name_with_its_equation():
    lines = listing().splitlines()
    rows = {words[0]: words[1:] for line in lines if line.startswith("  ") and (words := line.split())}
    assert set(rows) == {*GAMES, *KNOWN, *ALIASES}
    assert [int(n) for n in re.findall(r"\d+", lines[-1])] == [
        len(GAMES),
        len(RULES),
        len(SIMPLEX_RULES),
        len(WRAPPERS),
    ]
    assert all(rows.values())
    assert " ".join(rows["extragradient"]) == "z - h xi(z - g xi(z))"
    assert " ".join(rows["strongly-monotone-game"]) == "(mu/2) x^2 + s x y - (mu/2) y^2"


@pytest.mark.parametrize("command", ["play", "classify", "rank"])
def test_every_command_about_games_lists_them(command, capsys):
    assert main([command, "--list"]) == 0
    assert capsys.readouterr().out.strip() == listing()
