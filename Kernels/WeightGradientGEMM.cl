// The gradient of a convolution's weights as a product of matrices, where work-items run side by side: its rows are output
// channels, its columns pairs of an input channel and a tap, and its inner extent the pixels of all images, of which `slices`
// groups have a part each. A second kernel adds these up, in a fixed order.
//
// The problem: INPUT_BLOCK, INPUT_HEIGHT, INPUT_WIDTH, INPUT_HALO, OUTPUT_HEIGHT, OUTPUT_WIDTH, KERNEL, STRIDE, PADDING as in
// Convolution.cl, and
//   INPUT_CHANNELS, OUTPUT_CHANNELS  padded to blocks; a picture's as they are
// The tile:
//   GROUP_OUTPUTS, GROUP_COLUMNS  of a group: divisors of OUTPUT_CHANNELS, and a multiple of 16
//   ITEM_OUTPUTS                  of a work-item: 4 or 8, for four columns
//   CHUNK                         pixels that are in local memory at once: 16

#define AREA (KERNEL * KERNEL)
#define COLUMNS (INPUT_CHANNELS * AREA)
#define PIXELS (OUTPUT_HEIGHT * OUTPUT_WIDTH)
#define INPUT_PITCH (INPUT_WIDTH + 2 * INPUT_HALO)
#define INPUT_PLANE ((INPUT_HEIGHT + 2 * INPUT_HALO) * INPUT_PITCH * INPUT_BLOCK)
#define OUTPUT_PITCH (OUTPUT_WIDTH + 2)
#define OUTPUT_PLANE ((OUTPUT_HEIGHT + 2) * OUTPUT_PITCH * CHANNEL_BLOCK)

#define COLUMN_VECTORS (GROUP_COLUMNS / 4)
#define OUTPUT_VECTORS (GROUP_OUTPUTS / 4)
#define ITEM_ROWS (GROUP_OUTPUTS / ITEM_OUTPUTS)
#define GROUP_SIZE (ITEM_ROWS * COLUMN_VECTORS)
// Vectors of the output's gradient, and vectors or values of the input, that a work-item brings into local memory.
#define GRADIENT_LOADS (CHUNK * OUTPUT_VECTORS / GROUP_SIZE)
#define INPUT_LOADS (INPUT_BLOCK == 1 ? CHUNK * GROUP_COLUMNS / GROUP_SIZE : CHUNK * COLUMN_VECTORS / GROUP_SIZE)

// Columns lie as [input block][tap][16], or [input][tap] of pictures.
#if INPUT_BLOCK == 1
#define INPUT_OF(column) ((column) / AREA)
#define TAP_OF(column) ((column) % AREA)
#define COLUMN_VALUES float
#else
#define INPUT_OF(column) ((column) / CHANNEL_BLOCK / AREA * CHANNEL_BLOCK + (column) % CHANNEL_BLOCK)
#define TAP_OF(column) ((column) / CHANNEL_BLOCK % AREA)
#define COLUMN_VALUES float4
#endif

// Brings an item's part of a chunk of pixels into registers; beyond the slice's end there are zeros.
#define LOAD_CHUNK(at)                                                                                                  \
    _Pragma("unroll") for (int i = 0; i < GRADIENT_LOADS; i++) {                                                        \
        const int place = (at) + gradient_pixel + i * (GROUP_SIZE / OUTPUT_VECTORS);                                     \
        const int image = place / PIXELS, pixel = place % PIXELS;                                                       \
        next_gradients[i] = (float4)(0.0f);                                                                             \
        if (place < end)                                                                                                \
            next_gradients[i] = *(__global const float4 *)(gradient                                                     \
                + (size_t)image * (OUTPUT_CHANNELS / CHANNEL_BLOCK) * OUTPUT_PLANE                                      \
                + (pixel / OUTPUT_WIDTH * OUTPUT_PITCH + pixel % OUTPUT_WIDTH) * CHANNEL_BLOCK);                        \
    }                                                                                                                   \
    _Pragma("unroll") for (int i = 0; i < INPUT_LOADS; i++) {                                                           \
        const int place = (at) + input_pixel + i * (CHUNK / INPUT_LOADS);                                               \
        const int image = place / PIXELS, pixel = place % PIXELS;                                                       \
        next_inputs[i] = (COLUMN_VALUES)(0.0f);                                                                         \
        if (loads_input && place < end)                                                                                 \
            next_inputs[i] = *(__global const COLUMN_VALUES *)(input                                                    \
                + (size_t)image * (INPUT_CHANNELS / INPUT_BLOCK) * INPUT_PLANE                                          \
                + (pixel / OUTPUT_WIDTH * INPUT_PITCH + pixel % OUTPUT_WIDTH) * (STRIDE * INPUT_BLOCK));                \
    }

