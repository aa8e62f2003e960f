// The parameter-free shortcut of the CIFAR ResNets (He et al. 2016, option A): every STRIDE-th pixel, and zeros for the
// channels that the input does not have, as many before as after.
//
//   INPUT_CHANNELS, OUTPUT_CHANNELS (multiples of 16), FIRST_CHANNEL (the output channel of input channel 0),
//   USED_CHANNELS (input channels that are no padding), INPUT_HEIGHT, INPUT_WIDTH, INPUT_HALO,
//   OUTPUT_HEIGHT, OUTPUT_WIDTH, OUTPUT_HALO, STRIDE, ROW_SUMS

#define INPUT_PITCH (INPUT_WIDTH + 2 * INPUT_HALO)
#define INPUT_PLANE ((INPUT_HEIGHT + 2 * INPUT_HALO) * INPUT_PITCH * CHANNEL_BLOCK)
#define INPUT_BLOCKS (INPUT_CHANNELS / CHANNEL_BLOCK)
#define OUTPUT_PITCH (OUTPUT_WIDTH + 2 * OUTPUT_HALO)
#define OUTPUT_PLANE ((OUTPUT_HEIGHT + 2 * OUTPUT_HALO) * OUTPUT_PITCH * CHANNEL_BLOCK)
#define OUTPUT_BLOCKS (OUTPUT_CHANNELS / CHANNEL_BLOCK)

#if HAS_LANES
// A work-item: a channel of an output pixel. No ReLU: the input has passed one. Row sums are a launch of their own's.
__kernel void zero_padded_shortcut(
    __global const stored *restrict input, __global stored *restrict output, __global float *restrict row_sums)
{
    const int pixel = get_global_id(0) / CHANNEL_BLOCK, lane = get_global_id(0) % CHANNEL_BLOCK;
    if (pixel >= OUTPUT_HEIGHT * OUTPUT_WIDTH) return;
    const int row = pixel / OUTPUT_WIDTH, x = pixel % OUTPUT_WIDTH;
    const int block = get_global_id(1), image = get_global_id(2);
    const int channel = block * CHANNEL_BLOCK + lane - FIRST_CHANNEL;
    float value = 0.0f;
    if (channel >= 0 && channel < USED_CHANNELS)
        value = STORED_VALUE(input + ((size_t)image * INPUT_BLOCKS + channel / CHANNEL_BLOCK) * INPUT_PLANE
            + ((row * STRIDE + INPUT_HALO) * INPUT_PITCH + x * STRIDE + INPUT_HALO) * CHANNEL_BLOCK + channel % CHANNEL_BLOCK);
    STORE_VALUE(value, output + ((size_t)image * OUTPUT_BLOCKS + block) * OUTPUT_PLANE
        + ((row + OUTPUT_HALO) * OUTPUT_PITCH + x + OUTPUT_HALO) * CHANNEL_BLOCK + lane);
}
#else
// A work-item: one output row of one block of channels of one image. No ReLU: the input has passed one.
__kernel void zero_padded_shortcut(
    __global const stored *restrict input, __global stored *restrict output, __global float *restrict row_sums)
{
    const int image = get_global_id(2);
    const int row = get_global_id(0);
    const int block = get_global_id(1);

    input += (size_t)image * ((size_t)INPUT_BLOCKS * INPUT_PLANE)
        + ((row * STRIDE + INPUT_HALO) * INPUT_PITCH + INPUT_HALO) * CHANNEL_BLOCK;
    output += ((size_t)image * OUTPUT_BLOCKS + block) * OUTPUT_PLANE
        + ((row + OUTPUT_HALO) * OUTPUT_PITCH + OUTPUT_HALO) * CHANNEL_BLOCK;
    for (int lane = 0; lane < CHANNEL_BLOCK; lane++) {
        const int channel = block * CHANNEL_BLOCK + lane - FIRST_CHANNEL;
        const int present = channel >= 0 && channel < USED_CHANNELS;
        __global const stored *source =
            input + (present ? (size_t)(channel / CHANNEL_BLOCK) * INPUT_PLANE + channel % CHANNEL_BLOCK : 0);
        float sum = 0.0f;
        for (int x = 0; x < OUTPUT_WIDTH; x++) {
            const float value = present ? STORED_VALUE(source + x * STRIDE * CHANNEL_BLOCK) : 0.0f;
            STORE_VALUE(value, output + x * CHANNEL_BLOCK + lane);
            sum += value;
        }
#if ROW_SUMS
        row_sums[((size_t)image * OUTPUT_HEIGHT + row) * OUTPUT_CHANNELS + block * CHANNEL_BLOCK + lane] = sum;
#endif
    }
}
#endif
