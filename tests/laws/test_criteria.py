"""Laws of every criterion: derivatives are derivatives, and rows stand alone, on every array library."""

import numpy
import pytest

from gamedyn.testing import check_criterion
from tests.density_cases import CRITERIA, case_names

every_criterion = pytest.mark.parametrize(("criterion", "rows"), CRITERIA, ids=case_names(CRITERIA))


def point(criterion, rows, rng, lead=(2,)):
    """(theta, rows, noise, v) on the host."""
    theta = criterion.init(rng, numpy, numpy.float64, batch_shape=lead)
    theta = theta + 0.3 * rng.standard_normal(theta.shape)
    return theta, rows, criterion.noise(rng, len(rows)), rng.standard_normal(theta.shape)


def results(criterion, theta, rows, noise, v):
    return {
        "losses": criterion.losses(theta, rows, noise),
        "gradient": criterion.gradient(theta, rows, noise),
        "hvp": criterion.hvp(theta, rows, noise, v),
    }


@every_criterion
@pytest.mark.parametrize("ensemble", [(), (2,)])
def test_derivatives_and_rows(criterion, rows, ensemble, rng):
    check_criterion(criterion, rows, rng=rng, ensemble=ensemble)


@every_criterion
@pytest.mark.parametrize(("dtype", "tolerance"), [("float64", 1e-12), ("float32", 3e-5)])
def test_every_library_gives_the_same(criterion, rows, dtype, tolerance, game_library, rng):
    host = [None if part is None else numpy.asarray(part, dtype=dtype) for part in point(criterion, rows, rng)]
    given = [None if part is None else game_library.asarray(part, dtype=dtype) for part in host]
    expected = results(criterion, *(None if part is None else part.astype("float64") for part in host))
    for name, value in results(criterion, *given).items():
        assert game_library.owns(value, dtype=dtype), name
        numpy.testing.assert_allclose(game_library.host(value), expected[name], rtol=tolerance, atol=tolerance)
    for part, before in zip(given, host, strict=True):
        if part is not None:
            numpy.testing.assert_array_equal(game_library.host(part), before)


@every_criterion
def test_an_ensemble_is_its_members(criterion, rows, rng):
    theta, rows, noise, v = point(criterion, rows, rng, (2, 3))
    together = results(criterion, theta, rows, noise, v)
    for index in numpy.ndindex(2, 3):
        for name, value in results(criterion, theta[index], rows, noise, v[index]).items():
            numpy.testing.assert_allclose(together[name][index], value, rtol=1e-12, atol=1e-13, err_msg=name)


@every_criterion
def test_floors_are_below_all_losses(criterion, rows, rng):
    floor = criterion.floor(rows)
    if floor is not None:
        theta, rows, noise, _ = point(criterion, rows, rng, (20,))
        assert (criterion.losses(theta, rows, noise).mean(axis=-1) >= floor).all()


@every_criterion
def test_initial_parameters_are_a_function_of_the_seed(criterion, rows, game_library):
    xp, device = game_library.xp, game_library.device
    first, again = (criterion.init(3, xp, xp.float32, device=device) for _ in range(2))
    assert game_library.owns(first, dtype="float32")
    assert first.shape == (criterion.size,)
    numpy.testing.assert_array_equal(game_library.host(first), game_library.host(again))
