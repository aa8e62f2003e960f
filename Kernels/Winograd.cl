// Winograd convolution F(m x m, 3 x 3) of stride 1 (Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks",
// 2016), with the epilogue of Convolution.cl: m = 4 takes 36 multiplications where direct convolution takes 144, m = 2
// takes 16 instead of 36.
//
// The output is covered by tiles of m x m pixels, each made from (m + 2) x (m + 2) input pixels. A work-item takes some
// tiles through all three steps, so that what lies between them stays in the core's cache: it transforms their input for
// all channels, multiplies by the transformed weights, a matrix product for each of the (m + 2)^2 points, and transforms
// the products back. Weights are packed as [OC/STEP_CHANNELS][points][IC/16][16][STEP_CHANNELS], in the order they are
// read.
//
// The problem:
//   HEIGHT, WIDTH (of input and output), ACTIVATION, RESIDUAL, ROW_SUMS as in Convolution.cl
// The tiles:
//   OUTPUT_TILE    m: 2 or 4
//   ITEM_TILES     tiles of an image that a work-item takes
//   ITEM_IMAGES    images that it takes at once, to read weights once for all; then ITEM_TILES are all of an image
//   REGISTER_TILES, TILE_VECTORS   tiles, and vectors of output channels, whose products are summed in registers

#define STEP_CHANNELS (VECTOR_WIDTH * TILE_VECTORS)
// Places for tiles: whole register tiles.
#define ITEM_PLACES ((ITEM_IMAGES * ITEM_TILES + REGISTER_TILES - 1) / REGISTER_TILES * REGISTER_TILES)
#define PRODUCT_STRIDE (ITEM_PLACES * STEP_CHANNELS + POINT_GAP)

// The sums over input channels of one point, for REGISTER_TILES tiles and STEP_CHANNELS output channels.
static inline __attribute__((always_inline)) void multiply_point(
    __local const float *values, __global const stored *weights, __local float *products, const int input_blocks)
{
    vec sums[REGISTER_TILES][TILE_VECTORS];
#pragma unroll
    for (int t = 0; t < REGISTER_TILES; t++)
#pragma unroll
        for (int j = 0; j < TILE_VECTORS; j++) sums[t][j] = (vec)(0.0f);
    for (int block = 0; block < input_blocks; block++) {
#pragma unroll 1
        for (int channel = 0; channel < CHANNEL_BLOCK; channel++) {
            vec weight[TILE_VECTORS];
#pragma unroll
            for (int j = 0; j < TILE_VECTORS; j++) weight[j] = stored_load(j, weights);
#pragma unroll
            for (int t = 0; t < REGISTER_TILES; t++) {
                const vec value = (vec)(values[t * CHANNEL_BLOCK + channel]);
#pragma unroll
                for (int j = 0; j < TILE_VECTORS; j++) sums[t][j] = MULTIPLY_ADD(value, weight[j], sums[t][j]);
            }
            weights += STEP_CHANNELS;
        }
        values += ITEM_PLACES * CHANNEL_BLOCK;
    }
#pragma unroll
    for (int t = 0; t < REGISTER_TILES; t++)
#pragma unroll
        for (int j = 0; j < TILE_VECTORS; j++) vec_store(sums[t][j], t * TILE_VECTORS + j, products);
}

// A^T p A for a vector of channels of a tile, and the epilogue. `output` is the tile's first pixel (y, x).
static inline __attribute__((always_inline)) void transform_output(
    __local const float *products, const vec start, __global stored *output, const int y, const int x,
    const int rectify, vec sums[OUTPUT_TILE])
{
    vec columns[OUTPUT_TILE][SIDE];
#pragma unroll
    for (int j = 0; j < SIDE; j++) {
        vec p[SIDE], line[OUTPUT_TILE];
#pragma unroll
        for (int i = 0; i < SIDE; i++)
            p[i] = vec_load(0, products + (i * SIDE + j) * PRODUCT_STRIDE);
        transform_output_line(p, line);
#pragma unroll
        for (int i = 0; i < OUTPUT_TILE; i++) columns[i][j] = line[i];
    }
#pragma unroll
    for (int i = 0; i < OUTPUT_TILE; i++) {
        vec line[OUTPUT_TILE];
        transform_output_line(columns[i], line);
#pragma unroll
        for (int j = 0; j < OUTPUT_TILE; j++) {
#if RAGGED
            if (y + i < HEIGHT && x + j < WIDTH)
#endif
            {
                __global stored *target = output + (i * PITCH + j) * CHANNEL_BLOCK;
                vec value = line[j] + start;
#if RESIDUAL
                value += stored_load(0, target);
#endif
                if (rectify) value = RECTIFIED(value, (vec)(0.0f));
                stored_store(value, 0, target);
#if ROW_SUMS
                sums[i] += value;
#endif
            }
        }
    }
}

