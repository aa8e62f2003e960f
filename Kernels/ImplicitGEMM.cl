// Convolution as a product of matrices, the left one of which is never stored (implicit GEMM):
//
//   output[pixel][channel] = sum over k of patch[pixel][k] * weights[k][channel]
//
// where k runs over input channels and taps in the order [IC/INPUT_BLOCK][KERNEL][KERNEL][INPUT_BLOCK]. A work-group
// computes a tile of TILE_M pixels x TILE_N channels of one image: step by step it stages TILE_K columns of the patches and
// as many rows of the weights in local memory, from where each work-item multiplies ITEM_M pixels by ITEM_N channels in
// registers. While it multiplies, what the next step stages is on its way from global memory to registers. Weights are
// packed as [OC/TILE_N][K/TILE_K][TILE_K][TILE_N], zero where either is padding.
//
// Where tiles are too few to fill a device, SPLITS groups share one: each sums its part of k, and implicit_gemm_reduce adds
// the parts in their order.
//
// The tile, all of which may be tuned:
//   TILE_M, TILE_N, TILE_K   of a group; TILE_K is a multiple of VECTOR_WIDTH and of 4, and divides 16 or is a multiple of it
//   ITEM_M, ITEM_N           of an item; they divide TILE_M and TILE_N, and ITEM_N is a multiple of VECTOR_WIDTH
//   SPLITS                   of k
//   REDUCE_ITEMS             of a group of implicit_gemm_reduce
//   REDUCE_PIXELS            that an item of it reads together
// The problem:
//   INPUT_BLOCK (channels that lie together: 16, or 1 for pictures), INPUT_HEIGHT, INPUT_WIDTH, INPUT_HALO
//   OUTPUT_HEIGHT, OUTPUT_WIDTH, OUTPUT_HALO
//   KERNEL, STRIDE, PADDING
//   BACKWARD       1: the gradient of such a convolution with respect to its input. INPUT_… then is the gradient with
//                  respect to the convolution's output, and OUTPUT_… the one with respect to its input
//   ACTIVATION     0 none, 1 ReLU, 2 ReLU where the image's branch stays closed (a shortcut that nothing is added to)
//   RESIDUAL       1: the output already holds the shortcut; add to it in place
//   ROW_SUMS       1: implicit_gemm_reduce sums the output's rows

#define ITEMS_M (TILE_M / ITEM_M)
#define ITEMS_N (TILE_N / ITEM_N)
#define GROUP_SIZE (ITEMS_M * ITEMS_N)
#define ITEM_VECTORS (ITEM_N / VECTOR_WIDTH)
#define TAPS (KERNEL * KERNEL)
#define INPUT_PITCH (INPUT_WIDTH + 2 * INPUT_HALO)
#define INPUT_PLANE ((INPUT_HEIGHT + 2 * INPUT_HALO) * INPUT_PITCH * INPUT_BLOCK)
#define OUTPUT_PITCH (OUTPUT_WIDTH + 2 * OUTPUT_HALO)
#define OUTPUT_PLANE ((OUTPUT_HEIGHT + 2 * OUTPUT_HALO) * OUTPUT_PITCH * CHANNEL_BLOCK)
#define PIXELS (OUTPUT_HEIGHT * OUTPUT_WIDTH)

// Backward, pixels a stride apart see the same taps: those of a tile have the same remainders.
#if BACKWARD
#define TILED_HEIGHT ((OUTPUT_HEIGHT + STRIDE - 1) / STRIDE)
#define TILED_WIDTH ((OUTPUT_WIDTH + STRIDE - 1) / STRIDE)
#define REMAINDERS (STRIDE * STRIDE)
#else
#define TILED_HEIGHT OUTPUT_HEIGHT
#define TILED_WIDTH OUTPUT_WIDTH
#define REMAINDERS 1
#endif
#define TILED_PIXELS (TILED_HEIGHT * TILED_WIDTH)
#define PIXEL_TILES ((TILED_PIXELS + TILE_M - 1) / TILE_M)

// Pictures are floats, as they come from the host, and nothing in them lies together.
#if INPUT_BLOCK == 1
#define INPUT float
#define LOAD_WIDTH 1
#define LOADED float
#else
#define INPUT stored
#define LOAD_WIDTH VECTOR_WIDTH
#define LOADED vec
#endif

