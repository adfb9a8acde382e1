"""Matrices of balls: definiteness, discs and counts against exact algebra; wide balls against matrices within them."""

import itertools
import math
from fractions import Fraction

import flint
import numpy
import pytest
import sympy

from gamedyn.equilibria._certified_expressions import ball_of, fraction_of
from gamedyn.equilibria._certified_matrices import (
    definiteness,
    eigenvalue_discs,
    float_above,
    float_below,
    merged,
    sides,
)


def balls(matrix, radius=0.0):
    return [[flint.arb(float(v), radius) for v in row] for row in matrix]


def test_floats_bound_balls():
    with flint.ctx.workprec(200):
        for value in (Fraction(1, 3), Fraction(-1, 3), Fraction(10) ** 30 / 7, Fraction(0), Fraction(1)):
            ball = ball_of(value)
            assert Fraction(float_below(ball)) < value < Fraction(float_above(ball))


def test_definiteness_against_exact_eigenvalues():
    rng = numpy.random.default_rng(1)
    answers = set()
    for trial in range(120):
        d = 1 + trial % 4
        root = rng.integers(-3, 4, (d, d))
        # Exactly singular now and then.
        matrix = root @ root.T - int(rng.integers(0, 3)) * numpy.eye(d, dtype=int)
        exact = sympy.Matrix(matrix.tolist())
        found = definiteness(balls(matrix), "it")
        smallest = float(numpy.linalg.eigvalsh(matrix.astype(float))[0])
        if exact.is_positive_definite:
            assert found.is_yes
            assert 0 <= found.margin <= smallest + 1e-12
            assert found.margin > 0.9 * smallest
        else:
            assert not found.is_yes
            assert found.margin <= 0
            assert found.is_undecided or smallest - 1e-12 <= found.margin
        if smallest < -1e-9:
            assert found.is_no
        answers.add(found.answer)
    assert {"yes", "no"} <= answers


def test_definiteness_of_wide_balls_is_that_of_all_matrices_within():
    rng = numpy.random.default_rng(2)
    decided = 0
    for trial in range(200):
        d = 1 + trial % 3
        root = rng.standard_normal((d, d))
        middle = root @ root.T + rng.uniform(-1, 1) * numpy.eye(d)
        radius = 10 ** rng.uniform(-3, 0)
        found = definiteness(balls(middle, radius), "it")
        if found.is_undecided:
            continue
        decided += 1
        for _ in range(20):
            change = radius * numpy.sign(rng.standard_normal((d, d)))
            change = numpy.tril(change) + numpy.tril(change, -1).T
            smallest = numpy.linalg.eigvalsh(middle + change)[0]
            if found.is_yes:
                assert smallest >= found.margin - 1e-9
            else:
                assert smallest <= found.margin + 1e-9
    assert decided > 60


def test_hugely_scaled_matrices():
    huge = [[ball_of(Fraction(10) ** 400 * v) for v in row] for row in ((2, 1), (1, 2))]
    assert definiteness(huge, "it").is_yes
    huge[0][0] = ball_of(-(Fraction(10) ** 400))
    assert definiteness(huge, "it").is_no


def test_discs_hold_eigenvalues_of_all_matrices_within():
    rng = numpy.random.default_rng(3)
    for trial in range(60):
        d = 2 + trial % 4
        middle, radius = rng.standard_normal((d, d)), 10 ** rng.uniform(-12, -1)
        discs = eigenvalue_discs(balls(middle, radius))
        for stated in (discs, merged(discs)):
            centres = numpy.array([complex(float(disc.real), float(disc.imag)) for disc in stated])
            radii = numpy.array([float(disc.radius) for disc in stated])
            for _ in range(5):
                values = numpy.linalg.eigvals(middle + radius * rng.uniform(-1, 1, (d, d)))
                near = numpy.abs(values[:, None] - centres) <= radii + 1e-12
                assert numpy.all(numpy.any(near, axis=1))


