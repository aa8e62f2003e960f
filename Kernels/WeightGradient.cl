// The gradient of a convolution's weights: for every pair of channels and every tap, the sum over images and pixels of the
// output's gradient times the input pixel that the tap sees.
//
// A work-item has a vector of output channels and a block of input channels, for some of the images: the sums of one tap for
// TILE_INPUTS input channels stay in registers while a strip of rows goes by. Work-items of other images have sums of their
// own, `partial`, which a second kernel adds up in their order.
//
// The problem: INPUT_BLOCK, INPUT_HEIGHT, INPUT_WIDTH, INPUT_HALO, OUTPUT_HEIGHT, OUTPUT_WIDTH, KERNEL, STRIDE, PADDING as in
// Convolution.cl.
// The tile:
//   TILE_INPUTS  input channels whose sums stay in registers: a divisor of INPUT_BLOCK; for pictures, whose channels lie
//                apart, channels of which each takes KERNEL sums, those of a row of taps
//   STRIP_ROWS   rows of the output's gradient that are read once for all taps, from the core's cache

#define INPUT_PITCH (INPUT_WIDTH + 2 * INPUT_HALO)
#define INPUT_PLANE ((INPUT_HEIGHT + 2 * INPUT_HALO) * INPUT_PITCH * INPUT_BLOCK)
#define OUTPUT_PITCH (OUTPUT_WIDTH + 2)
#define OUTPUT_PLANE ((OUTPUT_HEIGHT + 2) * OUTPUT_PITCH * CHANNEL_BLOCK)
#define AREA (KERNEL * KERNEL)

// partial: [slice][output vector][input][AREA][VECTOR_WIDTH]; images `slice`, `slice` + slices, … belong to a slice.
__kernel void weight_gradient(
    __global const float *restrict input, __global const float *restrict gradient, __global float *restrict partial,
    const int images, const int slices, const int input_channels, const int output_channels)
{
    const int channel = get_global_id(0) * VECTOR_WIDTH;
    const int slice = get_global_id(2);
#if INPUT_BLOCK == 1
    const int first_input = 0, item_inputs = input_channels;
#else
    const int first_input = get_global_id(1) * INPUT_BLOCK, item_inputs = INPUT_BLOCK;
#endif
    partial += (((size_t)slice * (output_channels / VECTOR_WIDTH) + get_global_id(0)) * input_channels + first_input)
        * (AREA * VECTOR_WIDTH);
    for (int i = 0; i < item_inputs * AREA; i++) vec_store((vec)(0.0f), i, partial);

    for (int image = slice; image < images; image += slices) {
        __global const float *image_input = input
            + ((size_t)image * (input_channels / INPUT_BLOCK) + first_input / INPUT_BLOCK) * INPUT_PLANE
            + ((INPUT_HALO - PADDING) * INPUT_PITCH + INPUT_HALO - PADDING) * INPUT_BLOCK;
        __global const float *image_gradient = gradient
            + ((size_t)image * (output_channels / CHANNEL_BLOCK) + channel / CHANNEL_BLOCK) * OUTPUT_PLANE
            + (OUTPUT_PITCH + 1) * CHANNEL_BLOCK + channel % CHANNEL_BLOCK;
        for (int strip = 0; strip < OUTPUT_HEIGHT; strip += STRIP_ROWS) {
            const int end = min(strip + STRIP_ROWS, OUTPUT_HEIGHT);
#if INPUT_BLOCK == 1
            for (int first = 0; first < item_inputs; first += TILE_INPUTS) {
                for (int ky = 0; ky < KERNEL; ky++) {
                    __global float *target = partial + (first * AREA + ky * KERNEL) * VECTOR_WIDTH;
                    vec sums[TILE_INPUTS][KERNEL];
#pragma unroll
                    for (int i = 0; i < TILE_INPUTS; i++)
#pragma unroll
                        for (int kx = 0; kx < KERNEL; kx++) sums[i][kx] = vec_load(i * AREA + kx, target);
                    for (int row = strip; row < end; row++) {
                        __global const float *pixel = image_input + first * INPUT_PLANE + (row * STRIDE + ky) * INPUT_PITCH;
                        __global const float *row_gradient = image_gradient + row * (OUTPUT_PITCH * CHANNEL_BLOCK);
                        for (int x = 0; x < OUTPUT_WIDTH; x++) {
                            const vec g = vec_load(0, row_gradient + x * CHANNEL_BLOCK);
#pragma unroll
                            for (int i = 0; i < TILE_INPUTS; i++)
#pragma unroll
                                for (int kx = 0; kx < KERNEL; kx++)
                                    sums[i][kx] = MULTIPLY_ADD(
                                        (vec)(pixel[i * INPUT_PLANE + x * STRIDE + kx]), g, sums[i][kx]);
                        }
                    }
#pragma unroll
                    for (int i = 0; i < TILE_INPUTS; i++)
#pragma unroll
                        for (int kx = 0; kx < KERNEL; kx++) vec_store(sums[i][kx], i * AREA + kx, target);
                }
            }
#else
            for (int tap = 0; tap < AREA; tap++) {
                __global const float *tap_input = image_input
                    + ((tap / KERNEL) * INPUT_PITCH + tap % KERNEL) * INPUT_BLOCK;
                for (int first = 0; first < INPUT_BLOCK; first += TILE_INPUTS) {
                    __global float *target = partial + (first * AREA + tap) * VECTOR_WIDTH;
                    vec sums[TILE_INPUTS];
#pragma unroll
                    for (int i = 0; i < TILE_INPUTS; i++) sums[i] = vec_load(i * AREA, target);
                    for (int row = strip; row < end; row++) {
                        __global const float *pixel = tap_input + row * (STRIDE * INPUT_PITCH * INPUT_BLOCK) + first;
                        __global const float *row_gradient = image_gradient + row * (OUTPUT_PITCH * CHANNEL_BLOCK);
                        for (int x = 0; x < OUTPUT_WIDTH; x++) {
                            const vec g = vec_load(0, row_gradient + x * CHANNEL_BLOCK);
#pragma unroll
                            for (int i = 0; i < TILE_INPUTS; i++)
                                sums[i] = MULTIPLY_ADD((vec)(pixel[x * (STRIDE * INPUT_BLOCK) + i]), g, sums[i]);
                        }
                    }
#pragma unroll
                    for (int i = 0; i < TILE_INPUTS; i++) vec_store(sums[i], i * AREA, target);
                }
            }
#endif
        }
    }
}

// A work-item: a vector of output channels and an input channel.
__kernel void add_slices(
    __global const float *restrict partial, __global float *restrict gradients, const int first, const int slices,
    const int inputs, const int outputs, const int input_channels, const int output_channels)
{
    const int output = get_global_id(0) * VECTOR_WIDTH, input = get_global_id(1);
    const size_t slice_count = (size_t)output_channels * input_channels * AREA;
    partial += ((size_t)get_global_id(0) * input_channels + input) * (AREA * VECTOR_WIDTH);
    const int lanes = min(VECTOR_WIDTH, outputs - output);
    for (int tap = 0; tap < AREA; tap++) {
        vec sum = (vec)(0.0f);
        for (int slice = 0; slice < slices; slice++) sum += vec_load(tap, partial + slice * slice_count);
        float values[VECTOR_WIDTH];
        vec_store(sum, 0, values);
        for (int lane = 0; lane < lanes; lane++)
            gradients[first + ((size_t)(output + lane) * inputs + input) * AREA + tap] = values[lane];
    }
}
