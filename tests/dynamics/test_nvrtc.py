"""CUDA source of generated code compiles where there is no device: NVIDIA's run-time compiler needs none."""

import numpy
import pytest

from gamedyn.dynamics._c_code import cuda_source
from gamedyn.dynamics._program import program_of
from tests.generated import GAMES
from tests.laws.test_generated import FORMULAS, fits
from tests.nvrtc import MARKS, compiled, compiler

pytestmark = MARKS


def test_the_kernel_of_every_rule_compiles():
    nvrtc = compiler()
    for rule in FORMULAS:
        game = next(game for game in reversed(GAMES) if fits(rule, game))
        state = rule.init(game, numpy.full(sum(game.dims), 0.1))
        program = program_of(game, rule, state, 0, True)
        if isinstance(program, str):
            program = program_of(game, rule, state, 0, False)
        made = compiled(nvrtc, cuda_source(program, True, True))
        assert made[:4] == b"\x7fELF"
        assert b"play" in made


def test_what_is_no_source_does_not_compile():
    with pytest.raises(AssertionError, match="undefined"):
        compiled(compiler(), 'extern "C" __global__ void play() { undefined(); }')