// active: the image for each of `active_count` indices, or -1 where there is nothing to do; an item takes ITEM_IMAGES of
//   them, in dimension 2. Dimension 0 counts items of an image, dimension 1 shares out the output channels.
// decisions: per image, -1 where its branch stays closed (read for ACTIVATION 2).
// scratch: POINTS x (ITEM_PLACES x (input channels + STEP_CHANNELS) + 2 x POINT_GAP) values
__kernel __attribute__((reqd_work_group_size(1, 1, 1)))
void winograd(
    __global const stored *restrict input, __global const stored *restrict weights, __global const float *restrict bias,
    __global stored *output, __global float *restrict row_sums, __global const int *restrict active,
    const int active_offset, const int active_count, __global const int *restrict decisions,
    const int decisions_offset, const int input_blocks, const int output_blocks, __local float *scratch)
{
    int images[ITEM_IMAGES];
    int image_count = 0;
    for (int i = 0; i < ITEM_IMAGES; i++) {
        const int index = get_global_id(2) * ITEM_IMAGES + i;
        const int image = index < active_count ? active[active_offset + index] : -1;
        if (image >= 0) images[image_count++] = image;
    }
    if (image_count == 0) return;

    const int first_tile = get_global_id(0) * ITEM_TILES;
    const int image_tiles = min(ITEM_TILES, TILE_COUNT - first_tile);
    const int tiles = image_count * image_tiles;
    const int point_stride = input_blocks * (ITEM_PLACES * CHANNEL_BLOCK) + POINT_GAP;
    // [point][input block][place][16]
    __local float *transformed = scratch;
    // [point][place][STEP_CHANNELS]
    __local float *products = scratch + POINTS * point_stride;

    for (int block = 0; block < input_blocks; block++) {
        for (int place = 0; place < tiles; place++) {
            const int tile = first_tile + place % image_tiles;
            const int y = tile / TILE_COLUMNS * OUTPUT_TILE, x = tile % TILE_COLUMNS * OUTPUT_TILE;
            __global const stored *source = input
                + ((size_t)images[place / image_tiles] * input_blocks + block) * PLANE + (y * PITCH + x) * CHANNEL_BLOCK;
            __local float *target = transformed + (block * ITEM_PLACES + place) * CHANNEL_BLOCK;
            for (int part = 0; part < CHANNEL_BLOCK; part += VECTOR_WIDTH)
                transform_input(source + part, y, x, target + part, point_stride);
        }
        // Whole register tiles are multiplied: what stands in places without a tile must not be slow numbers.
        for (int place = tiles; place < ITEM_PLACES; place++)
            for (int point = 0; point < POINTS; point++)
                for (int part = 0; part < CHANNEL_BLOCK; part += VECTOR_WIDTH)
                    vec_store((vec)(0.0f), 0,
                        transformed + point * point_stride + (block * ITEM_PLACES + place) * CHANNEL_BLOCK + part);
    }

    const int steps = output_blocks * CHANNEL_BLOCK / STEP_CHANNELS;
    const int shares = get_global_size(1);
    const int last_step = steps * (get_global_id(1) + 1) / shares;
    for (int step = steps * get_global_id(1) / shares; step < last_step; step++) {
        const int first_channel = step * STEP_CHANNELS;
        __global const stored *point_weights = weights
            + (size_t)first_channel * (input_blocks * (CHANNEL_BLOCK * POINTS));
        for (int point = 0; point < POINTS; point++) {
            for (int place = 0; place < tiles; place += REGISTER_TILES)
                multiply_point(
                    transformed + point * point_stride + place * CHANNEL_BLOCK, point_weights,
                    products + point * PRODUCT_STRIDE + place * STEP_CHANNELS, input_blocks);
            point_weights += input_blocks * (CHANNEL_BLOCK * STEP_CHANNELS);
        }
#pragma unroll 1
        for (int j = 0; j < TILE_VECTORS; j++) {
            const int channel = first_channel + j * VECTOR_WIDTH;
            const vec start = vec_load(0, bias + channel);
            vec sums[OUTPUT_TILE];
            for (int place = 0; place < tiles; place++) {
                const int image = images[place / image_tiles];
                const int tile = first_tile + place % image_tiles;
                const int y = tile / TILE_COLUMNS * OUTPUT_TILE, x = tile % TILE_COLUMNS * OUTPUT_TILE;
#if ACTIVATION == 2
                const int rectify = decisions[decisions_offset + image] < 0;
#else
                const int rectify = ACTIVATION;
#endif
#if ROW_SUMS
                if (x == 0) {
#pragma unroll
                    for (int i = 0; i < OUTPUT_TILE; i++) sums[i] = (vec)(0.0f);
                }
#endif
                __global stored *target = output
                    + ((size_t)image * output_blocks + channel / CHANNEL_BLOCK) * PLANE
                    + ((y + 1) * PITCH + x + 1) * CHANNEL_BLOCK + channel % CHANNEL_BLOCK;
                transform_output(
                    products + place * STEP_CHANNELS + j * VECTOR_WIDTH, start, target, y, x, rectify, sums);
#if ROW_SUMS
                // An item has whole rows of tiles where it is asked for sums.
                if (x + OUTPUT_TILE >= WIDTH) {
                    __global float *row_sum = row_sums
                        + ((size_t)image * HEIGHT + y) * (output_blocks * CHANNEL_BLOCK) + channel;
#pragma unroll
                    for (int i = 0; i < OUTPUT_TILE; i++)
                        if (y + i < HEIGHT) vec_store(sums[i], 0, row_sum + i * (output_blocks * CHANNEL_BLOCK));
                }
#endif
            }
        }
    }
}
