"""All real zeros of a planar field with polynomial numerators, by resultants: the oracle for critical points."""

import sympy


def polynomial_zeros(expressions, symbols, box):
    """Zeros in the box of two expressions, each a polynomial times a factor without zeros, to some twenty digits."""
    x, y = symbols
    p, q = (sympy.numer(sympy.together(sympy.expand(e))) for e in expressions)
    eliminated = sympy.resultant(p, q, y)
    assert eliminated != 0, "infinitely many"
    found = []
    for a in _real_roots(sympy.Poly(eliminated, x)):
        if not box[0][0] <= a <= box[0][1]:
            continue
        first, second = (sympy.Poly(e.subs(x, a), y) for e in (p, q))
        solvable, other = (first, second) if first.degree() > 0 else (second, first)
        size = max(1, *(abs(c) for c in other.all_coeffs()))
        for b in _near_real_roots(solvable):
            if box[1][0] <= b <= box[1][1] and abs(other.eval(b)) < 1e-12 * size * max(1, abs(b)) ** other.degree():
                found.append((float(a), float(b)))
    return sorted(set(found))


def _real_roots(poly):
    square_free = poly.sqf_part()
    return [sympy.re(r) for r in square_free.nroots(n=50, maxsteps=500) if abs(sympy.im(r)) < 1e-30]


def _near_real_roots(poly):
    # Coefficients are of 50 digits only, so that a double root may come out as a pair of complex ones.
    return [sympy.re(r) for r in poly.nroots(n=40, maxsteps=500) if abs(sympy.im(r)) < 1e-15]
