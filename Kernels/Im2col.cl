// What stands before and after the matrix product of a library in a convolution by im2col.
//
//   INPUT_BLOCK (channels that lie together: 16, or 1 for pictures), INPUT_HEIGHT, INPUT_WIDTH, INPUT_HALO
//   OUTPUT_HEIGHT, OUTPUT_WIDTH, OUTPUT_HALO
//   KERNEL, STRIDE, PADDING
//   ACTIVATION     0 none, 1 ReLU, 2 ReLU where the image's branch stays closed (a shortcut that nothing is added to)
//   RESIDUAL       1: the output already holds the shortcut; add to it in place
//   ROW_SUMS       1: also write the sum of each output row per channel (an item has a whole row then)
//   ITEM_PIXELS    consecutive pixels of a work-item: a row, or 1 to have neighbours read and write what lies together
//   GROUP_SIZE     work-items of a group, along dimension 0

#define TAPS (KERNEL * KERNEL)
#define PIXELS (OUTPUT_HEIGHT * OUTPUT_WIDTH)
#define PIXEL_ITEMS (PIXELS / ITEM_PIXELS)
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

// columns [IC/INPUT_BLOCK][KERNEL][KERNEL][INPUT_BLOCK][image of the launch][pixel]: what each tap of each output pixel
// reads. A work-item: ITEM_PIXELS pixels of one tap of one block of channels of one image.
//
// active: the image for each index of dimension 2, or -1: its columns stay what they were, and nobody looks at the product.
// input_blocks: blocks of INPUT_BLOCK channels; total: pixels of all images of the launch.
__kernel __attribute__((reqd_work_group_size(GROUP_SIZE, 1, 1)))
void im2col(
    __global const INPUT *restrict input, __global float *restrict columns, __global const int *restrict active,
    const int active_offset, const int input_blocks, const int total)
{
    const int slot = get_global_id(2);
    const int image = active[active_offset + slot];
    if (image < 0) return;
    const int item = get_global_id(0);
    if (item >= PIXEL_ITEMS) return;
    const int row = get_global_id(1);
    const int block = row / TAPS, tap = row % TAPS;
    const int pixel = item * ITEM_PIXELS;

    input += ((size_t)image * input_blocks + block) * INPUT_PLANE
        + ((pixel / OUTPUT_WIDTH * STRIDE + tap / KERNEL + INPUT_HALO - PADDING) * INPUT_PITCH
           + pixel % OUTPUT_WIDTH * STRIDE + tap % KERNEL + INPUT_HALO - PADDING)
            * INPUT_BLOCK;
    columns += (size_t)row * INPUT_BLOCK * total + (size_t)slot * PIXELS + pixel;
    for (int channel = 0; channel < INPUT_BLOCK; channel++)
        for (int i = 0; i < ITEM_PIXELS; i++)
            columns[(size_t)channel * total + i] = INPUT_VALUE(input + i * (STRIDE * INPUT_BLOCK) + channel);
}

// The epilogue: from `product` [image of the launch][pixel][OC] to blocks of channels. A work-item: ITEM_PIXELS pixels of
// one vector of channels of one image, vectors before pixels.
//
// active, decisions: as in Convolution.cl; output_blocks: blocks of 16 channels.
__kernel __attribute__((reqd_work_group_size(GROUP_SIZE, 1, 1)))
void store_product(
    __global const float *restrict product, __global const float *restrict bias, __global stored *restrict output,
    __global float *restrict row_sums, __global const int *restrict active, const int active_offset,
    __global const int *restrict decisions, const int decisions_offset, const int output_blocks)
{
    const int slot = get_global_id(2);
    const int image = active[active_offset + slot];
    if (image < 0) return;
    const int channels = output_blocks * CHANNEL_BLOCK, vectors = channels / VECTOR_WIDTH;
    const int item = get_global_id(0);
    if (item >= PIXEL_ITEMS * vectors) return;
    const int channel = item % vectors * VECTOR_WIDTH;
    const int pixel = item / vectors * ITEM_PIXELS;
    const int y = pixel / OUTPUT_WIDTH, x = pixel % OUTPUT_WIDTH;

#if ACTIVATION == 2
    const int rectify = decisions[decisions_offset + image] < 0;
#else
    const int rectify = ACTIVATION;
#endif

    product += ((size_t)slot * PIXELS + pixel) * channels + channel;
    output += ((size_t)image * output_blocks + channel / CHANNEL_BLOCK) * OUTPUT_PLANE
        + ((y + OUTPUT_HALO) * OUTPUT_PITCH + x + OUTPUT_HALO) * CHANNEL_BLOCK + channel % CHANNEL_BLOCK;
    const vec start = vec_load(0, bias + channel);
    vec sum = (vec)(0.0f);
    for (int i = 0; i < ITEM_PIXELS; i++) {
        vec value = start + vec_load(0, product + (size_t)i * channels);
#if RESIDUAL
        value += stored_load(0, output + i * CHANNEL_BLOCK);
#endif
        if (rectify) value = RECTIFIED(value, (vec)(0.0f));
        stored_store(value, 0, output + i * CHANNEL_BLOCK);
        sum += value;
    }
#if ROW_SUMS
    vec_store(sum, 0, row_sums + ((size_t)image * OUTPUT_HEIGHT + y) * channels + channel);
#endif
}