// partial: [slice][OUTPUT_CHANNELS][columns of all groups]. A group: GROUP_OUTPUTS x GROUP_COLUMNS sums over a slice of the
// pixels.
__kernel __attribute__((reqd_work_group_size(GROUP_SIZE, 1, 1)))
void weight_gradient_gemm(
    __global const float *restrict input, __global const float *restrict gradient, __global float *restrict partial,
    const int images, const int slices)
{
    __local float4 gradients[CHUNK * OUTPUT_VECTORS];
    __local float4 inputs[CHUNK * COLUMN_VECTORS];
    __local COLUMN_VALUES *input_values = (__local COLUMN_VALUES *)inputs;
    const int item = get_local_id(0), slice = get_group_id(2);
    const int column_vector = item % COLUMN_VECTORS, row = item / COLUMN_VECTORS;
    const int first_output = get_group_id(1) * GROUP_OUTPUTS, first_column = get_group_id(0) * GROUP_COLUMNS;

    // What an item brings: always the same channels, and every so many pixels of a chunk.
    const int loaded_output = first_output + item % OUTPUT_VECTORS * 4, gradient_pixel = item / OUTPUT_VECTORS;
    gradient += (size_t)(loaded_output / CHANNEL_BLOCK) * OUTPUT_PLANE + (OUTPUT_PITCH + 1) * CHANNEL_BLOCK
        + loaded_output % CHANNEL_BLOCK;
#if INPUT_BLOCK == 1
    const int loaded_column = first_column + item % GROUP_COLUMNS, input_pixel = item / GROUP_COLUMNS;
#else
    const int loaded_column = first_column + column_vector * 4, input_pixel = row;
#endif
    const int loads_input = loaded_column < COLUMNS;
    const int tap = TAP_OF(loaded_column), channel = INPUT_OF(loaded_column);
    if (loads_input)
        input += (size_t)(channel / INPUT_BLOCK) * INPUT_PLANE
            + ((tap / KERNEL + INPUT_HALO - PADDING) * INPUT_PITCH + tap % KERNEL + INPUT_HALO - PADDING) * INPUT_BLOCK
            + channel % INPUT_BLOCK;

    const int total = images * PIXELS;
    const int chunks = (total + CHUNK - 1) / CHUNK;
    const int first = (int)((long)chunks * slice / slices) * CHUNK;
    const int end = min((int)((long)chunks * (slice + 1) / slices) * CHUNK, total);

    float4 sums[ITEM_OUTPUTS];
#pragma unroll
    for (int i = 0; i < ITEM_OUTPUTS; i++) sums[i] = (float4)(0.0f);
    float4 next_gradients[GRADIENT_LOADS];
    COLUMN_VALUES next_inputs[INPUT_LOADS];
    // A chunk is on its way while the one before is multiplied.
    LOAD_CHUNK(first)
    for (int chunk = first; chunk < end; chunk += CHUNK) {
        barrier(CLK_LOCAL_MEM_FENCE);
#pragma unroll
        for (int i = 0; i < GRADIENT_LOADS; i++) gradients[i * GROUP_SIZE + item] = next_gradients[i];
#pragma unroll
        for (int i = 0; i < INPUT_LOADS; i++) input_values[i * GROUP_SIZE + item] = next_inputs[i];
        barrier(CLK_LOCAL_MEM_FENCE);
        LOAD_CHUNK(chunk + CHUNK)
        __local const float4 *columns = inputs + column_vector;
        __local const float4 *outputs = gradients + row * (ITEM_OUTPUTS / 4);
#pragma unroll 4
        for (int k = 0; k < CHUNK; k++) {
            const float4 x = columns[k * COLUMN_VECTORS];
#pragma unroll
            for (int i = 0; i < ITEM_OUTPUTS / 4; i++) {
                const float4 g = outputs[k * OUTPUT_VECTORS + i];
                sums[4 * i] = MULTIPLY_ADD((float4)(g.s0), x, sums[4 * i]);
                sums[4 * i + 1] = MULTIPLY_ADD((float4)(g.s1), x, sums[4 * i + 1]);
                sums[4 * i + 2] = MULTIPLY_ADD((float4)(g.s2), x, sums[4 * i + 2]);
                sums[4 * i + 3] = MULTIPLY_ADD((float4)(g.s3), x, sums[4 * i + 3]);
            }
        }
    }
    const int columns = get_num_groups(0) * GROUP_COLUMNS;
    partial += ((size_t)slice * OUTPUT_CHANNELS + first_output + row * ITEM_OUTPUTS) * columns + first_column
        + column_vector * 4;
#pragma unroll
    for (int i = 0; i < ITEM_OUTPUTS; i++) *(__global float4 *)(partial + (size_t)i * columns) = sums[i];
}

// Adds the slices up, in a fixed order: of four columns of an output channel, `shares` work-items of a group each add up some,
// and then these. columns: those of all groups above; inputs: channels that are no padding.
__kernel void weight_gradient_reduce(
    __global const float *restrict partial, __global float *restrict gradients, const int first, const int slices,
    const int shares, const int inputs, const int columns, __local float4 *scratch)
{
    const int item = get_local_id(0), vectors = get_local_size(0) / shares, output = get_group_id(1);
    const int first_column = (get_group_id(0) * vectors + item % vectors) * 4;
    float4 sum = (float4)(0.0f);
    if (first_column < columns)
        for (int slice = item / vectors; slice < slices; slice += shares)
            sum += *(__global const float4 *)(partial
                + ((size_t)slice * OUTPUT_CHANNELS + output) * columns + first_column);
    scratch[item] = sum;
    barrier(CLK_LOCAL_MEM_FENCE);
    for (int apart = get_local_size(0) / 2; apart >= vectors; apart /= 2) {
        if (item < apart) scratch[item] += scratch[item + apart];
        barrier(CLK_LOCAL_MEM_FENCE);
    }
    if (item >= vectors) return;
    float values[4];
    vstore4(scratch[item], 0, values);
    for (int lane = 0; lane < 4; lane++) {
        const int column = first_column + lane, channel = INPUT_OF(column);
        if (column < COLUMNS && channel < inputs)
            gradients[first + ((size_t)output * inputs + channel) * AREA + TAP_OF(column)] = values[lane];
    }
}