#define PATCH_LOADS (TILE_K / LOAD_WIDTH)
#define TILE_LOADS (TILE_M * PATCH_LOADS)
#define ITEM_LOADS ((TILE_LOADS + GROUP_SIZE - 1) / GROUP_SIZE)
#define WEIGHT_LOADS (TILE_K * TILE_N / VECTOR_WIDTH)
#define ITEM_WEIGHT_LOADS ((WEIGHT_LOADS + GROUP_SIZE - 1) / GROUP_SIZE)
// Whether an item has the load, which the compiler knows where all items have as many.
#define HAS_LOAD(load) (TILE_LOADS % GROUP_SIZE == 0 || (load) < TILE_LOADS)
#define HAS_WEIGHT_LOAD(load) (WEIGHT_LOADS % GROUP_SIZE == 0 || (load) < WEIGHT_LOADS)
// Not TILE_K: items that read the same k of neighbouring pixels would meet in the same bank of local memory.
#define PATCH_PITCH (TILE_K + 4)

// Vectors of four are aligned: buffers, blocks of channels, panels of weights and rows of local memory all begin at a
// multiple of 16 bytes, or of 8 where they are halves. vloadn promises no more than an element's alignment, and some
// compilers make n loads of it.
#if VECTOR_WIDTH == 4
#define local_at(pointer) (*(__local const float4 *)(pointer))
#define to_local(value, pointer) (*(__local float4 *)(pointer) = (value))
#define floats_at(pointer) (*(__global const float4 *)(pointer))
#define to_floats(value, pointer) (*(__global float4 *)(pointer) = (value))
#else
#define local_at(pointer) vec_load(0, pointer)
#define to_local(value, pointer) vec_store(value, 0, pointer)
#define floats_at(pointer) vec_load(0, pointer)
#define to_floats(value, pointer) vec_store(value, 0, pointer)
#endif
#if !STORES_HALVES
#define stored_at floats_at
#define to_stored to_floats
#elif VECTOR_WIDTH == 4
static inline __attribute__((always_inline)) float4 halves_at(__global const half *pointer)
{
    const ushort4 halves = *(__global const ushort4 *)pointer;
    return vload_half4(0, (const half *)&halves);
}
static inline __attribute__((always_inline)) void to_halves(const float4 value, __global half *pointer)
{
    ushort4 halves;
    vstore_half4(value, 0, (half *)&halves);
    *(__global ushort4 *)pointer = halves;
}
#define stored_at halves_at
#define to_stored to_halves
#else
#define stored_at(pointer) stored_load(0, pointer)
#define to_stored(value, pointer) stored_store(value, 0, pointer)
#endif

// One k: `component` of four consecutive values of each pixel.
#define MULTIPLY(component, offset)                                                                       \
    {                                                                                                     \
        vec weight[ITEM_VECTORS];                                                                         \
        _Pragma("unroll") for (int j = 0; j < ITEM_VECTORS; j++)                                          \
            weight[j] = local_at(weight_tile + (k + offset) * TILE_N + (j * ITEMS_N + item_n) * VECTOR_WIDTH); \
        _Pragma("unroll") for (int i = 0; i < ITEM_M; i++)                                                \
            _Pragma("unroll") for (int j = 0; j < ITEM_VECTORS; j++)                                      \
                sums[i][j] = MULTIPLY_ADD((vec)(values[i].component), weight[j], sums[i][j]);             \
    }

// Taps that a pixel sees backward in one direction, by what is left of its place and the padding after whole strides: every
// STRIDE-th from that on.
#define TAPS_SEEN(remainder) ((KERNEL - (remainder) + STRIDE - 1) / STRIDE)

