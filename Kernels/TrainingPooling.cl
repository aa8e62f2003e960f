// Pooling and parameter-free shortcuts in training. The extents of Pooling.cl and Shortcut.cl:
//   CHANNELS (a multiple of 16, of the input), INPUT_HEIGHT, INPUT_WIDTH, OUTPUT_HEIGHT, OUTPUT_WIDTH, KERNEL, STRIDE, PADDING
//   POOLED  1: the output's pooled features have a gradient too
// and for the shortcut, whose KERNEL is 1: OUTPUT_CHANNELS, FIRST_CHANNEL, USED_CHANNELS as in Shortcut.cl.

#define INPUT_PITCH (INPUT_WIDTH + 2)
#define INPUT_PLANE ((INPUT_HEIGHT + 2) * INPUT_PITCH * CHANNEL_BLOCK)
#define OUTPUT_PITCH (OUTPUT_WIDTH + 2)
#define OUTPUT_PLANE ((OUTPUT_HEIGHT + 2) * OUTPUT_PITCH * CHANNEL_BLOCK)
#define BLOCKS (CHANNELS / CHANNEL_BLOCK)

// The mean over the pixels, for a vector of channels of an image: from row sums [image][OUTPUT_HEIGHT][CHANNELS].
__kernel void mean_of_rows(__global const float *restrict row_sums, __global float *restrict pooled)
{
    const int channel = get_global_id(0) * VECTOR_WIDTH, image = get_global_id(1);
    row_sums += (size_t)image * (OUTPUT_HEIGHT * CHANNELS) + channel;
    vec sum = (vec)(0.0f);
    for (int row = 0; row < OUTPUT_HEIGHT; row++) sum += vec_load(0, row_sums + row * CHANNELS);
    vec_store(sum * (1.0f / (OUTPUT_HEIGHT * OUTPUT_WIDTH)), 0, pooled + (size_t)image * CHANNELS + channel);
}

#if FIRST_CHANNEL < 0
// A work-item: a row of the input's gradient, or a pixel where HAS_LANES, for a vector of channels of an image. Each pixel
// looks at the windows that it lies in, and takes the gradient of those whose first largest pixel, row by row, it is.
__kernel void backward_max_pool(
    __global const float *restrict input, __global const float *restrict output, __global const float *restrict gradient,
    __global const float *restrict pooled_gradient, __global float *restrict result)
{
#if HAS_LANES
    const int pixel = get_global_id(0) / BLOCK_VECTORS;
    if (pixel >= INPUT_HEIGHT * INPUT_WIDTH) return;
    const int row = pixel / INPUT_WIDTH, first = pixel % INPUT_WIDTH, end = first + 1;
    const int channel = get_global_id(1) * CHANNEL_BLOCK + get_global_id(0) % BLOCK_VECTORS * VECTOR_WIDTH;
#else
    const int row = get_global_id(0), first = 0, end = INPUT_WIDTH;
    const int channel = get_global_id(1) * VECTOR_WIDTH;
#endif
    const int image = get_global_id(2);
    const size_t plane = (size_t)image * BLOCKS + channel / CHANNEL_BLOCK;
    const int lane = channel % CHANNEL_BLOCK;
    input += plane * INPUT_PLANE + (INPUT_PITCH + 1) * CHANNEL_BLOCK + lane;
    result += plane * INPUT_PLANE + (INPUT_PITCH + 1) * CHANNEL_BLOCK + lane;
    output += plane * OUTPUT_PLANE + (OUTPUT_PITCH + 1) * CHANNEL_BLOCK + lane;
    gradient += plane * OUTPUT_PLANE + (OUTPUT_PITCH + 1) * CHANNEL_BLOCK + lane;
    const vec zero = (vec)(0.0f);
#if POOLED
    const vec added = aligned_load(pooled_gradient + (size_t)image * CHANNELS + channel)
        * (1.0f / (OUTPUT_HEIGHT * OUTPUT_WIDTH));
#else
    const vec added = zero;
#endif
    for (int x = first; x < end; x++) {
        const vec value = aligned_load(input + (row * INPUT_PITCH + x) * CHANNEL_BLOCK);
        vec sum = zero;
        for (int ky = 0; ky < KERNEL; ky++) {
            const int shifted_row = row + PADDING - ky;
            if (shifted_row < 0 || shifted_row % STRIDE || shifted_row / STRIDE >= OUTPUT_HEIGHT) continue;
            for (int kx = 0; kx < KERNEL; kx++) {
                const int shifted = x + PADDING - kx;
                if (shifted < 0 || shifted % STRIDE || shifted / STRIDE >= OUTPUT_WIDTH) continue;
                const int place = (shifted_row / STRIDE * OUTPUT_PITCH + shifted / STRIDE) * CHANNEL_BLOCK;
                const vec largest = aligned_load(output + place);
                vec g = value == largest ? aligned_load(gradient + place) + added : zero;
                // The pixels of the window that come before this one.
                for (int before = 0; before < ky * KERNEL + kx; before++) {
                    const int other_row = row - ky + before / KERNEL, other = x - kx + before % KERNEL;
                    if (other_row < 0 || other_row >= INPUT_HEIGHT || other < 0 || other >= INPUT_WIDTH) continue;
                    g = aligned_load(input + (other_row * INPUT_PITCH + other) * CHANNEL_BLOCK) == largest ? zero : g;
                }
                sum += g;
            }
        }
        aligned_store(sum, result + (row * INPUT_PITCH + x) * CHANNEL_BLOCK);
    }
}
#else
// A work-item: a row of the input's gradient for a block of channels of an image, or one value where HAS_LANES.
__kernel void backward_zero_padded_shortcut(__global const float *restrict gradient, __global float *restrict result)
{
#if HAS_LANES
    const int pixel = get_global_id(0) / CHANNEL_BLOCK;
    if (pixel >= INPUT_HEIGHT * INPUT_WIDTH) return;
    const int row = pixel / INPUT_WIDTH, first = pixel % INPUT_WIDTH, end = first + 1;
    const int first_lane = get_global_id(0) % CHANNEL_BLOCK, end_lane = first_lane + 1;
#else
    const int row = get_global_id(0), first = 0, end = INPUT_WIDTH, first_lane = 0, end_lane = CHANNEL_BLOCK;
#endif
    const int block = get_global_id(1), image = get_global_id(2);
    gradient += (size_t)image * (OUTPUT_CHANNELS / CHANNEL_BLOCK) * OUTPUT_PLANE
        + (row / STRIDE + 1) * OUTPUT_PITCH * CHANNEL_BLOCK + CHANNEL_BLOCK;
    result += ((size_t)image * BLOCKS + block) * INPUT_PLANE + ((row + 1) * INPUT_PITCH + 1) * CHANNEL_BLOCK;
    for (int x = first; x < end; x++) {
        const int seen = row % STRIDE == 0 && x % STRIDE == 0;
        for (int lane = first_lane; lane < end_lane; lane++) {
            const int channel = block * CHANNEL_BLOCK + lane;
            const int source = channel + FIRST_CHANNEL;
            result[x * CHANNEL_BLOCK + lane] = seen && channel < USED_CHANNELS
                ? gradient[(size_t)(source / CHANNEL_BLOCK) * OUTPUT_PLANE + x / STRIDE * CHANNEL_BLOCK
                    + source % CHANNEL_BLOCK]
                : 0.0f;
        }
    }
}
#endif
