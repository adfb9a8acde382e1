"""Every rule as generated code: the points, memories and statuses of the loop over steps."""

import numpy
import pytest

from gamedyn import updates
from gamedyn.dynamics import DistanceTo, simulate
from gamedyn.dynamics import _by_code as by_code
from gamedyn.dynamics._c_code import cuda_source
from gamedyn.dynamics._compiler import compiler
from gamedyn.updates import map_hyper_parameters
from tests.cases import RULES
from tests.generated import GAMES, CudaOnTheProcessor, assert_same_run

# Steps that solve systems, or search along a line: their course depends on values.
SOLVING = (
    updates.AdaptiveCompetitive,
    updates.Competitive,
    updates.FollowTheRidge,
    updates.Halpern,
    updates.KrasnoselskiiMann,
    updates.LocalSymplecticSurgery,
    updates.ProximalPoint,
    updates.StackelbergGradient,
)
FORMULAS = [
    rule
    for rule in RULES
    if not isinstance(rule, SOLVING)
    and not (isinstance(rule, updates.CurvatureExtragradientPlus) and rule.step_size is None)
]
every_formula = pytest.mark.parametrize("rule", FORMULAS, ids=repr)
needs_compiler = pytest.mark.skipif(compiler() is None, reason="no C compiler")

# One of each kind of memory and branch, for the plain suite: a compiler takes a while.
FEW = [
    updates.Extragradient(0.1, extrapolation_step=0.3, schedule="alternating"),
    updates.SymplecticAdjustment(0.1, strength=0.4),
    updates.Lookahead(updates.Adam(0.1, epsilon=0.1), k=2),
]


@pytest.fixture(autouse=True)
def _cache(tmp_path_factory, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.getbasetemp() / "cache"))


def fits(rule, game):
    return rule.players in (None, len(game.dims))


def rule_is_of_variables(rule):
    """A rule that builds another one in its step is traced for the number that it has, as its checks ask for one."""
    scaled = isinstance(rule, updates.InnerSteps) and rule.step_factors is not None
    return not (scaled or isinstance(rule, updates.ForwardReflectedBackward))


def check(rule, engine, rng, games=GAMES):
    for game in games:
        if not fits(rule, game):
            continue
        z = rng.uniform(-0.6, 0.6, (2, 3, sum(game.dims)))
        options = {"record_every": 3, "observe": {"d": DistanceTo()}}
        stepped = simulate(game, rule, z, 100, engine="step", **options)
        assert_same_run(simulate(game, rule, z, 100, engine=engine, **options), stepped)
        # Every trajectory with hyper-parameters of its own; one trajectory; and on from where it was.
        factors = rng.uniform(0.5, 1.0, 3)
        spread = map_hyper_parameters(rule, lambda name, value, f=factors: value * f)
        if rule_is_of_variables(rule):
            assert_same_run(simulate(game, spread, z, 20, engine=engine), simulate(game, spread, z, 20, engine="step"))
        else:
            with pytest.raises(ValueError, match="is no fixed formula"):
                simulate(game, spread, z, 20, engine=engine)
        first = simulate(game, rule, z[0, 0], 7, engine=engine)
        assert_same_run(first, simulate(game, rule, z[0, 0], 7, engine="step"))
        again = {"state": first.final_state}
        assert_same_run(
            simulate(game, rule, first.final, 5, engine=engine, **again),
            simulate(game, rule, first.final, 5, engine="step", **again),
        )


@every_formula
def test_scalars_of_python_play_what_arrays_play(rule, rng):
    check(rule, "python", rng)


@every_formula
def test_operations_on_kept_arrays_play_what_arrays_play(rule, rng):
    check(rule, "arrays", rng)


@needs_compiler
@pytest.mark.parametrize("rule", FEW, ids=repr)
def test_c_plays_what_arrays_play(rule, rng):
    check(rule, "c", rng, GAMES[-1:])


@pytest.mark.full
@needs_compiler
@every_formula
def test_c_plays_what_arrays_play_for_every_rule(rule, rng):
    check(rule, "c", rng)


def on_the_processor(rule, games, rng, tmp_path, monkeypatch):
    for number, game in enumerate(games):
        if not fits(rule, game):
            continue
        folder = tmp_path / str(number)
        folder.mkdir()

        def machine(program, language, bounded, tolerant, each, folder=folder):
            assert language == "c"
            return CudaOnTheProcessor(cuda_source(program, bounded, tolerant), folder)

        monkeypatch.setattr(by_code, "_machine_of", machine)
        monkeypatch.setattr(by_code, "_programs", {})
        z = rng.uniform(-0.6, 0.6, (7, sum(game.dims)))
        options = {"record_every": 3, "max_norm": 0.9}
        found = simulate(game, rule, z, 100, engine="c", **options)
        assert_same_run(found, simulate(game, rule, z, 100, engine="step", **options))


@needs_compiler
@pytest.mark.parametrize("rule", FEW[1:], ids=repr)
def test_the_kernel_plays_what_arrays_play(rule, rng, tmp_path, monkeypatch):
    on_the_processor(rule, GAMES[-1:], rng, tmp_path, monkeypatch)


@pytest.mark.full
@needs_compiler
@every_formula
def test_the_kernel_plays_what_arrays_play_for_every_rule(rule, rng, tmp_path, monkeypatch):
    on_the_processor(rule, GAMES, rng, tmp_path, monkeypatch)


@pytest.mark.gpu
@every_formula
def test_the_kernel_plays_what_arrays_play_on_a_device(rule, rng):
    import cupy

    for game in GAMES:
        if fits(rule, game):
            z = rng.uniform(-0.6, 0.6, (300, sum(game.dims)))
            found = simulate(game, rule, cupy.asarray(z), 100, record_every=3, engine="c")
            assert type(found.points) is cupy.ndarray
            stepped = simulate(game, rule, z, 100, record_every=3, engine="step")
            numpy.testing.assert_allclose(found.points.get(), stepped.points, rtol=0, atol=1e-12)
            numpy.testing.assert_array_equal(found.status, stepped.status)


def test_what_solves_is_stepped_and_says_so(rng):
    solving = [rule for rule in RULES if rule not in FORMULAS]
    assert len(solving) >= len(SOLVING)
    for rule in solving:
        game = GAMES[0]
        z = rng.uniform(-0.5, 0.5, 2)
        with pytest.raises(ValueError, match=rf'"python" cannot play this run: a step of {type(rule).__name__} is no'):
            simulate(game, rule, z, 3, engine="python")
    found, stepped = (simulate(game, solving[0], z, 250, engine=engine).points for engine in ("auto", "step"))
    numpy.testing.assert_array_equal(found, stepped)
