"""Entropic transport in 40 digits: Newton's method on the dual, which shares nothing with alternate scalings."""

import mpmath


def solve(cost, a, b, epsilon, tau=None, digits=40):
    """(objective, transport cost, plan, f, g) as mpmath numbers; tau is the penalty of both margins, None an equation.

    Minimises sum P C + eps KL(P | a b^T) + tau KL(P 1 | a) + tau KL(P^T 1 | b) by its dual
    phi(f) + phi(g) - eps sum a b (exp((f + g - C) / eps) - 1), phi(f) = <a, f> or tau <a, 1 - exp(-f / tau)>.
    """
    with mpmath.workdps(digits):
        n, m = len(a), len(b)
        c = [[mpmath.mpf(float(v)) for v in row] for row in cost]
        w = [mpmath.mpf(float(v)) for v in [*a, *b]]
        if tau is None:
            w = [v / mpmath.fsum(w[:n]) for v in w[:n]] + [v / mpmath.fsum(w[n:]) for v in w[n:]]
        eps = mpmath.mpf(float(epsilon))
        # Continuation: the solution at a high temperature is near, and each one starts Newton for the next.
        z, t = [mpmath.mpf(0)] * (n + m), max(max(max(row) for row in c), eps)
        while True:
            t = max(t / 3, eps)
            z = _newton(c, w, t, z, n, m, tau)
            if t == eps:
                break
        f, g = z[:n], z[n:]
        plan = [[w[i] * w[n + j] * mpmath.exp((f[i] + g[j] - c[i][j]) / eps) for j in range(m)] for i in range(n)]
        paid = mpmath.fsum(plan[i][j] * c[i][j] for i in range(n) for j in range(m))
        return _dual(c, w, eps, z, n, m, tau), paid, plan, f, g


def _dual(c, w, eps, z, n, m, tau):
    own = [v * p if tau is None else tau * v * (1 - mpmath.exp(-p / tau)) for v, p in zip(w, z, strict=True)]
    inner = [w[i] * w[n + j] * (mpmath.exp((z[i] + z[n + j] - c[i][j]) / eps) - 1) for i in range(n) for j in range(m)]
    return mpmath.fsum(own) - eps * mpmath.fsum(inner)


def _newton(c, w, eps, z, n, m, tau):
    size = n + m - (tau is None)  # one potential is fixed where a constant is free
    for _ in range(200):
        plan = [[w[i] * w[n + j] * mpmath.exp((z[i] + z[n + j] - c[i][j]) / eps) for j in range(m)] for i in range(n)]
        sums = [mpmath.fsum(row) for row in plan] + [mpmath.fsum(row[j] for row in plan) for j in range(m)]
        wanted = [v if tau is None else v * mpmath.exp(-p / tau) for v, p in zip(w, z, strict=True)]
        slope = mpmath.matrix([wanted[k] - sums[k] for k in range(size)])
        if max(abs(v) for v in slope) < mpmath.mpf(10) ** (6 - mpmath.mp.dps):
            return z
        hessian = mpmath.zeros(size)
        for k in range(size):
            hessian[k, k] = sums[k] / eps + (0 if tau is None else wanted[k] / tau)
        for i in range(n):
            for j in range(min(m, size - n)):
                hessian[i, n + j] = hessian[n + j, i] = plan[i][j] / eps
        step = [*mpmath.lu_solve(hessian, slope), *[mpmath.mpf(0)] * (n + m - size)]
        length, now = mpmath.mpf(1), _dual(c, w, eps, z, n, m, tau)
        while _dual(c, w, eps, [p + length * s for p, s in zip(z, step, strict=True)], n, m, tau) < now - abs(
            now
        ) * mpmath.mpf(10) ** (3 - mpmath.mp.dps):
            length /= 2
        z = [p + length * s for p, s in zip(z, step, strict=True)]
    raise RuntimeError("Newton's method did not end")


def divergence(cost_xy, cost_xx, cost_yy, a, b, epsilon):
    """OT(a, b) - (OT(a, a) + OT(b, b)) / 2."""
    with mpmath.workdps(40):
        return (
            solve(cost_xy, a, b, epsilon)[0] - (solve(cost_xx, a, a, epsilon)[0] + solve(cost_yy, b, b, epsilon)[0]) / 2
        )
