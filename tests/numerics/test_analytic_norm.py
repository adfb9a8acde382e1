"""The analytic norm: values, complex steps, the kink."""

import numpy

from gamedyn.numerics import analytic_norm


def test_values_and_slopes(library):
    norm, positive = analytic_norm(library.asarray([[3.0 + 2e-20j, 4.0], [0.0, 0.0], [0.0, 1e-20j]], "complex128"))
    assert library.owns(norm, "complex128")
    host = library.host(norm)
    numpy.testing.assert_allclose(host.real, [5.0, 0.0, 0.0])
    # 3 * 2 / 5; at the kink there is no derivative, and 0 is given.
    numpy.testing.assert_allclose(host.imag, [1.2e-20, 0.0, 0.0])
    assert library.host(positive).tolist() == [True, False, False]


def test_single_precision_stays(library):
    norm, _ = analytic_norm(library.asarray([3.0, 4.0], "float32"))
    assert library.owns(norm, "float32")
    assert float(norm) == 5.0
