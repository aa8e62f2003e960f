// Convolution as a product of matrices, the left one of which is never stored (implicit GEMM):
//
//   output[pixel][channel] = sum over k of patch[pixel][k] * weights[k][channel]
//
// where k runs over input channels and taps in the order [IC/INPUT_BLOCK][KERNEL][KERNEL][INPUT_BLOCK]. A work-group
// computes a tile of TILE_M pixels x TILE_N channels of one image: step by step it stages TILE_K columns of the patches and
// as many rows of the weights in local memory, from where each work-item multiplies ITEM_M pixels by ITEM_N channels in
// registers. Weights are packed as [OC/TILE_N][K/TILE_K][TILE_K][TILE_N], zero where either is padding.
//
// The tile, all of which may be tuned:
//   TILE_M, TILE_N, TILE_K   of a group; TILE_K is a multiple of VECTOR_WIDTH and of 4, and divides 16
//   ITEM_M, ITEM_N           of an item; they divide TILE_M and TILE_N, and ITEM_N is a multiple of VECTOR_WIDTH
// The problem:
//   INPUT_BLOCK (channels that lie together: 16, or 1 for pictures), INPUT_HEIGHT, INPUT_WIDTH, INPUT_HALO
//   OUTPUT_HEIGHT, OUTPUT_WIDTH, OUTPUT_HALO
//   KERNEL, STRIDE, PADDING
//   ACTIVATION     0 none, 1 ReLU, 2 ReLU where the image's branch stays closed (a shortcut that nothing is added to)
//   RESIDUAL       1: the output already holds the shortcut; add to it in place

#define ITEMS_M (TILE_M / ITEM_M)
#define ITEMS_N (TILE_N / ITEM_N)
#define GROUP_SIZE (ITEMS_M * ITEMS_N)
#define ITEM_VECTORS (ITEM_N / VECTOR_WIDTH)
#define TAPS (KERNEL * KERNEL)
#define PIXELS (OUTPUT_HEIGHT * OUTPUT_WIDTH)
#define INPUT_PITCH (INPUT_WIDTH + 2 * INPUT_HALO)
#define INPUT_PLANE ((INPUT_HEIGHT + 2 * INPUT_HALO) * INPUT_PITCH * INPUT_BLOCK)
#define OUTPUT_PITCH (OUTPUT_WIDTH + 2 * OUTPUT_HALO)
#define OUTPUT_PLANE ((OUTPUT_HEIGHT + 2 * OUTPUT_HALO) * OUTPUT_PITCH * CHANNEL_BLOCK)

// Pictures are floats, as they come from the host.
#if INPUT_BLOCK == 1
#define INPUT float
#define INPUT_VALUE(pointer) (*(pointer))
#else
#define INPUT stored
#define INPUT_VALUE(pointer) STORED_VALUE(pointer)
#endif

// Values of k that one load brings: pictures have nothing that lies together.
#if INPUT_BLOCK == 1
#define LOAD_WIDTH 1
#else
#define LOAD_WIDTH VECTOR_WIDTH
#endif
#define PATCH_LOADS (TILE_K / LOAD_WIDTH)
#define TILE_LOADS (TILE_M * PATCH_LOADS)
#define ITEM_LOADS ((TILE_LOADS + GROUP_SIZE - 1) / GROUP_SIZE)
#define WEIGHT_LOADS (TILE_K * TILE_N / VECTOR_WIDTH)
// Not TILE_K: items that read the same k of neighbouring pixels would meet in the same bank of local memory.
#define PATCH_PITCH (TILE_K + 4)

// One k: `component` of four consecutive values of each pixel.
#define MULTIPLY(component, offset)                                                                       \
    {                                                                                                     \
        vec weight[ITEM_VECTORS];                                                                         \
        _Pragma("unroll") for (int j = 0; j < ITEM_VECTORS; j++)                                          \
            weight[j] = vec_load(j * ITEMS_N + item_n, weight_tile + (k + offset) * TILE_N);              \
        _Pragma("unroll") for (int i = 0; i < ITEM_M; i++)                                                \
            _Pragma("unroll") for (int j = 0; j < ITEM_VECTORS; j++)                                      \
                sums[i][j] = MULTIPLY_ADD((vec)(values[i].component), weight[j], sums[i][j]);             \
    }

