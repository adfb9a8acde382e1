"""Dense solves of batches with singular members."""

import numpy

from gamedyn.numerics import solve_or_nan


def test_a_singular_matrix_spoils_its_own_entry_only(library, rng):
    matrices = rng.standard_normal((3, 2, 4, 4))
    matrices[1, 0] = numpy.arange(16.0).reshape(4, 4) * 0
    right = rng.standard_normal((3, 2, 4, 2))
    solution = solve_or_nan(library.asarray(matrices), library.asarray(right))
    assert library.owns(solution)
    host = library.host(solution)
    assert numpy.isnan(host[1, 0]).all()
    regular = numpy.ones((3, 2), dtype=bool)
    regular[1, 0] = False
    numpy.testing.assert_allclose((matrices @ host)[regular], right[regular], rtol=1e-11, atol=1e-12)


def test_single_precision_stays(library):
    solution = solve_or_nan(library.asarray([[4.0]], "float32"), library.asarray([[1.0]], "float32"))
    assert library.owns(solution, "float32")
    assert library.host(solution).tolist() == [[0.25]]
