"""Facts about plans that are stored by their entries."""

import numpy
import pytest

from gamedyn.transport import SparsePlan


@pytest.fixture
def plan(library):
    index = numpy.array([0, 0, 2]), numpy.array([1, 3, 0])
    rows, columns = (library.xp.asarray(i.tolist(), device=library.device) for i in index)
    return SparsePlan(rows, columns, library.asarray([0.25, 0.5, 0.125]), (3, 4))


def test_equals_its_dense_form(plan, library, rng):
    dense = numpy.array([[0, 0.25, 0, 0.5], [0, 0, 0, 0], [0.125, 0, 0, 0]])
    numpy.testing.assert_array_equal(library.host(plan.dense()), dense)
    for margin, axis in zip(plan.margins(), (1, 0), strict=True):
        assert library.owns(margin)
        numpy.testing.assert_array_equal(library.host(margin), dense.sum(axis=axis))
    for values in (rng.standard_normal(4), rng.standard_normal((4, 3))):
        moved = plan.apply(library.asarray(values))
        assert library.owns(moved)
        numpy.testing.assert_allclose(library.host(moved), dense @ values, rtol=1e-15)
