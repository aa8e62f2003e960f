// Max pooling, and row sums of a feature map for producers that could not write them themselves.
//
//   CHANNELS (a multiple of 16), INPUT_HEIGHT, INPUT_WIDTH, INPUT_HALO, OUTPUT_HEIGHT, OUTPUT_WIDTH, OUTPUT_HALO
//   KERNEL, STRIDE, PADDING, ROW_SUMS (1: also write the sum of each output row per channel)

#define INPUT_PITCH (INPUT_WIDTH + 2 * INPUT_HALO)
#define INPUT_PLANE ((INPUT_HEIGHT + 2 * INPUT_HALO) * INPUT_PITCH * CHANNEL_BLOCK)
#define OUTPUT_PITCH (OUTPUT_WIDTH + 2 * OUTPUT_HALO)
#define OUTPUT_PLANE ((OUTPUT_HEIGHT + 2 * OUTPUT_HALO) * OUTPUT_PITCH * CHANNEL_BLOCK)
#define BLOCKS (CHANNELS / CHANNEL_BLOCK)

#if HAS_LANES
// A work-item: a vector of channels of an output pixel. The input has passed a ReLU, so that the zeros of its halo never exceed
// the maximum they stand beside. Row sums are a launch of their own's.
__kernel void max_pool(
    __global const stored *restrict input, __global stored *restrict output, __global float *restrict row_sums)
{
    const int pixel = get_global_id(0) / BLOCK_VECTORS, lane = get_global_id(0) % BLOCK_VECTORS * VECTOR_WIDTH;
    if (pixel >= OUTPUT_HEIGHT * OUTPUT_WIDTH) return;
    const int row = pixel / OUTPUT_WIDTH, x = pixel % OUTPUT_WIDTH;
    const size_t plane = (size_t)get_global_id(2) * BLOCKS + get_global_id(1);
    input += plane * INPUT_PLANE
        + ((row * STRIDE + INPUT_HALO - PADDING) * INPUT_PITCH + x * STRIDE + INPUT_HALO - PADDING) * CHANNEL_BLOCK + lane;
    vec largest = (vec)(0.0f);
    for (int ky = 0; ky < KERNEL; ky++)
        for (int kx = 0; kx < KERNEL; kx++)
            largest = fmax(largest, stored_aligned_load(input + (ky * INPUT_PITCH + kx) * CHANNEL_BLOCK));
    stored_aligned_store(
        largest, output + plane * OUTPUT_PLANE + ((row + OUTPUT_HALO) * OUTPUT_PITCH + x + OUTPUT_HALO) * CHANNEL_BLOCK + lane);
}

// The sums of an output row. A group has a block of channels, and adds up neighbouring pixels first.
__kernel void sum_rows(
    __global const stored *restrict output, __global float *restrict row_sums, __global const int *restrict active,
    const int active_offset, __local vec *scratch)
{
    const int image = active[active_offset + get_group_id(2)];
    const int row = get_group_id(0), block = get_group_id(1);
    // Work-items that leave before a barrier cost more than those which have nothing to add.
    const int width = image < 0 ? 0 : OUTPUT_WIDTH;
    output += ((size_t)max(image, 0) * BLOCKS + block) * OUTPUT_PLANE
        + ((row + OUTPUT_HALO) * OUTPUT_PITCH + OUTPUT_HALO) * CHANNEL_BLOCK + LANE;
    vec sum = (vec)(0.0f);
    for (int x = SLOT; x < width; x += SLOTS) sum += stored_aligned_load(output + x * CHANNEL_BLOCK);
    sum = block_sum(sum, scratch);
    if (SLOT == 0 && image >= 0)
        aligned_store(sum, row_sums + ((size_t)image * OUTPUT_HEIGHT + row) * CHANNELS + block * CHANNEL_BLOCK + LANE);
}
#else
// A work-item: one output row of one vector of channels of one image. The input has passed a ReLU, so that the zeros of
// its halo never exceed the maximum they stand beside.
__kernel void max_pool(
    __global const stored *restrict input, __global stored *restrict output, __global float *restrict row_sums)
{
    const int image = get_global_id(2);
    const int row = get_global_id(0);
    const int channel = get_global_id(1) * VECTOR_WIDTH;
    const int block = channel / CHANNEL_BLOCK, lane = channel % CHANNEL_BLOCK;

    input += ((size_t)image * BLOCKS + block) * INPUT_PLANE
        + ((row * STRIDE + INPUT_HALO - PADDING) * INPUT_PITCH + INPUT_HALO - PADDING) * CHANNEL_BLOCK + lane;
    output += ((size_t)image * BLOCKS + block) * OUTPUT_PLANE
        + ((row + OUTPUT_HALO) * OUTPUT_PITCH + OUTPUT_HALO) * CHANNEL_BLOCK + lane;
    vec sum = (vec)(0.0f);
    for (int x = 0; x < OUTPUT_WIDTH; x++) {
        vec largest = (vec)(0.0f);
        for (int ky = 0; ky < KERNEL; ky++)
            for (int kx = 0; kx < KERNEL; kx++)
                largest = fmax(largest, stored_load(0, input + (ky * INPUT_PITCH + x * STRIDE + kx) * CHANNEL_BLOCK));
        stored_store(largest, 0, output + x * CHANNEL_BLOCK);
        sum += largest;
    }
#if ROW_SUMS
    vec_store(sum, 0, row_sums + ((size_t)image * OUTPUT_HEIGHT + row) * CHANNELS + channel);
#endif
}

// The same sums, in the same order, as the epilogues write: routes do not depend on which of them ran. (Halves excepted:
// an epilogue sums what it has not rounded yet.)
__kernel void sum_rows(
    __global const stored *restrict output, __global float *restrict row_sums, __global const int *restrict active,
    const int active_offset)
{
    const int image = active[active_offset + get_global_id(2)];
    if (image < 0) return;
    const int row = get_global_id(0);
    const int channel = get_global_id(1) * VECTOR_WIDTH;
    const int block = channel / CHANNEL_BLOCK, lane = channel % CHANNEL_BLOCK;

    output += ((size_t)image * BLOCKS + block) * OUTPUT_PLANE
        + ((row + OUTPUT_HALO) * OUTPUT_PITCH + OUTPUT_HALO) * CHANNEL_BLOCK + lane;
    vec sum = (vec)(0.0f);
    for (int x = 0; x < OUTPUT_WIDTH; x++) sum += stored_load(0, output + x * CHANNEL_BLOCK);
    vec_store(sum, 0, row_sums + ((size_t)image * OUTPUT_HEIGHT + row) * CHANNELS + channel);
}
#endif
