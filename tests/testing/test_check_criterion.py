"""check_criterion: it passes what is right, and names what is wrong."""

import dataclasses

import numpy
import pytest

from gamedyn.models import NetworkCriterion
from gamedyn.nn import SquaredError, mlp
from gamedyn.testing import check_criterion

ROWS = numpy.random.default_rng(0).standard_normal((5, 2))
RIGHT = NetworkCriterion(mlp((2, 3, 2)), SquaredError())


class Scaled(NetworkCriterion):
    def gradient(self, theta, rows, noise=None):
        return 1.0001 * super().gradient(theta, rows, noise)


class Still(NetworkCriterion):
    def hvp(self, theta, rows, noise, v):
        return 0 * v


class Mixed(NetworkCriterion):
    def losses(self, theta, rows, noise=None):
        each = super().losses(theta, rows, noise)
        return each - each[..., :1] + each.sum(axis=-1, keepdims=True) / each.shape[-1]


class Short(NetworkCriterion):
    def losses(self, theta, rows, noise=None):
        return super().losses(theta, rows, noise)[..., 1:]


class NotAnalytic(NetworkCriterion):
    def losses(self, theta, rows, noise=None):
        return super().losses(numpy.real(theta), rows, noise) + 0j


def test_what_is_right_passes():
    check_criterion(RIGHT, ROWS, rng=0)
    check_criterion(RIGHT, ROWS, rng=0, ensemble=())


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        (Scaled, "`gradient`, by complex step on `losses`"),
        (Still, "`hvp`, by complex step on `gradient`"),
        (Mixed, "`gradient`, by complex step|the loss of row"),
        (Short, r"the shape of `losses` must be \(2, 5\), got \(2, 4\)"),
        (NotAnalytic, "`gradient`, by complex step on `losses`"),
    ],
)
def test_what_is_wrong_is_named(kind, message):
    wrong = kind(**{field.name: getattr(RIGHT, field.name) for field in dataclasses.fields(RIGHT)})
    with pytest.raises(AssertionError, match=message):
        check_criterion(wrong, ROWS, rng=0)