// Reads what an item stages of a step. `first_y` and `first_x` are the first taps that the group's pixels see backward.
static inline __attribute__((always_inline)) void read_step(
    const int step, const int blocks, const int first_y, const int first_x, const int *origins,
    __global const INPUT *input, __global const stored *weights, LOADED *patches, vec *panel)
{
    const int item = get_local_id(0);
#if BACKWARD
    const int columns = TAPS_SEEN(first_x), taps = TAPS_SEEN(first_y) * columns;
    const int part = step / (INPUT_BLOCK / TILE_K), first_channel = step % (INPUT_BLOCK / TILE_K) * TILE_K;
    const int block = part / taps, tap_y = part % taps / columns, tap_x = part % taps % columns;
    const int first_row = ((block * KERNEL + first_y + tap_y * STRIDE) * KERNEL + first_x + tap_x * STRIDE) * INPUT_BLOCK
        + first_channel;
    input += (size_t)block * INPUT_PLANE + first_channel;
#else
    const int first_row = step * TILE_K;
#endif
#pragma unroll
    for (int l = 0; l < ITEM_LOADS; l++) {
        const int load = item + l * GROUP_SIZE;
        if (HAS_LOAD(load)) {
#if BACKWARD
            // Where a tap sees no pixel, the halo's corner stands for it: it is 0.
            const int y = (origins[l] >> 16) - tap_y, x = (origins[l] & 0xffff) - tap_x;
            const int place = y >= 0 && y < INPUT_HEIGHT && x >= 0 && x < INPUT_WIDTH
                ? ((y + INPUT_HALO) * INPUT_PITCH + x + INPUT_HALO) * INPUT_BLOCK : 0;
            patches[l] = stored_at(input + place + load % PATCH_LOADS * VECTOR_WIDTH);
#elif INPUT_BLOCK == 1
            const int k = first_row + load / TILE_M;
            const int tap = k % TAPS;
            patches[l] = k < blocks * TAPS
                ? input[(size_t)(k / TAPS) * INPUT_PLANE + tap / KERNEL * INPUT_PITCH + tap % KERNEL + origins[l]] : 0.0f;
#else
            const int k = first_row + load % PATCH_LOADS * VECTOR_WIDTH;
            // Weights beyond the last part are zero; what is read must be there.
            const int part = min(k / INPUT_BLOCK, blocks * TAPS - 1);
            const int tap = part % TAPS;
            patches[l] = stored_at(
                input + (size_t)(part / TAPS) * INPUT_PLANE + (tap / KERNEL * INPUT_PITCH + tap % KERNEL) * INPUT_BLOCK
                + k % INPUT_BLOCK + origins[l]);
#endif
        }
    }
    weights += (size_t)first_row * TILE_N;
#pragma unroll
    for (int l = 0; l < ITEM_WEIGHT_LOADS; l++) {
        const int load = item + l * GROUP_SIZE;
        if (HAS_WEIGHT_LOAD(load)) panel[l] = stored_at(weights + load * VECTOR_WIDTH);
    }
}

