// The gradient of the weights of a 3 x 3 convolution of stride 1 by Winograd's method: the adjoint of Winograd.cl. A tile of
// 4 x 4 pixels of the output's gradient and the 6 x 6 input pixels that it came from become 36 points each, whose products,
// summed over all tiles, are the gradient of the transformed weights: 36 multiplications instead of 144.
//
// A work-item has some vectors of output channels and all input channels, for some of the images. It takes CHUNK_TILES tiles
// at a time, whose points stay in the core's cache, and adds their products to sums of its own, `partial`:
// [slice][output vector][point][input][VECTOR_WIDTH]. A second kernel adds these up in their order and transforms them back.
//
//   HEIGHT, WIDTH (of input and output), OUTPUT_TILE (4)
//   CHUNK_TILES   tiles whose points are kept
//   ITEM_VECTORS  vectors of output channels of a work-item
//   TILE_INPUTS   input channels whose sums stay in registers, a divisor of 16

// A g A^T
static inline __attribute__((always_inline)) void transform_gradient_tile(
    __global const float *gradient, const int y, const int x, __local float *points, const int point_stride)
{
    vec columns[SIDE][OUTPUT_TILE];
#pragma unroll
    for (int j = 0; j < OUTPUT_TILE; j++) {
        vec g[OUTPUT_TILE], line[SIDE];
#pragma unroll
        for (int i = 0; i < OUTPUT_TILE; i++) {
#if RAGGED
            if (y + i >= HEIGHT || x + j >= WIDTH)
                g[i] = (vec)(0.0f);
            else
#endif
                g[i] = vec_load(0, gradient + (i * PITCH + j) * CHANNEL_BLOCK);
        }
        transform_gradient_line(g, line);
#pragma unroll
        for (int i = 0; i < SIDE; i++) columns[i][j] = line[i];
    }
#pragma unroll
    for (int i = 0; i < SIDE; i++) {
        vec line[SIDE];
        transform_gradient_line(columns[i], line);
#pragma unroll
        for (int j = 0; j < SIDE; j++) vec_store(line[j], 0, points + (i * SIDE + j) * point_stride);
    }
}

// Adds the products of `tiles` tiles at a point to the sums of TILE_INPUTS input channels.
static inline __attribute__((always_inline)) void add_products(
    __local const float *inputs, __local const float *gradients, __global float *target, const int tiles)
{
    vec sums[TILE_INPUTS];
#pragma unroll
    for (int i = 0; i < TILE_INPUTS; i++) sums[i] = vec_load(i, target);
    for (int tile = 0; tile < tiles; tile++) {
        const vec g = vec_load(0, gradients);
#pragma unroll
        for (int i = 0; i < TILE_INPUTS; i++) sums[i] = MULTIPLY_ADD((vec)(inputs[i]), g, sums[i]);
        gradients += VECTOR_WIDTH;
        inputs += CHANNEL_BLOCK;
    }
#pragma unroll
    for (int i = 0; i < TILE_INPUTS; i++) vec_store(sums[i], i, target);
}

