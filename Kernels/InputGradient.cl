// The gradient of a strided convolution with respect to its input. (At stride 1 it is a convolution itself, with the
// kernel turned round, and Convolution.cl or Winograd.cl does it.)
//
// Input pixels a stride apart see the same taps. A work-item has a row of them, and CHANNELS_PER_ITEM input channels; it takes
// TILE_PIXELS pixels of the same remainder at a time. Weights are packed as [IC/CHANNELS_PER_ITEM][OC/16][AREA][16]
// [CHANNELS_PER_ITEM].
//
// The problem: INPUT_HEIGHT, INPUT_WIDTH, OUTPUT_HEIGHT, OUTPUT_WIDTH, KERNEL, STRIDE, PADDING as in Convolution.cl
//   ADDING  1: adds to what the result holds
// The tile: TILE_PIXELS, TILE_VECTORS

#define CHANNELS_PER_ITEM (VECTOR_WIDTH * TILE_VECTORS)
#define AREA (KERNEL * KERNEL)
#define INPUT_PITCH (INPUT_WIDTH + 2)
#define INPUT_PLANE ((INPUT_HEIGHT + 2) * INPUT_PITCH * CHANNEL_BLOCK)
#define OUTPUT_PITCH (OUTPUT_WIDTH + 2)
#define OUTPUT_PLANE ((OUTPUT_HEIGHT + 2) * OUTPUT_PITCH * CHANNEL_BLOCK)

__kernel void input_gradient(
    __global const float *restrict gradient, __global const float *restrict weights, __global float *restrict result,
    const int input_blocks, const int output_blocks)
{
    const int row = get_global_id(0), image = get_global_id(2);
    const int channel = get_global_id(1) * CHANNELS_PER_ITEM;
    gradient += (size_t)image * output_blocks * OUTPUT_PLANE;
    weights += (size_t)channel * output_blocks * (CHANNEL_BLOCK * AREA);
    result += ((size_t)image * input_blocks + channel / CHANNEL_BLOCK) * INPUT_PLANE
        + ((row + 1) * INPUT_PITCH + 1) * CHANNEL_BLOCK + channel % CHANNEL_BLOCK;

    for (int remainder = 0; remainder < STRIDE; remainder++) {
        for (int first = remainder; first < INPUT_WIDTH; first += TILE_PIXELS * STRIDE) {
            vec sums[TILE_PIXELS][TILE_VECTORS];
#pragma unroll
            for (int i = 0; i < TILE_PIXELS; i++)
#pragma unroll
                for (int j = 0; j < TILE_VECTORS; j++) sums[i][j] = (vec)(0.0f);
            for (int ky = 0; ky < KERNEL; ky++) {
                const int y = row + PADDING - ky;
                if (y < 0 || y % STRIDE || y / STRIDE >= OUTPUT_HEIGHT) continue;
                for (int kx = 0; kx < KERNEL; kx++) {
                    // Never negative: so that division and remainder mean the same for all.
                    const int shifted = first + PADDING - kx + KERNEL * STRIDE;
                    if (shifted % STRIDE) continue;
                    // Where a tap sees no pixel of the output, the halo's corner stands for it: it is 0.
                    int places[TILE_PIXELS];
#pragma unroll
                    for (int i = 0; i < TILE_PIXELS; i++) {
                        const int x = shifted / STRIDE - KERNEL + i;
                        places[i] = x >= 0 && x < OUTPUT_WIDTH
                            ? ((y / STRIDE + 1) * OUTPUT_PITCH + x + 1) * CHANNEL_BLOCK : 0;
                    }
                    for (int block = 0; block < output_blocks; block++) {
                        __global const float *plane = gradient + (size_t)block * OUTPUT_PLANE;
                        __global const float *tap_weights = weights
                            + ((size_t)block * AREA + ky * KERNEL + kx) * (CHANNEL_BLOCK * CHANNELS_PER_ITEM);
#pragma unroll 1
                        for (int c = 0; c < CHANNEL_BLOCK; c++) {
                            vec weight[TILE_VECTORS];
#pragma unroll
                            for (int j = 0; j < TILE_VECTORS; j++) weight[j] = vec_load(j, tap_weights);
#pragma unroll
                            for (int i = 0; i < TILE_PIXELS; i++) {
                                const vec value = (vec)(plane[places[i] + c]);
#pragma unroll
                                for (int j = 0; j < TILE_VECTORS; j++)
                                    sums[i][j] = MULTIPLY_ADD(value, weight[j], sums[i][j]);
                            }
                            tap_weights += CHANNELS_PER_ITEM;
                        }
                    }
                }
            }
#pragma unroll
            for (int i = 0; i < TILE_PIXELS; i++) {
                const int x = first + i * STRIDE;
                if (x < INPUT_WIDTH) {
#pragma unroll
                    for (int j = 0; j < TILE_VECTORS; j++) {
                        // Vectors narrower than a channel block fill it one after the other.
                        __global float *target = result + (j * VECTOR_WIDTH / CHANNEL_BLOCK) * INPUT_PLANE
                            + (j * VECTOR_WIDTH) % CHANNEL_BLOCK + x * CHANNEL_BLOCK;
                        vec value = sums[i][j];
#if ADDING
                        value += vec_load(0, target);
#endif
                        vec_store(value, 0, target);
                    }
                }
            }
        }
    }
}
