// Batch normalization with given statistics, for where it cannot be folded into a convolution:
// y = scale * x + shift, with scale = gamma / sqrt(variance + epsilon) and shift = beta - scale * mean
// (Ioffe & Szegedy 2015), and optionally ReLU.
//
//   CHANNELS (a multiple of 16), HEIGHT, WIDTH, HALO, RECTIFY, ROW_SUMS

#define PITCH (WIDTH + 2 * HALO)
#define PLANE ((HEIGHT + 2 * HALO) * PITCH * CHANNEL_BLOCK)
#define BLOCKS (CHANNELS / CHANNEL_BLOCK)

#if HAS_LANES
// A work-item: a vector of channels of a pixel. Input and output may be the same buffer. Row sums are a launch of their own's.
__kernel void batch_normalization(
    __global const stored *input, __global const float *restrict scale, __global const float *restrict shift,
    __global stored *output, __global float *restrict row_sums)
{
    const int pixel = get_global_id(0) / BLOCK_VECTORS, lane = get_global_id(0) % BLOCK_VECTORS * VECTOR_WIDTH;
    if (pixel >= HEIGHT * WIDTH) return;
    const int channel = get_global_id(1) * CHANNEL_BLOCK + lane;
    const size_t place = ((size_t)get_global_id(2) * BLOCKS + get_global_id(1)) * PLANE
        + ((pixel / WIDTH + HALO) * PITCH + pixel % WIDTH + HALO) * CHANNEL_BLOCK + lane;
    vec value = MULTIPLY_ADD(
        stored_aligned_load(input + place), aligned_load(scale + channel), aligned_load(shift + channel));
#if RECTIFY
    value = RECTIFIED(value, (vec)(0.0f));
#endif
    stored_aligned_store(value, output + place);
}
#else
// A work-item: one row of one vector of channels of one image. Input and output may be the same buffer.
__kernel void batch_normalization(
    __global const stored *input, __global const float *restrict scale, __global const float *restrict shift,
    __global stored *output, __global float *restrict row_sums)
{
    const int image = get_global_id(2);
    const int row = get_global_id(0);
    const int channel = get_global_id(1) * VECTOR_WIDTH;
    const size_t start = ((size_t)image * BLOCKS + channel / CHANNEL_BLOCK) * PLANE
        + ((row + HALO) * PITCH + HALO) * CHANNEL_BLOCK + channel % CHANNEL_BLOCK;

    const vec factor = vec_load(0, scale + channel), offset = vec_load(0, shift + channel);
    vec sum = (vec)(0.0f);
    for (int x = 0; x < WIDTH; x++) {
        vec value = MULTIPLY_ADD(stored_load(0, input + start + x * CHANNEL_BLOCK), factor, offset);
#if RECTIFY
        value = RECTIFIED(value, (vec)(0.0f));
#endif
        stored_store(value, 0, output + start + x * CHANNEL_BLOCK);
        sum += value;
    }
#if ROW_SUMS
    vec_store(sum, 0, row_sums + ((size_t)image * HEIGHT + row) * CHANNELS + channel);
#endif
}
#endif