@pytest.mark.parametrize("of_circle", [False, True])
def test_counts_against_exact_eigenvalues(of_circle):
    rng = numpy.random.default_rng(4)
    complete = 0
    for trial in range(150):
        d = 1 + trial % 5
        matrix = rng.integers(-4, 5, (d, d)) / (2.0 if of_circle else 1.0)
        values = numpy.linalg.eigvals(matrix)
        measure = 1 - numpy.abs(values) if of_circle else values.real
        far = 10.0
        # Discs that overlap everything leave the counts to Routh's array.
        discs = eigenvalue_discs(balls(matrix))
        wide = [disc._replace(radius=flint.arb(far)) for disc in discs]
        near_border = numpy.min(numpy.abs(measure)) < 1e-3
        for used in (discs, wide):
            found = sides(balls(matrix), used, of_circle=of_circle)
            if near_border:
                # A real part of 0 in exact arithmetic is never counted.
                assert found.inside <= numpy.sum(measure > -1e-6)
                assert found.outside <= numpy.sum(measure < 1e-6)
                continue
            assert found.inside <= numpy.sum(measure > 0)
            assert found.outside <= numpy.sum(measure < 0)
            if found.inside + found.outside == d:
                complete += 1
                lowest = numpy.min(measure)
                assert found.margin == 0 or (
                    found.margin <= lowest + 1e-9 if lowest > 0 else found.margin >= lowest - 1e-9
                )
    assert complete > 150


def test_a_rotation_is_on_the_border_of_both():
    rotation = balls([[0.0, 1.0], [-1.0, 0.0]])
    for of_circle in (False, True):
        found = sides(rotation, eigenvalue_discs(rotation), of_circle=of_circle)
        assert (found.inside, found.outside, found.margin) == (0, 0, 0.0)
    # Radius 1 of a disc, exactly: touching is not inside.
    assert sides(balls([[1.0]]), eigenvalue_discs(balls([[1.0]])), of_circle=True)[:2] == (0, 0)
    assert sides(balls([[-1.0]]), eigenvalue_discs(balls([[-1.0]])), of_circle=True)[:2] == (0, 0)
    assert sides(balls([[0.0]]), eigenvalue_discs(balls([[0.0]])), of_circle=False)[:2] == (0, 0)


def test_discs_that_touch_are_one_group():
    # Eigenvalues 1 and -1/2 of matrices within: both discs have the radius 1 and meet, so that none is counted.
    rows = balls([[1.0, 1.0], [1.0, -0.5]])
    discs = eigenvalue_discs(rows)
    wide = [disc._replace(real=flint.arb(c), radius=flint.arb(0.8)) for disc, c in zip(discs, (1.0, -0.5), strict=True)]
    assert sides(balls([[1.0, 0.0], [0.0, 0.5]], 2.0), wide, of_circle=False)[:2] == (0, 0)


def test_rationals_of_balls_are_exact():
    with flint.ctx.workprec(300):
        for value in (Fraction(3, 2**200), Fraction(-5), Fraction(0)):
            assert fraction_of(ball_of(value)) == value
    assert math.isfinite(float_above(ball_of(Fraction(10**30))))


def test_discs_of_wide_balls_about_a_diagonal_matrix():
    # [[1, 1], [-1, 9]] has an eigenvalue 5 - sqrt(15) > 1.
    stated = eigenvalue_discs(balls([[0.0, 0.0], [0.0, 10.0]], 1.0))
    for signs in itertools.product((-1.0, 1.0), repeat=4):
        for value in numpy.linalg.eigvals(numpy.diag([0.0, 10.0]) + numpy.reshape(signs, (2, 2))):
            assert any(abs(value - complex(float(d.real), float(d.imag))) <= float(d.radius) for d in stated)


@pytest.mark.parametrize(("middle", "of_circle"), [(1.05, True), (0.95, True), (0.05, False), (-0.05, False)])
def test_a_wide_eigenvalue_near_the_border_is_on_neither_side(middle, of_circle):
    rows = balls([[middle]], 0.1)
    assert sides(rows, eigenvalue_discs(rows), of_circle=of_circle)[:2] == (0, 0)