// active: the image for each index of dimension 2, or -1 where there is nothing to do.
// decisions: per image, -1 where its branch stays closed (read for ACTIVATION 2).
// input_blocks: blocks of INPUT_BLOCK channels; output_blocks: blocks of 16.
__kernel __attribute__((reqd_work_group_size(GROUP_SIZE, 1, 1)))
void implicit_gemm(
    __global const INPUT *restrict input, __global const stored *restrict weights, __global const float *restrict bias,
    __global stored *restrict output, __global const int *restrict active, const int active_offset,
    __global const int *restrict decisions, const int decisions_offset, const int input_blocks, const int output_blocks)
{
    __local float patch_tile[TILE_M * PATCH_PITCH];
    __local float weight_tile[TILE_K * TILE_N];

    // A group has one image: all of it returns, and nobody is left waiting at a barrier.
    const int image = active[active_offset + get_group_id(2)];
    if (image < 0) return;

    const int item = get_local_id(0);
    // Neighbours have neighbouring channels, and after these neighbouring pixels: their stores lie together.
    const int item_n = item % ITEMS_N, item_m = item / ITEMS_N;
    const int first_pixel = get_group_id(0) * TILE_M;
    const int first_channel = get_group_id(1) * TILE_N;
    const int inner = input_blocks * (TAPS * INPUT_BLOCK);
    const int steps = (inner + TILE_K - 1) / TILE_K;

    input += (size_t)image * ((size_t)input_blocks * INPUT_PLANE)
        + (INPUT_HALO - PADDING) * (INPUT_PITCH + 1) * INPUT_BLOCK;
    weights += (size_t)get_group_id(1) * steps * (TILE_K * TILE_N);
    output += (size_t)image * ((size_t)output_blocks * OUTPUT_PLANE);

    // What an item stages belongs to the same pixels in every step. Past the last pixel it stages that one again, and
    // nothing is stored of it.
    int origin[ITEM_LOADS];
#pragma unroll
    for (int l = 0; l < ITEM_LOADS; l++) {
        const int load = item + l * GROUP_SIZE;
#if INPUT_BLOCK == 1
        const int pixel = min(first_pixel + load % TILE_M, PIXELS - 1);
#else
        const int pixel = min(first_pixel + load / PATCH_LOADS, PIXELS - 1);
#endif
        origin[l] = (pixel / OUTPUT_WIDTH * INPUT_PITCH + pixel % OUTPUT_WIDTH) * (STRIDE * INPUT_BLOCK);
    }

    vec sums[ITEM_M][ITEM_VECTORS];
#pragma unroll
    for (int i = 0; i < ITEM_M; i++)
#pragma unroll
        for (int j = 0; j < ITEM_VECTORS; j++) sums[i][j] = (vec)(0.0f);

    for (int step = 0; step < steps; step++) {
#if INPUT_BLOCK == 1
#pragma unroll
        for (int l = 0; l < ITEM_LOADS; l++) {
            const int load = item + l * GROUP_SIZE;
            if (load < TILE_LOADS) {
                const int k = step * TILE_K + load / TILE_M;
                const int tap = k % TAPS;
                float value = 0.0f;
                if (k < inner)
                    value = INPUT_VALUE(
                        input + (size_t)(k / TAPS) * INPUT_PLANE + tap / KERNEL * INPUT_PITCH + tap % KERNEL + origin[l]);
                patch_tile[load % TILE_M * PATCH_PITCH + load / TILE_M] = value;
            }
        }
#else
        const int block_step = step * TILE_K / INPUT_BLOCK;
        const int tap = block_step % TAPS;
        __global const INPUT *source = input + (size_t)(block_step / TAPS) * INPUT_PLANE
            + (tap / KERNEL * INPUT_PITCH + tap % KERNEL) * INPUT_BLOCK + step * TILE_K % INPUT_BLOCK;
#pragma unroll
        for (int l = 0; l < ITEM_LOADS; l++) {
            const int load = item + l * GROUP_SIZE;
            if (load < TILE_LOADS)
                vec_store(
                    stored_load(load % PATCH_LOADS, source + origin[l]), load % PATCH_LOADS,
                    patch_tile + load / PATCH_LOADS * PATCH_PITCH);
        }
#endif
        for (int load = item; load < WEIGHT_LOADS; load += GROUP_SIZE)
            vec_store(stored_load(load, weights), load, weight_tile);
        weights += TILE_K * TILE_N;
        barrier(CLK_LOCAL_MEM_FENCE);

        for (int k = 0; k < TILE_K; k += 4) {
            float4 values[ITEM_M];
#pragma unroll
            for (int i = 0; i < ITEM_M; i++)
                values[i] = vload4(0, patch_tile + (i * ITEMS_M + item_m) * PATCH_PITCH + k);
            MULTIPLY(s0, 0)
            MULTIPLY(s1, 1)
            MULTIPLY(s2, 2)
            MULTIPLY(s3, 3)
        }
        barrier(CLK_LOCAL_MEM_FENCE);
    }

#if ACTIVATION == 2
    const int rectify = decisions[decisions_offset + image] < 0;
#else
    const int rectify = ACTIVATION;
#endif
#pragma unroll
    for (int i = 0; i < ITEM_M; i++) {
        const int pixel = first_pixel + i * ITEMS_M + item_m;
#pragma unroll
        for (int j = 0; j < ITEM_VECTORS; j++) {
            const int channel = first_channel + (j * ITEMS_N + item_n) * VECTOR_WIDTH;
            if (pixel < PIXELS && channel < output_blocks * CHANNEL_BLOCK) {
                __global stored *target = output + (size_t)(channel / CHANNEL_BLOCK) * OUTPUT_PLANE
                    + ((pixel / OUTPUT_WIDTH + OUTPUT_HALO) * OUTPUT_PITCH + pixel % OUTPUT_WIDTH + OUTPUT_HALO)
                        * CHANNEL_BLOCK
                    + channel % CHANNEL_BLOCK;
                vec value = sums[i][j] + vec_load(0, bias + channel);
#if RESIDUAL
                value += stored_load(0, target);
#endif
                if (rectify) value = RECTIFIED(value, (vec)(0.0f));
                stored_store(value, 0, target);
            }
        }
    }
}
