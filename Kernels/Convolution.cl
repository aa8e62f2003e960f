// Direct convolution with its epilogue: bias (batch norm is folded into weights and bias), residual, ReLU, row sums.
//
// A work-item computes TILE_ROWS output rows for CHANNELS_PER_ITEM output channels of one image, a tile of TILE_ROWS x
// TILE_PIXELS pixels at a time, whose accumulators stay in registers. Weights are packed as
// [OC/CHANNELS_PER_ITEM][IC/INPUT_BLOCK][KERNEL][KERNEL][INPUT_BLOCK][CHANNELS_PER_ITEM], in the order they are read.
//
// The problem:
//   INPUT_BLOCK (channels that lie together: 16, or 1 for pictures), INPUT_HEIGHT, INPUT_WIDTH, INPUT_HALO
//   OUTPUT_HEIGHT, OUTPUT_WIDTH, OUTPUT_HALO
//   KERNEL, STRIDE, PADDING
//   ACTIVATION     0 none, 1 ReLU, 2 ReLU where the image's branch stays closed (a shortcut that nothing is added to)
//   RESIDUAL       1: the output already holds the shortcut; add to it in place
//   ROW_SUMS       1: also write the sum of each output row per channel
// The tile:
//   TILE_ROWS, TILE_PIXELS, TILE_VECTORS (vectors of output channels), ITEM_TILES (tiles a work-item takes along a row:
//   all of them where ROW_SUMS is set), GROUP_SIZE (work-items of a group, along the tiles)
//
// Every extent is a constant, so that the compiler folds all address arithmetic, but the numbers of channels: these only
// bound a loop, and a network has many of them for the same extents, each of which would take a kernel of its own.

#define CHANNELS_PER_ITEM (VECTOR_WIDTH * TILE_VECTORS)
#define INPUT_PITCH (INPUT_WIDTH + 2 * INPUT_HALO)
#define INPUT_PLANE ((INPUT_HEIGHT + 2 * INPUT_HALO) * INPUT_PITCH * INPUT_BLOCK)
#define OUTPUT_PITCH (OUTPUT_WIDTH + 2 * OUTPUT_HALO)
#define OUTPUT_PLANE ((OUTPUT_HEIGHT + 2 * OUTPUT_HALO) * OUTPUT_PITCH * CHANNEL_BLOCK)
#define ROW_TILES ((OUTPUT_WIDTH + TILE_PIXELS - 1) / TILE_PIXELS)
#define ROW_ITEMS ((ROW_TILES + ITEM_TILES - 1) / ITEM_TILES)
#define TAIL_PIXELS (OUTPUT_WIDTH % TILE_PIXELS)
#define ROW_GROUPS ((OUTPUT_HEIGHT + TILE_ROWS - 1) / TILE_ROWS)
#define TAIL_ROWS (OUTPUT_HEIGHT % TILE_ROWS)

// Pictures are floats, as they come from the host.
#if INPUT_BLOCK == 1
#define INPUT float
#define INPUT_VALUE(pointer) (*(pointer))
#else
#define INPUT stored
#define INPUT_VALUE(pointer) STORED_VALUE(pointer)
#endif

// `rows` and `pixels` are constants wherever this is called: once inlined, a short tail tile costs only its own pixels. No
// `restrict` here: the kernel's arguments have it, and simulators know no inlined scopes.
static inline __attribute__((always_inline)) void convolve_tile(
    const int rows, const int pixels, const int input_blocks, __global const INPUT *input,
    __global const stored *weights, __global const float *bias, __global stored *output, const int rectify,
    vec sums[TILE_ROWS][TILE_VECTORS])
{
    vec accumulator[TILE_ROWS][TILE_PIXELS][TILE_VECTORS];
#pragma unroll
    for (int j = 0; j < TILE_VECTORS; j++) {
        const vec start = vec_load(j, bias);
#pragma unroll
        for (int r = 0; r < TILE_ROWS; r++)
#pragma unroll
            for (int i = 0; i < TILE_PIXELS; i++) accumulator[r][i][j] = start;
    }

    for (int block = 0; block < input_blocks; block++) {
        for (int ky = 0; ky < KERNEL; ky++) {
            for (int kx = 0; kx < KERNEL; kx++) {
                __global const INPUT *pixel = input + (ky * INPUT_PITCH + kx) * INPUT_BLOCK;
// A tile is enough work between two tests of a loop: unrolling gains nothing and takes the compiler twice as long.
#pragma unroll 1
                for (int channel = 0; channel < INPUT_BLOCK; channel++) {
                    vec weight[TILE_VECTORS];
#pragma unroll
                    for (int j = 0; j < TILE_VECTORS; j++) weight[j] = stored_load(j, weights);
#pragma unroll
                    for (int r = 0; r < TILE_ROWS; r++) {
#pragma unroll
                        for (int i = 0; i < TILE_PIXELS; i++) {
                            if (r < rows && i < pixels) {
                                const vec value =
                                    (vec)(INPUT_VALUE(pixel + (r * INPUT_PITCH + i) * (STRIDE * INPUT_BLOCK) + channel));
#pragma unroll
                                for (int j = 0; j < TILE_VECTORS; j++)
                                    accumulator[r][i][j] = MULTIPLY_ADD(value, weight[j], accumulator[r][i][j]);
                            }
                        }
                    }
                    weights += CHANNELS_PER_ITEM;
                }
            }
        }
        input += INPUT_PLANE;
    }

#pragma unroll
    for (int j = 0; j < TILE_VECTORS; j++) {
        // Vectors narrower than a channel block fill it one after the other.
        __global stored *plane = output + (j * VECTOR_WIDTH / CHANNEL_BLOCK) * OUTPUT_PLANE
            + (j * VECTOR_WIDTH) % CHANNEL_BLOCK;
#pragma unroll
        for (int r = 0; r < TILE_ROWS; r++) {
#pragma unroll
            for (int i = 0; i < TILE_PIXELS; i++) {
                if (r < rows && i < pixels) {
                    __global stored *target = plane + (r * OUTPUT_PITCH + i) * CHANNEL_BLOCK;
                    vec value = accumulator[r][i][j];
#if RESIDUAL
                    value += stored_load(0, target);
#endif
                    if (rectify) value = RECTIFIED(value, (vec)(0.0f));
                    stored_store(value, 0, target);
#if ROW_SUMS
                    sums[r][j] += value;
#endif
                }
            }
        }
    }
}