// active: the image for each index of dimension 2, or -1 where there is nothing to do.
// decisions: per image, -1 where its branch stays closed (read for ACTIVATION 2).
// partial: where SPLITS are more than 1, [index of dimension 2][SPLITS][PIXELS][output channels]
// input_blocks: blocks of INPUT_BLOCK channels; output_blocks: blocks of 16.
// Dimension 0 counts tiles of pixels, for each remainder, and again for each split; dimension 1 tiles of channels.
__kernel __attribute__((reqd_work_group_size(GROUP_SIZE, 1, 1)))
void implicit_gemm(
    __global const INPUT *restrict input, __global const stored *restrict weights, __global const float *restrict bias,
    __global stored *restrict output, __global const int *restrict active, const int active_offset,
    __global const int *restrict decisions, const int decisions_offset, const int input_blocks, const int output_blocks,
    __global float *restrict partial)
{
    __local float patch_tile[TILE_M * PATCH_PITCH] __attribute__((aligned(16)));
    __local float weight_tile[TILE_K * TILE_N] __attribute__((aligned(16)));

    // A group has one image: all of it returns, and nobody is left waiting at a barrier.
    const int image = active[active_offset + get_group_id(2)];
    if (image < 0) return;

    const int item = get_local_id(0);
    // Neighbours have neighbouring channels, and after these neighbouring pixels: their stores lie together.
    const int item_n = item % ITEMS_N, item_m = item / ITEMS_N;
    const int split = get_group_id(0) / (PIXEL_TILES * REMAINDERS);
    const int first_pixel = get_group_id(0) % PIXEL_TILES * TILE_M;
    const int first_channel = get_group_id(1) * TILE_N;

#if BACKWARD
    const int remainder_y = get_group_id(0) / PIXEL_TILES % REMAINDERS / STRIDE;
    const int remainder_x = get_group_id(0) / PIXEL_TILES % STRIDE;
    const int first_y = (remainder_y + PADDING) % STRIDE, first_x = (remainder_x + PADDING) % STRIDE;
    const int steps = input_blocks * TAPS_SEEN(first_y) * TAPS_SEEN(first_x) * (INPUT_BLOCK / TILE_K);
    weights += (size_t)first_channel * input_blocks * (TAPS * INPUT_BLOCK);
#else
    const int first_y = 0, first_x = 0;
    const int steps = (input_blocks * (TAPS * INPUT_BLOCK) + TILE_K - 1) / TILE_K;
    weights += (size_t)first_channel * steps * TILE_K;
    input += (INPUT_HALO - PADDING) * (INPUT_PITCH + 1) * INPUT_BLOCK;
#endif
    input += (size_t)image * ((size_t)input_blocks * INPUT_PLANE);

    const int first_step = steps * split / SPLITS, last_step = steps * (split + 1) / SPLITS;

    // What an item stages belongs to the same pixels in every step. Past the last pixel it stages that one again, and
    // nothing is stored of it.
    int origins[ITEM_LOADS];
#pragma unroll
    for (int l = 0; l < ITEM_LOADS; l++) {
        const int load = item + l * GROUP_SIZE;
#if INPUT_BLOCK == 1
        const int pixel = min(first_pixel + load % TILE_M, TILED_PIXELS - 1);
#else
        const int pixel = min(first_pixel + load / PATCH_LOADS, TILED_PIXELS - 1);
#endif
#if BACKWARD
        // Row and column that the first tap sees, in one register.
        origins[l] = (pixel / TILED_WIDTH + (remainder_y + PADDING) / STRIDE) << 16
            | (pixel % TILED_WIDTH + (remainder_x + PADDING) / STRIDE);
#else
        origins[l] = (pixel / OUTPUT_WIDTH * INPUT_PITCH + pixel % OUTPUT_WIDTH) * (STRIDE * INPUT_BLOCK);
#endif
    }

    vec sums[ITEM_M][ITEM_VECTORS];
#pragma unroll
    for (int i = 0; i < ITEM_M; i++)
#pragma unroll
        for (int j = 0; j < ITEM_VECTORS; j++) sums[i][j] = (vec)(0.0f);

    LOADED patches[ITEM_LOADS];
    vec panel[ITEM_WEIGHT_LOADS];
    if (first_step < last_step)
        read_step(first_step, input_blocks, first_y, first_x, origins, input, weights, patches, panel);
    for (int step = first_step; step < last_step; step++) {
        barrier(CLK_LOCAL_MEM_FENCE);
#pragma unroll
        for (int l = 0; l < ITEM_LOADS; l++) {
            const int load = item + l * GROUP_SIZE;
            if (HAS_LOAD(load)) {
#if INPUT_BLOCK == 1
                patch_tile[load % TILE_M * PATCH_PITCH + load / TILE_M] = patches[l];
#else
                to_local(
                    patches[l], patch_tile + load / PATCH_LOADS * PATCH_PITCH + load % PATCH_LOADS * VECTOR_WIDTH);
#endif
            }
        }
#pragma unroll
        for (int l = 0; l < ITEM_WEIGHT_LOADS; l++) {
            const int load = item + l * GROUP_SIZE;
            if (HAS_WEIGHT_LOAD(load)) to_local(panel[l], weight_tile + load * VECTOR_WIDTH);
        }
        barrier(CLK_LOCAL_MEM_FENCE);
        if (step + 1 < last_step)
            read_step(step + 1, input_blocks, first_y, first_x, origins, input, weights, patches, panel);

        // Not unrolled: what is read for one pass would be kept in registers through all others.
#pragma unroll 1
        for (int k = 0; k < TILE_K; k += 4) {
            float4 values[ITEM_M];
#pragma unroll
            for (int i = 0; i < ITEM_M; i++)
                values[i] = *(__local const float4 *)(patch_tile + (i * ITEMS_M + item_m) * PATCH_PITCH + k);
            MULTIPLY(s0, 0)
            MULTIPLY(s1, 1)
            MULTIPLY(s2, 2)
            MULTIPLY(s3, 3)
        }
    }

#if SPLITS > 1
    partial += ((size_t)get_group_id(2) * SPLITS + split) * PIXELS * (output_blocks * CHANNEL_BLOCK);
#else
    output += (size_t)image * ((size_t)output_blocks * OUTPUT_PLANE);
#if ACTIVATION == 2
    const int rectify = decisions[decisions_offset + image] < 0;
#else
    const int rectify = ACTIVATION;
#endif
#endif
#pragma unroll
    for (int i = 0; i < ITEM_M; i++) {
        const int pixel = first_pixel + i * ITEMS_M + item_m;
#if BACKWARD
        const int y = pixel / TILED_WIDTH * STRIDE + remainder_y;
        const int x = pixel % TILED_WIDTH * STRIDE + remainder_x;
        const int exists = y < OUTPUT_HEIGHT && x < OUTPUT_WIDTH;
#else
        const int y = pixel / OUTPUT_WIDTH, x = pixel % OUTPUT_WIDTH;
        const int exists = pixel < PIXELS;
#endif
#pragma unroll
        for (int j = 0; j < ITEM_VECTORS; j++) {
            const int channel = first_channel + (j * ITEMS_N + item_n) * VECTOR_WIDTH;
            if (exists && channel < output_blocks * CHANNEL_BLOCK) {
#if SPLITS > 1
                to_floats(
                    sums[i][j], partial + (size_t)(y * OUTPUT_WIDTH + x) * (output_blocks * CHANNEL_BLOCK) + channel);
#else
                __global stored *target = output + (size_t)(channel / CHANNEL_BLOCK) * OUTPUT_PLANE
                    + ((y + OUTPUT_HALO) * OUTPUT_PITCH + x + OUTPUT_HALO) * CHANNEL_BLOCK + channel % CHANNEL_BLOCK;
                vec value = sums[i][j] + floats_at(bias + channel);
#if RESIDUAL
                value += stored_at(target);
#endif
                if (rectify) value = RECTIFIED(value, (vec)(0.0f));
                to_stored(value, target);
#endif
            }
        }
    }
}

