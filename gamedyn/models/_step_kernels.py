"""The CUDA text of a training step, with braces for what depends on the networks; see `step_source`."""

__all__ = ["KERNELS_IN_C"]

# A block carries TILE samples through the networks in shared memory; every loop is right for any number of threads.
KERNELS_IN_C = """
#define REAL {real}
#define TILE {tile}
#define BATCH {batch}
// Sums over a tile stay in registers only if their indices are known to the compiler.
#define UNROLLED _Pragma("unroll")
#define EACH(i, n) for (int i = threadIdx.x; i < (n); i += blockDim.x)
#define EVERY(i, n) for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < (n); i += gridDim.x * blockDim.x)

// y as a function of a, and dy/da as a function of y.
__device__ REAL value(REAL a, int kind)
{{
    switch (kind) {{
{values}
    default: return a;
    }}
}}

__device__ REAL slope(REAL y, int kind)
{{
    switch (kind) {{
{slopes}
    default: return 1;
    }}
}}

__device__ REAL on_real(REAL s) {{ return {on_real}; }}
__device__ REAL on_fake(REAL s) {{ return {on_fake}; }}
__device__ REAL own(REAL s) {{ return {own}; }}

// y = value(x W + b), W (n, m) by rows and b after it.
__device__ void affine_wide(const REAL *w, const REAL *x, REAL *y, int n, int m, int kind)
{{
    EACH(j, m) {{
        REAL sum[TILE];
        UNROLLED
        for (int s = 0; s < TILE; ++s)
            sum[s] = w[n * m + j];
        for (int k = 0; k < n; ++k) {{
            const REAL a = w[k * m + j];
            UNROLLED
            for (int s = 0; s < TILE; ++s)
                sum[s] += x[s * n + k] * a;
        }}
        UNROLLED
        for (int s = 0; s < TILE; ++s)
            y[s * m + j] = value(sum[s], kind);
    }}
}}

__device__ void affine_narrow(const REAL *w, const REAL *x, REAL *y, int n, int m, int kind)
{{
    EACH(i, TILE * m) {{
        const int s = i / m, j = i % m;
        REAL sum = w[n * m + j];
        for (int k = 0; k < n; ++k)
            sum += x[s * n + k] * w[k * m + j];
        y[i] = value(sum, kind);
    }}
}}

// x_bar = (y_bar W^T) slope(x).
__device__ void back_wide(const REAL *w, const REAL *x, const REAL *y_bar, REAL *x_bar, int n, int m, int kind)
{{
    EACH(k, n) {{
        REAL sum[TILE];
        UNROLLED
        for (int s = 0; s < TILE; ++s)
            sum[s] = 0;
        for (int j = 0; j < m; ++j) {{
            const REAL a = w[k * m + j];
            UNROLLED
            for (int s = 0; s < TILE; ++s)
                sum[s] += y_bar[s * m + j] * a;
        }}
        UNROLLED
        for (int s = 0; s < TILE; ++s)
            x_bar[s * n + k] = sum[s] * slope(x[s * n + k], kind);
    }}
}}

__device__ void back_narrow(const REAL *w, const REAL *x, const REAL *y_bar, REAL *x_bar, int n, int m, int kind)
{{
    EACH(i, TILE * n) {{
        const int s = i / n, k = i % n;
        REAL sum = 0;
        for (int j = 0; j < m; ++j)
            sum += y_bar[s * m + j] * w[k * m + j];
        x_bar[i] = sum * slope(x[i], kind);
    }}
}}

// The block's part of x^T y_bar, and of the sum of y_bar below it.
__device__ void gradient(REAL *partial, const REAL *x, const REAL *y_bar, int n, int m)
{{
    EACH(i, (n + 1) * m) {{
        const int k = i / m, j = i % m;
        REAL sum = 0;
        for (int s = 0; s < TILE; ++s)
            sum += (k < n ? x[s * n + k] : (REAL)1) * y_bar[s * m + j];
        partial[i] = sum;
    }}
}}

// Rows of a batch; samples past its end are zeros.
__device__ void load(REAL *x, const REAL *batch, int first, int size)
{{
    EACH(i, TILE * size)
        x[i] = first + i / size < BATCH ? batch[(long long)first * size + i] : (REAL)0;
}}

// The same of the rows of the data that a batch names.
__device__ void pick(REAL *x, const REAL *data, const int *rows, int first, int size)
{{
    EACH(i, TILE * size) {{
        const int s = first + i / size;
        x[i] = s < BATCH ? data[(long long)rows[s] * size + i % size] : (REAL)0;
    }}
}}

extern "C" __global__ void generator_gradient(
    const REAL *theta, const REAL *phi, const REAL *latent, REAL *partials, int slot)
{{
    __shared__ REAL pool[{pool}];
    const int first = blockIdx.x * TILE;
    REAL *partial = partials + (long long)blockIdx.x * {g_size};
    load(pool + {latent_at}, latent + (long long)slot * BATCH * {latent}, first, {latent});
    __syncthreads();
{forward_g}
{forward_d}
    EACH(s, TILE)
        pool[{bar_at} + s] = first + s < BATCH ? own(pool[{logit_at} + s]) / BATCH : (REAL)0;
    __syncthreads();
{back_d}
{back_g}
}}

extern "C" __global__ void discriminator_gradient(
    const REAL *theta, const REAL *phi, const REAL *latent, const REAL *data, const int *rows, REAL *partials, int slot)
{{
    __shared__ REAL pool[{pool}];
    const int fake = blockIdx.x < {blocks}, first = (blockIdx.x - (fake ? 0 : {blocks})) * TILE;
    REAL *partial = partials + (long long)blockIdx.x * {d_size};
    if (fake) {{
        load(pool + {latent_at}, latent + (long long)slot * BATCH * {latent}, first, {latent});
        __syncthreads();
{forward_g}
    }} else {{
        pick(pool + {fake_at}, data, rows + (long long)slot * BATCH, first, {features});
        __syncthreads();
    }}
{forward_d}
    EACH(s, TILE) {{
        const REAL logit = pool[{logit_at} + s];
        pool[{bar_at} + s] = first + s < BATCH ? (fake ? on_fake(logit) : on_real(logit)) / BATCH : (REAL)0;
    }}
    __syncthreads();
{own_d}
}}

__device__ REAL total(const REAL *partials, int blocks, int size, int i)
{{
    REAL sum = 0;
    // Loads of several blocks' parts at once; the order of the sum is kept.
    _Pragma("unroll 8")
    for (int b = 0; b < blocks; ++b)
        sum += partials[(long long)b * size + i];
    return sum;
}}

// Gradients so far are steps[player], and `number` counts on from there. Whoever sees what is not finite says so in
// bad[player]: all that is ever written there during a run is 1.
extern "C" __global__ void adam(REAL *z, REAL *first, REAL *second, const REAL *partials, int blocks, int size,
    const long long *steps, int *bad, int player, int number, double step_size, double first_decay, double second_decay,
    double epsilon)
{{
    const double t = (double)(steps[player] + number);
    const REAL b1 = (REAL)first_decay, b2 = (REAL)second_decay;
    const REAL c1 = (REAL)-expm1(t * log(first_decay)), c2 = (REAL)-expm1(t * log(second_decay));
    EVERY(i, size) {{
        const REAL g = total(partials, blocks, size, i);
        const REAL m = b1 * first[i] + (1 - b1) * g, v = b2 * second[i] + (1 - b2) * g * g;
        const REAL moved = z[i] - (REAL)step_size * (m / c1 / (sqrt(v / c2) + (REAL)epsilon));
        first[i] = m;
        second[i] = v;
        z[i] = moved;
        // Where m is not finite, v is not either.
        if (!(isfinite(v) && isfinite(moved)))
            bad[player] = 1;
    }}
}}

extern "C" __global__ void descent(
    REAL *z, const REAL *partials, int blocks, int size, int *bad, int player, double step_size)
{{
    EVERY(i, size) {{
        z[i] -= (REAL)step_size * total(partials, blocks, size, i);
        if (!isfinite(z[i]))
            bad[player] = 1;
    }}
}}

// What follows when all have moved: the discriminator's bound, and the generator's average, each if it is asked for.
extern "C" __global__ void finish(REAL *z, REAL *average, double bound, double decay, double share)
{{
    EVERY(i, {g_size} + {d_size}) {{
        if (i < {g_size}) {{
            if (share > 0)
                average[i] = (REAL)decay * average[i] + (REAL)share * z[i];
        }} else if (bound > 0) {{
            const REAL b = (REAL)bound;
            z[i] = z[i] > b ? b : z[i] < -b ? -b : z[i];
        }}
    }}
}}

extern "C" __global__ void advance(long long *steps, int first, int second)
{{
    if (blockIdx.x == 0 && threadIdx.x == 0) {{
        steps[0] += first;
        steps[1] += second;
    }}
}}
"""