// The tiles of an item: `rows` is a constant as above.
static inline __attribute__((always_inline)) void convolve_rows(
    const int rows, const int first_tile, const int input_blocks, __global const INPUT *input,
    __global const stored *weights, __global const float *bias, __global stored *output, const int rectify,
    vec sums[TILE_ROWS][TILE_VECTORS])
{
    for (int t = 0; t < ITEM_TILES; t++) {
        const int x = (first_tile + t) * TILE_PIXELS;
        __global const INPUT *tile_input = input + x * STRIDE * INPUT_BLOCK;
        __global stored *tile_output = output + x * CHANNEL_BLOCK;
        if (x + TILE_PIXELS <= OUTPUT_WIDTH)
            convolve_tile(rows, TILE_PIXELS, input_blocks, tile_input, weights, bias, tile_output, rectify, sums);
#if TAIL_PIXELS
        else if (x < OUTPUT_WIDTH)
            convolve_tile(rows, TAIL_PIXELS, input_blocks, tile_input, weights, bias, tile_output, rectify, sums);
#endif
    }
}

// active: the image for each index of dimension 2, or -1 where there is nothing to do.
// decisions: per image, -1 where its branch stays closed (read for ACTIVATION 2).
// input_blocks: blocks of INPUT_BLOCK channels; output_blocks: blocks of 16.
__kernel __attribute__((reqd_work_group_size(GROUP_SIZE, 1, 1)))
void convolution(
    __global const INPUT *restrict input, __global const stored *restrict weights, __global const float *restrict bias,
    __global stored *output, __global float *restrict row_sums, __global const int *restrict active,
    const int active_offset, __global const int *restrict decisions, const int decisions_offset, const int input_blocks,
    const int output_blocks)
{
    const int image = active[active_offset + get_global_id(2)];
    if (image < 0) return;
    const int item = get_global_id(0);
#if (ROW_GROUPS * ROW_ITEMS) % GROUP_SIZE
    if (item >= ROW_GROUPS * ROW_ITEMS) return;
#endif
    const int row = item / ROW_ITEMS * TILE_ROWS;
    const int first_tile = (item % ROW_ITEMS) * ITEM_TILES;
    const int channels = get_global_id(1) * CHANNELS_PER_ITEM;

#if ACTIVATION == 2
    const int rectify = decisions[decisions_offset + image] < 0;
#else
    const int rectify = ACTIVATION;
#endif

    input += (size_t)image * ((size_t)input_blocks * INPUT_PLANE)
        + ((row * STRIDE + INPUT_HALO - PADDING) * INPUT_PITCH + INPUT_HALO - PADDING) * INPUT_BLOCK;
    weights += (size_t)channels * (input_blocks * (INPUT_BLOCK * KERNEL * KERNEL));
    bias += channels;
    output += (size_t)image * ((size_t)output_blocks * OUTPUT_PLANE) + (size_t)(channels / CHANNEL_BLOCK) * OUTPUT_PLANE
        + ((row + OUTPUT_HALO) * OUTPUT_PITCH + OUTPUT_HALO) * CHANNEL_BLOCK + channels % CHANNEL_BLOCK;

    vec sums[TILE_ROWS][TILE_VECTORS];
#if ROW_SUMS
#pragma unroll
    for (int r = 0; r < TILE_ROWS; r++)
#pragma unroll
        for (int j = 0; j < TILE_VECTORS; j++) sums[r][j] = (vec)(0.0f);
#endif

#if TAIL_ROWS
    const int rows = row + TILE_ROWS <= OUTPUT_HEIGHT ? TILE_ROWS : TAIL_ROWS;
    if (rows != TILE_ROWS)
        convolve_rows(TAIL_ROWS, first_tile, input_blocks, input, weights, bias, output, rectify, sums);
    else
#else
    const int rows = TILE_ROWS;
#endif
        convolve_rows(TILE_ROWS, first_tile, input_blocks, input, weights, bias, output, rectify, sums);

#if ROW_SUMS
    __global float *row_sum = row_sums + ((size_t)image * OUTPUT_HEIGHT + row) * (output_blocks * CHANNEL_BLOCK)
        + channels;
#pragma unroll
    for (int r = 0; r < TILE_ROWS; r++) {
        if (r < rows) {
#pragma unroll
            for (int j = 0; j < TILE_VECTORS; j++) vec_store(sums[r][j], j, row_sum);
            row_sum += output_blocks * CHANNEL_BLOCK;
        }
    }
#endif
}
