"""What rules share: hyper-parameters per trajectory, eigenvalues, and words about missing symbols."""

import numpy
import pytest

from gamedyn.updates import (
    AlternatingGradientDescent,
    AnchoredExtragradient,
    Consensus,
    DoubleStepExtragradient,
    Extragradient,
    ExtragradientPlus,
    FastExtragradient,
    ForwardBackwardForward,
    ForwardReflectedBackward,
    Halpern,
    HeavyBall,
    KrasnoselskiiMann,
    Nesterov,
    OptimisticGradient,
    PastExtragradient,
    PrimalDualHybridGradient,
    ProximalPoint,
    ReflectedGradient,
    RungeKutta,
    SimultaneousGradientDescent,
    as_eigenvalue,
    identity_like,
    per_matrix,
    per_point,
)

KINDS = [
    SimultaneousGradientDescent,
    AlternatingGradientDescent,
    Extragradient,
    OptimisticGradient,
    Consensus,
    ProximalPoint,
    AnchoredExtragradient,
    DoubleStepExtragradient,
    ExtragradientPlus,
    FastExtragradient,
    ForwardBackwardForward,
    ForwardReflectedBackward,
    Halpern,
    HeavyBall,
    KrasnoselskiiMann,
    Nesterov,
    PastExtragradient,
    PrimalDualHybridGradient,
    ReflectedGradient,
    RungeKutta,
]


def test_numbers_multiply_whatever_there_is():
    assert per_point(0.1, numpy.zeros((3, 2))) == 0.1
    assert per_matrix(2, numpy.zeros((3, 2, 2))) == 2


def test_arrays_gain_the_axes_of_points_and_matrices(game_library):
    values = game_library.asarray([1.0, 2.0, 3.0])
    assert per_point(values, game_library.asarray(numpy.zeros((3, 2)))).shape == (3, 1)
    assert per_matrix(values, game_library.asarray(numpy.zeros((3, 2, 2)))).shape == (3, 1, 1)


def test_host_values_follow_the_points(game_library):
    z = game_library.asarray(numpy.zeros((3, 2)), dtype="float32")
    assert game_library.owns(per_point(numpy.ones(3), z), "float32")


def test_identity_has_the_dtype_of_the_matrix(game_library):
    identity = identity_like(game_library.asarray(numpy.zeros((5, 2, 2)), dtype="float32"))
    assert game_library.owns(identity, "float32")
    assert game_library.host(identity).tolist() == [[1.0, 0.0], [0.0, 1.0]]


@pytest.mark.parametrize("eigenvalue", [1, 1.0, 1j, [1.0, 2.0]])
def test_python_eigenvalues_become_complex_arrays(eigenvalue):
    assert as_eigenvalue(eigenvalue).dtype == numpy.complex128


def test_eigenvalues_keep_their_precision(game_library):
    assert game_library.owns(as_eigenvalue(game_library.asarray([1.0], dtype="float32")), "complex64")
    assert game_library.owns(as_eigenvalue(game_library.asarray([1.0])), "complex128")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("value", [-1, 0, float("inf"), float("nan"), numpy.array([0.1, -0.1])])
def test_step_sizes_must_be_positive(kind, value):
    with pytest.raises(ValueError, match="`step_size` must be positive and finite, got "):
        kind(value)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("value", ["0.1", True, None, [0.1]])
def test_step_sizes_must_be_numbers(kind, value):
    with pytest.raises(TypeError, match="`step_size` must be a positive number or array"):
        kind(value)


@pytest.mark.parametrize("kind", KINDS)
def test_rules_cannot_be_changed(kind):
    with pytest.raises(AttributeError):
        kind(0.1).step_size = 0.2
