// The matrices of Winograd convolution F(m x m, 3 x 3) (Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks",
// 2016), each applied to one line of vectors: Y = A^T [(G g G^T) * (B^T d B)] A. Comes before the files that use them.
//
//   OUTPUT_TILE    m: 2 or 4
//   HEIGHT, WIDTH  of input and output, where tiles of feature maps are transformed

#define SIDE (OUTPUT_TILE + 2)

// B^T d for one line of input pixels, d.
static inline __attribute__((always_inline)) void transform_input_line(const vec d[SIDE], vec line[SIDE])
{
#if OUTPUT_TILE == 4
    const vec a = d[4] - 4.0f * d[2], b = d[3] - 4.0f * d[1];
    const vec c = d[4] - d[2], e = 2.0f * (d[3] - d[1]);
    line[0] = 4.0f * d[0] - 5.0f * d[2] + d[4];
    line[1] = a + b;
    line[2] = a - b;
    line[3] = c + e;
    line[4] = c - e;
    line[5] = 4.0f * d[1] - 5.0f * d[3] + d[5];
#else
    line[0] = d[0] - d[2];
    line[1] = d[1] + d[2];
    line[2] = d[2] - d[1];
    line[3] = d[1] - d[3];
#endif
}

// A^T p for one line of products, p.
static inline __attribute__((always_inline)) void transform_output_line(const vec p[SIDE], vec line[OUTPUT_TILE])
{
#if OUTPUT_TILE == 4
    const vec a = p[1] + p[2], b = p[1] - p[2], c = p[3] + p[4], e = p[3] - p[4];
    line[0] = p[0] + a + c;
    line[1] = b + 2.0f * e;
    line[2] = a + 4.0f * c;
    line[3] = b + 8.0f * e + p[5];
#else
    line[0] = p[0] + p[1] + p[2];
    line[1] = p[1] - p[2] - p[3];
#endif
}

// G v for three rows v.
static inline __attribute__((always_inline)) void transform_taps(const vec v[3], vec line[SIDE])
{
#if OUTPUT_TILE == 4
    const vec even = (v[0] + v[2]) * (-1.0f / 6), odd = v[1] * (1.0f / 6);
    const vec outer = v[0] * (1.0f / 24) + v[2] * (1.0f / 6), middle = v[1] * (1.0f / 12);
    line[0] = v[0] * 0.25f;
    line[1] = even - odd;
    line[2] = even + odd;
    line[3] = outer + middle;
    line[4] = outer - middle;
    line[5] = v[2];
#else
    const vec even = (v[0] + v[2]) * 0.5f, odd = v[1] * 0.5f;
    line[0] = v[0];
    line[1] = even + odd;
    line[2] = even - odd;
    line[3] = v[2];
#endif
}

#if OUTPUT_TILE == 4
// A g for one line of the output's gradient, g.
static inline __attribute__((always_inline)) void transform_gradient_line(const vec g[OUTPUT_TILE], vec line[SIDE])
{
    const vec even = g[0] + g[2], odd = g[1] + g[3];
    const vec outer_even = g[0] + 4.0f * g[2], outer_odd = 2.0f * g[1] + 8.0f * g[3];
    line[0] = g[0];
    line[1] = even + odd;
    line[2] = even - odd;
    line[3] = outer_even + outer_odd;
    line[4] = outer_even - outer_odd;
    line[5] = g[3];
}

// G^T u for one line of sums, u.
static inline __attribute__((always_inline)) void transform_sums_line(const vec u[SIDE], vec line[3])
{
    const vec inner = (u[1] + u[2]) * (1.0f / 6), outer = u[3] + u[4];
    line[0] = u[0] * 0.25f - inner + outer * (1.0f / 24);
    line[1] = (u[2] - u[1]) * (1.0f / 6) + (u[3] - u[4]) * (1.0f / 12);
    line[2] = outer * (1.0f / 6) - inner + u[5];
}
#endif

#ifdef HEIGHT
#define POINTS (SIDE * SIDE)
#define PITCH (WIDTH + 2)
#define PLANE ((HEIGHT + 2) * PITCH * CHANNEL_BLOCK)
#define TILE_COLUMNS ((WIDTH + OUTPUT_TILE - 1) / OUTPUT_TILE)
#define TILE_COUNT (((HEIGHT + OUTPUT_TILE - 1) / OUTPUT_TILE) * TILE_COLUMNS)
#define RAGGED (HEIGHT % OUTPUT_TILE || WIDTH % OUTPUT_TILE)
// Points a power of two apart would share few sets of a cache: so there is a gap between them.
#define POINT_GAP CHANNEL_BLOCK

// B^T d B for a vector of channels of a tile. `y` and `x` are the tile's first pixel, in which `input` begins; point
// follows point after `point_stride`.
static inline __attribute__((always_inline)) void transform_input(
    __global const stored *input, const int y, const int x, __local float *points, const int point_stride)
{
    vec columns[SIDE][SIDE];
#pragma unroll
    for (int j = 0; j < SIDE; j++) {
        vec d[SIDE], line[SIDE];
#pragma unroll
        for (int i = 0; i < SIDE; i++) {
#if RAGGED
            // Tiles may reach beyond the halo; what lies there belongs to another row or plane.
            if (y + i < HEIGHT + 2 && x + j < WIDTH + 2)
                d[i] = stored_load(0, input + (i * PITCH + j) * CHANNEL_BLOCK);
            else
                d[i] = (vec)(0.0f);
#else
            d[i] = stored_load(0, input + (i * PITCH + j) * CHANNEL_BLOCK);
#endif
        }
        transform_input_line(d, line);
#pragma unroll
        for (int i = 0; i < SIDE; i++) columns[i][j] = line[i];
    }
#pragma unroll
    for (int i = 0; i < SIDE; i++) {
        vec line[SIDE];
        transform_input_line(columns[i], line);
#pragma unroll
        for (int j = 0; j < SIDE; j++) vec_store(line[j], 0, points + (i * SIDE + j) * point_stride);
    }
}
#endif