#if SPLITS > 1
// The second stage: adds what the groups of a tile have summed, in their order, and stores it as a single group would.
// An item has a vector of channels of a pixel, or of a row where rows are summed; neighbours have neighbouring channels.
__kernel __attribute__((reqd_work_group_size(REDUCE_ITEMS, 1, 1)))
void implicit_gemm_reduce(
    __global const float *restrict partial, __global const float *restrict bias, __global stored *restrict output,
    __global float *restrict row_sums, __global const int *restrict active, const int active_offset,
    __global const int *restrict decisions, const int decisions_offset, const int output_blocks)
{
    const int image = active[active_offset + get_global_id(2)];
    if (image < 0) return;
    const int channels = output_blocks * CHANNEL_BLOCK;
    const int channel = get_global_id(0) % (channels / VECTOR_WIDTH) * VECTOR_WIDTH;
    const int place = get_global_id(0) / (channels / VECTOR_WIDTH);
#if ACTIVATION == 2
    const int rectify = decisions[decisions_offset + image] < 0;
#else
    const int rectify = ACTIVATION;
#endif
#if ROW_SUMS
    if (place >= OUTPUT_HEIGHT) return;
    const int first_pixel = place * OUTPUT_WIDTH, last_pixel = first_pixel + OUTPUT_WIDTH;
#else
    if (place >= PIXELS) return;
    const int first_pixel = place, last_pixel = first_pixel + 1;
#endif
    partial += (size_t)get_global_id(2) * SPLITS * PIXELS * channels + channel;
    output += ((size_t)image * output_blocks + channel / CHANNEL_BLOCK) * OUTPUT_PLANE + channel % CHANNEL_BLOCK;
    const vec start = floats_at(bias + channel);
    vec row_sum = (vec)(0.0f);
    for (int first = first_pixel; first < last_pixel; first += REDUCE_PIXELS) {
        // Several pixels wait for their values together. Past the last one that one is read again.
        vec values[REDUCE_PIXELS];
#pragma unroll
        for (int i = 0; i < REDUCE_PIXELS; i++) {
            __global const float *part = partial + (size_t)min(first + i, last_pixel - 1) * channels;
            values[i] = floats_at(part);
#pragma unroll 8
            for (int split = 1; split < SPLITS; split++)
                values[i] += floats_at(part + (size_t)split * PIXELS * channels);
        }
#pragma unroll
        for (int i = 0; i < REDUCE_PIXELS; i++) {
            const int pixel = first + i;
            if (REDUCE_PIXELS == 1 || pixel < last_pixel) {
                __global stored *target = output
                    + ((pixel / OUTPUT_WIDTH + OUTPUT_HALO) * OUTPUT_PITCH + pixel % OUTPUT_WIDTH + OUTPUT_HALO)
                        * CHANNEL_BLOCK;
                vec value = values[i] + start;
#if RESIDUAL
                value += stored_at(target);
#endif
                if (rectify) value = RECTIFIED(value, (vec)(0.0f));
                to_stored(value, target);
                row_sum += value;
            }
        }
    }
#if ROW_SUMS
    to_floats(row_sum, row_sums + ((size_t)image * OUTPUT_HEIGHT + place) * channels + channel);
#endif
}
#endif
