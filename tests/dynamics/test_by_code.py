"""Runs by generated code: how they end, what they keep, where they are played, and that code is never mixed up."""

import os
import stat
import subprocess

import numpy
import pytest
import sympy

from gamedyn import updates
from gamedyn.dynamics import Status, simulate
from gamedyn.dynamics import _by_code as by_code
from gamedyn.dynamics import _compiler as compiling
from gamedyn.dynamics._c_code import c_source
from gamedyn.dynamics._program import program_of
from gamedyn.dynamics._python_code import python_source
from gamedyn.games import Counted, FiniteSum, SymbolicGame
from gamedyn.updates import Adam, Cost, Extragradient, Lookahead, SimultaneousGradientDescent, UpdateRule
from tests.generated import GAMES, W, X, Y, assert_same_run, dirac_gan

ENGINES = [
    "python",
    "arrays",
    pytest.param("c", marks=pytest.mark.skipif(compiling.compiler() is None, reason="no C compiler")),
]
engines = pytest.mark.parametrize("engine", ENGINES)
needs_compiler = ENGINES[-1].marks[0]
DESCENT = SimultaneousGradientDescent(0.1)


@pytest.fixture(autouse=True)
def cache(tmp_path_factory, monkeypatch):
    folder = tmp_path_factory.getbasetemp() / "cache"
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder))
    return folder / "gamedyn"