// scratch: POINTS x (CHUNK_TILES x (input channels + ITEM_VECTORS x VECTOR_WIDTH) + 2 x POINT_GAP) values
__kernel __attribute__((reqd_work_group_size(1, 1, 1)))
void winograd_weight_gradient(
    __global const float *restrict input, __global const float *restrict gradient, __global float *restrict partial,
    const int images, const int slices, const int input_channels, const int output_channels, __local float *scratch)
{
    const int first_vector = get_global_id(0) * ITEM_VECTORS;
    const int slice = get_global_id(1);
    const int input_blocks = input_channels / CHANNEL_BLOCK;
    // [point][input block][tile][16]
    const int input_stride = input_channels * CHUNK_TILES + POINT_GAP;
    __local float *inputs = scratch;
    // [point][vector][tile][VECTOR_WIDTH]
    const int gradient_stride = ITEM_VECTORS * CHUNK_TILES * VECTOR_WIDTH + POINT_GAP;
    __local float *gradients = scratch + POINTS * input_stride;

    partial += ((size_t)slice * (output_channels / VECTOR_WIDTH) + first_vector) * POINTS * input_channels * VECTOR_WIDTH;
    for (int i = 0; i < ITEM_VECTORS * POINTS * input_channels; i++) vec_store((vec)(0.0f), i, partial);

    const int first_image = (int)((long)images * slice / slices), end_image = (int)((long)images * (slice + 1) / slices);
    const int end = end_image * TILE_COUNT;
    for (int first = first_image * TILE_COUNT; first < end; first += CHUNK_TILES) {
        const int tiles = min(CHUNK_TILES, end - first);
        for (int place = 0; place < tiles; place++) {
            const int image = (first + place) / TILE_COUNT, tile = (first + place) % TILE_COUNT;
            const int y = tile / TILE_COLUMNS * OUTPUT_TILE, x = tile % TILE_COLUMNS * OUTPUT_TILE;
            for (int block = 0; block < input_blocks; block++) {
                __global const float *source = input + ((size_t)image * input_blocks + block) * PLANE
                    + (y * PITCH + x) * CHANNEL_BLOCK;
                __local float *target = inputs + (block * CHUNK_TILES + place) * CHANNEL_BLOCK;
                for (int part = 0; part < CHANNEL_BLOCK; part += VECTOR_WIDTH)
                    transform_input(source + part, y, x, target + part, input_stride);
            }
            for (int j = 0; j < ITEM_VECTORS; j++) {
                const int channel = (first_vector + j) * VECTOR_WIDTH;
                __global const float *source = gradient
                    + ((size_t)image * (output_channels / CHANNEL_BLOCK) + channel / CHANNEL_BLOCK) * PLANE
                    + ((y + 1) * PITCH + x + 1) * CHANNEL_BLOCK + channel % CHANNEL_BLOCK;
                transform_gradient_tile(
                    source, y, x, gradients + (j * CHUNK_TILES + place) * VECTOR_WIDTH, gradient_stride);
            }
        }
        for (int point = 0; point < POINTS; point++)
            for (int j = 0; j < ITEM_VECTORS; j++)
                for (int channel = 0; channel < input_channels; channel += TILE_INPUTS)
                    add_products(
                        inputs + point * input_stride + channel / CHANNEL_BLOCK * (CHUNK_TILES * CHANNEL_BLOCK)
                            + channel % CHANNEL_BLOCK,
                        gradients + point * gradient_stride + j * (CHUNK_TILES * VECTOR_WIDTH),
                        partial + ((size_t)(j * POINTS + point) * input_channels + channel) * VECTOR_WIDTH, tiles);
    }
}

// G^T u G of the sums over all slices. A work-item: a vector of output channels and an input channel.
__kernel void add_winograd_slices(
    __global const float *restrict partial, __global float *restrict gradients, const int first, const int slices,
    const int inputs, const int outputs, const int input_channels, const int output_channels)
{
    const int output = get_global_id(0) * VECTOR_WIDTH, input = get_global_id(1);
    const size_t slice_count = (size_t)output_channels * input_channels * POINTS;
    partial += ((size_t)get_global_id(0) * POINTS * input_channels + input) * VECTOR_WIDTH;
    const int lanes = min(VECTOR_WIDTH, outputs - output);
    vec columns[3][SIDE];
    for (int j = 0; j < SIDE; j++) {
        vec sums[SIDE], line[3];
        for (int i = 0; i < SIDE; i++) {
            sums[i] = (vec)(0.0f);
            for (int slice = 0; slice < slices; slice++)
                sums[i] += vec_load(0, partial + slice * slice_count
                    + (size_t)(i * SIDE + j) * input_channels * VECTOR_WIDTH);
        }
        transform_sums_line(sums, line);
        for (int i = 0; i < 3; i++) columns[i][j] = line[i];
    }
    for (int i = 0; i < 3; i++) {
        vec line[3];
        transform_sums_line(columns[i], line);
        for (int j = 0; j < 3; j++) {
            float values[VECTOR_WIDTH];
            vec_store(line[j], 0, values);
            for (int lane = 0; lane < lanes; lane++)
                gradients[first + ((size_t)(output + lane) * inputs + input) * 9 + 3 * i + j] = values[lane];
        }
    }
}
