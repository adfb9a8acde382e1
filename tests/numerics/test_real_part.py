"""The real part: of complex numbers, and of what is real already."""

import pytest

from gamedyn.numerics import real_part


@pytest.mark.parametrize(("complex_kind", "kind"), [("complex64", "float32"), ("complex128", "float64")])
def test_complex_numbers(library, complex_kind, kind):
    x = real_part(library.asarray([[1.5 + 2.0j, -3.0 + 1e-20j, -1e-30j]], complex_kind))
    assert library.owns(x, kind)
    assert library.host(x).tolist() == [[1.5, -3.0, 0.0]]


@pytest.mark.parametrize("kind", ["float32", "float64", "int64", "bool"])
def test_what_is_real_comes_back_itself(library, kind):
    x = library.asarray([[1, 0]], kind)
    assert real_part(x) is x