@pytest.fixture
def new_cache(tmp_path, monkeypatch):
    """A folder of this test alone, and nothing loaded."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(compiling, "_loaded", {})
    return tmp_path / "gamedyn"


def alone(*expressions):
    """Player i descends its expression."""
    return SymbolicGame(expressions, [X, Y, W][: len(expressions)])


@engines
@pytest.mark.parametrize("record_every", [1, 7, 1000])
def test_trajectories_end_as_they_do_step_by_step(engine, record_every, rng):
    # Descent on a quartic with the step 0.1 converges from near 0, leaves |z| <= 3 or overflows from afar.
    game = alone(X**4 / 4 + X * Y, Y**2 / 2 - X * Y)
    z = rng.uniform(-6.0, 6.0, (40, 2))
    z[0], z[1] = [0.0, 0.0], [5.9, 0.1]
    for options in ({}, {"max_norm": 5.0}, {"tolerance": 0.1}, {"tolerance": 0.1, "max_norm": 5.0}):
        options |= {"record_every": record_every, "observe": {"first": lambda game, z: z[..., 0]}}
        stepped = simulate(game, DESCENT, z, 100, engine="step", **options)
        assert_same_run(simulate(game, DESCENT, z, 100, engine=engine, **options), stepped)
        expected = Status.CONVERGED if "tolerance" in options else Status.MAX_STEPS
        assert {expected, Status.DIVERGED} <= set(stepped.status.tolist())
    assert stepped.stop_step.min() == 0
    assert len(set(stepped.stop_step[stepped.status == Status.CONVERGED].tolist())) > 3


@engines
def test_a_point_outside_of_the_bound_has_diverged_though_it_rests(engine):
    found = simulate(alone((X - 3) ** 2), DESCENT, [3.0], 5, engine=engine, tolerance=0.1, max_norm=2.0)
    assert (found.status, found.stop_step) == (Status.DIVERGED, 0)


@engines
@pytest.mark.parametrize(("options", "status"), [({"tolerance": 1e-3}, 0), ({"max_norm": 3.0}, 2), ({}, 1)])
def test_trajectories_that_all_end_the_same_way_end_at_their_own_steps(engine, options, status, rng):
    # x grows or shrinks by a tenth a step: into the tolerance, out of the bound, or on.
    sign = 1 if status == 0 else -1
    game = alone(sign * X**2 / 2, sign * Y**2 / 2)
    z = rng.uniform(0.2, 0.4, (40, 2)) * rng.choice([1e-1, 1.0], (40, 1))
    options = {**options, "record_every": 2}
    stepped = simulate(game, DESCENT, z, 300, engine="step", **options)
    assert set(stepped.status.tolist()) == {status}
    assert status == 1 or len(set(stepped.stop_step.tolist())) > 5
    assert_same_run(simulate(game, DESCENT, z, 300, engine=engine, **options), stepped)


@engines
def test_the_first_point_that_is_not_finite_ends_a_trajectory(engine):
    # x <- x - x = 0 after one step, and then xi_y = 1 / x = inf.
    found = simulate(alone(X**2 / 2, Y / X), SimultaneousGradientDescent(1.0), [2.0, 1.0], 5, engine=engine)
    assert found.status == Status.DIVERGED
    assert found.stop_step == 2
    assert found.points.tolist() == [[2.0, 1.0]] + [[0.0, 0.5]] * 5


@engines
def test_no_number_ends_a_trajectory(engine):
    # x falls by 1 / 2 at a time, and the logarithm of a negative number is none.
    found = simulate(alone(X, Y * sympy.log(X)), SimultaneousGradientDescent(0.5), [1.25, 0.0], 9, engine=engine)
    assert found.status == Status.DIVERGED
    assert found.stop_step == 4
    assert found.final[0] == -0.25


@engines
def test_overflow_on_the_way_is_no_divergence(engine):
    # d/dx atan(exp x) = exp x / (1 + exp 2x): at 400 the denominator overflows, and the quotient is 0.
    game = alone(sympy.atan(sympy.exp(X)), Y**2 / 2)
    found = simulate(game, SimultaneousGradientDescent(0.5), [400.0, 1.0], 3, engine=engine)
    assert found.status == Status.MAX_STEPS
    assert found.points.tolist() == [[400.0, 0.5**k] for k in range(4)]


@engines
def test_the_residual_may_overflow(engine):
    # x rises by h exp 700 = 101 in one step, to where exp x overflows: that is far from rest, and the next step ends.
    game = alone(-sympy.exp(X), Y**2 / 2)
    found = simulate(game, SimultaneousGradientDescent(1e-302), [700.0, 1.0], 5, tolerance=0.1, engine=engine)
    assert found.status == Status.DIVERGED
    assert found.stop_step == 2
    numpy.testing.assert_allclose(found.final, [801.42, 1.0], atol=0.01)


@engines
def test_records_and_reports(engine):
    heard = []
    game, z = GAMES[0], numpy.array([[0.1, 0.2], [0.3, -0.4]])
    found = simulate(game, DESCENT, z, 250, engine=engine, record_every=4, progress=lambda *k: heard.append(k))
    assert heard[-1] == (250, 250)
    assert len(heard) > 50
    assert heard == sorted(heard)
    assert_same_run(found, simulate(game, DESCENT, z, 250, engine="step", record_every=4))
    none = simulate(game, DESCENT, z, 250, engine=engine, record_points=False)
    assert none.points.shape == (0, 2, 2)
    numpy.testing.assert_allclose(none.final, found.final, rtol=1e-12)


@engines
def test_blocks_of_records_follow_each_other(engine, monkeypatch):
    monkeypatch.setattr(by_code, "_BLOCK", 12)
    z = numpy.array([[0.1, 0.2], [0.3, -0.4], [1.4, 1.4]])
    for every in (1, 3, 50):
        options = {"record_every": every, "max_norm": 1.6}
        found = simulate(GAMES[0], Adam(0.1), z, 50, engine=engine, **options)
        assert_same_run(found, simulate(GAMES[0], Adam(0.1), z, 50, engine="step", **options))


@engines
def test_nothing_is_written_to(engine):
    z = numpy.array([0.1, 0.2])
    z.flags.writeable = False
    rule = Adam(0.1)
    first = simulate(GAMES[0], rule, z, 4, engine=engine)
    for leaf in (first.final, *first.final_state):
        leaf.flags.writeable = False
    on = [simulate(GAMES[0], rule, first.final, 4, state=first.final_state, engine=engine) for _ in range(2)]
    numpy.testing.assert_array_equal(on[0].points, on[1].points)


@engines
def test_no_steps_and_no_trajectories(engine):
    assert simulate(GAMES[0], DESCENT, [0.1, 0.2], 0, engine=engine).points.tolist() == [[0.1, 0.2]]
    assert simulate(GAMES[0], DESCENT, numpy.empty((0, 2)), 3, engine=engine).points.shape == (4, 0, 2)


@engines
def test_code_belongs_to_its_game_rule_and_numbers(engine):
    z = [0.3, -0.2]
    other = alone(X**2 / 2 + 2 * X * Y, Y**2 / 2 - X * Y)
    rules = [DESCENT, SimultaneousGradientDescent(0.2), Extragradient(0.1), Lookahead(DESCENT, k=2)]
    rules += [Lookahead(DESCENT, k=3), Lookahead(Extragradient(0.1), k=2), updates.RungeKutta(0.1, order=2)]
    rules += [updates.RungeKutta(0.1, order=4), updates.ForwardReflectedBackward(0.1)]
    rules += [updates.ForwardReflectedBackward(0.2), updates.TimescaleSeparation(DESCENT, (1.0, 2.0))]
    rules += [updates.TimescaleSeparation(DESCENT, (2.0, 1.0))]
    rules = rules if engine != "c" else rules[:2] + rules[-1:]
    for _ in range(2):
        for game in (GAMES[0], other, dirac_gan()):
            for rule in rules:
                assert_same_run(
                    simulate(game, rule, z, 9, engine=engine), simulate(game, rule, z, 9, engine="step")
                )  # fmt: skip


def test_another_step_size_is_no_other_code(monkeypatch):
    game, traced = dirac_gan(), []
    program = by_code.program_of
    monkeypatch.setattr(by_code, "program_of", lambda *given: traced.append(given) or program(*given))
    for step_size in (0.1, 0.2, numpy.array([0.1, 0.2])):
        simulate(game, Extragradient(step_size), [[0.1, 0.2]] * 2, 3, engine="python")
    assert len(traced) == 1


def test_a_game_that_is_not_symbolic_is_traced_anew():
    game = Counted(dirac_gan())
    found = simulate(game, DESCENT, [0.3, 0.1], 50, engine="python")
    assert_same_run(found, simulate(dirac_gan(), DESCENT, [0.3, 0.1], 50, engine="step"))
    # "auto" leaves it alone, because it counts.
    before = game.gradients
    simulate(game, DESCENT, [0.3, 0.1], 300)
    assert game.gradients - before >= 300


def test_names_of_symbols_do_not_reach_the_code():
    x, y = sympy.Symbol("x; import os"), sympy.Symbol('"); system("true')
    game = SymbolicGame([x**2 + x * y, y**2 - x * y], [x, y])
    program = program_of(game, DESCENT, None, 0, True)
    for source in (python_source(program, True, True, True)[0], c_source(program, True, True)):
        assert "system" not in source
        assert "os" not in source.replace("cos", "").replace("close", "")
    found = simulate(game, DESCENT, [0.3, 0.1], 9, engine="python")
    assert_same_run(found, simulate(game, DESCENT, [0.3, 0.1], 9, engine="step"))


@needs_compiler
def test_no_shell_is_asked_and_the_cache_is_private(new_cache, tmp_path, monkeypatch):
    commands = []
    run = subprocess.run

    def noted(command, **options):
        commands.append(command)
        assert isinstance(command, list)
        assert not options.get("shell")
        return run(command, **options)

    monkeypatch.setattr(subprocess, "run", noted)
    for _ in range(2):
        simulate(dirac_gan(), DESCENT, [0.3, 0.1], 3, engine="c")
    assert 1 <= len(commands) <= 2
    (made,) = new_cache.iterdir()
    assert made.suffix == ".so"
    assert stat.S_IMODE(new_cache.stat().st_mode) == 0o700
    # Another process would find it, and make it anew if it is broken.
    monkeypatch.setattr(compiling, "_loaded", {})
    count = len(commands)
    simulate(dirac_gan(), DESCENT, [0.3, 0.1], 3, engine="c")
    assert len(commands) == count
    monkeypatch.setattr(compiling, "_loaded", {})
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "other"))
    broken = tmp_path / "other" / "gamedyn" / made.name
    broken.parent.mkdir(parents=True, mode=0o700)
    broken.write_bytes(b"no library")
    found = simulate(dirac_gan(), DESCENT, [0.3, 0.1], 3, engine="c")
    assert len(commands) > count
    assert_same_run(found, simulate(dirac_gan(), DESCENT, [0.3, 0.1], 3, engine="step"))


@needs_compiler
def test_a_folder_that_others_write_to_is_not_used(new_cache):
    new_cache.mkdir()
    os.chmod(new_cache, 0o777)
    simulate(dirac_gan(), DESCENT, [0.3, 0.1], 3, engine="c")
    assert not list(new_cache.iterdir())


@pytest.mark.parametrize("trouble", ["absent", "failing"])
def test_without_a_compiler_everything_else_works(trouble, new_cache, tmp_path, monkeypatch):
    folder = tmp_path / "bin"
    folder.mkdir()
    if trouble == "failing":
        script = folder / "cc"
        script.write_text("#!/bin/sh\nexit 1\n")
        script.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder))
    compiling.compiler.cache_clear()
    try:
        reason = {"absent": "there is no C compiler of the name cc", "failing": "the C compiler fails"}[trouble]
        with pytest.raises(ValueError, match=f'`engine` "c" cannot play this run: {reason}'):
            simulate(dirac_gan(), DESCENT, [0.3, 0.1], 3, engine="c")
        # "auto" would have it compiled.
        monkeypatch.setattr("gamedyn.dynamics._engine._SECONDS_TO_COMPILE", 0.0)
        z = numpy.full((40, 2), 0.1)
        runs = [simulate(dirac_gan(), DESCENT, z, 30, engine=e) for e in ("auto", "python")]
        numpy.testing.assert_allclose(runs[0].points, runs[1].points, rtol=1e-9)
    finally:
        compiling.compiler.cache_clear()


class _Played(Exception):
    """Raised in the place of a run."""


@pytest.mark.parametrize(
    ("batch", "steps", "engine"),
    [
        ((), 199, None),
        ((), 200, "python"),
        ((30,), 1000, "python"),
        ((31,), 199, None),
        ((31,), 200, "arrays"),
        ((31,), 100_000, "c"),
    ],
)
def test_the_rule_of_choice(batch, steps, engine, monkeypatch):
    def played(request, language):
        raise _Played(language)

    monkeypatch.setattr(by_code, "_play", played)
    for module in (by_code, compiling):
        monkeypatch.setattr(module, "compiler", lambda: "cc")
    monkeypatch.setattr("gamedyn.dynamics._engine.play_by_steps", lambda request: None)
    z = numpy.full((*batch, 2), 0.1)
    if engine is None:
        assert simulate(dirac_gan(), DESCENT, z, steps) is None
    else:
        with pytest.raises(_Played, match=engine):
            simulate(dirac_gan(), DESCENT, z, steps)
    if engine == "arrays":
        # Trajectories that converge are left out of the loop over steps.
        assert simulate(dirac_gan(), DESCENT, z, steps, tolerance=1e-3) is None


class Loud(UpdateRule):
    """A rule that is no dataclass."""

    cost = Cost(gradients=1)

    def step(self, game, z, state):
        return z - 0.1 * game.simultaneous_gradient(z), None


@engines
def test_runs_that_are_no_formula_are_refused(engine):
    game, z = dirac_gan(), [0.3, 0.1]
    drawn = FiniteSum([game, game])
    for given, rule, start, options, reason in [
        (drawn, DESCENT, z, {"rng": 1}, "a stochastic game is drawn at every step"),
        (game, DESCENT, z, {"callback": lambda *_: None}, "a callback looks at every record"),
        (game, Loud(), z, {}, "Loud is no dataclass"),
        (game, DESCENT, numpy.array(z, dtype="float32"), {}, "points must be of double precision"),
    ]:
        with pytest.raises(ValueError, match=f'`engine` "{engine}" cannot play this run: {reason}'):
            simulate(given, rule, start, 3, engine=engine, **options)
        # "auto" steps through them.
        assert simulate(given, rule, start, 201, **options).times[-1] == 201


def test_a_start_outside_of_the_losses_is_refused():
    for engine in ("auto", "python"):
        with pytest.raises(ValueError, match=r"`game\.losses` must be a number at `z0`, got NaN"):
            simulate(alone(sympy.log(X), Y**2), DESCENT, [-1.0, 1.0], 300, engine=engine)
