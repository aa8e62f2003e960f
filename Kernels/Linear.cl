// The head: mean over the feature map, then a linear layer.
//
//   CHANNELS (a multiple of 16), ROWS, PIXELS (of the feature map)
//   OUTPUTS (a multiple of 16: classes and padding), ITEM_IMAGES (images that share a read of the weights)
//   GROUP_OUTPUTS (outputs of a group where HAS_LANES, a divisor of 16)

#define CHAINS 4

__kernel void mean_features(__global const float *restrict row_sums, __global float *restrict features)
{
    const int channel = get_global_id(0) * VECTOR_WIDTH;
    const int image = get_global_id(1);
    row_sums += (size_t)image * (ROWS * CHANNELS) + channel;
    vec sum = (vec)(0.0f);
    for (int row = 0; row < ROWS; row++) sum += vec_load(0, row_sums + row * CHANNELS);
    vec_store(sum * (1.0f / PIXELS), 0, features + (size_t)image * CHANNELS + channel);
}

#if HAS_LANES
// weights [OUTPUTS][CHANNELS], features [image][CHANNELS], output [image][OUTPUTS].
// A group: GROUP_OUTPUTS outputs for ITEM_IMAGES images, of which there are no more than a vector has values; its items share
// the channels. Every image sums in the same order, whatever the batch.
__kernel void linear(
    __global const float *restrict features, __global const float *restrict weights,
    __global const float *restrict bias, __global float *restrict output, const int images, __local vec *scratch)
{
    const int first = get_group_id(0) * GROUP_OUTPUTS, first_image = get_group_id(1) * ITEM_IMAGES;
    vec sums[GROUP_OUTPUTS][ITEM_IMAGES];
#pragma unroll
    for (int o = 0; o < GROUP_OUTPUTS; o++)
#pragma unroll
        for (int i = 0; i < ITEM_IMAGES; i++) sums[o][i] = (vec)(0.0f);

    for (int channel = get_local_id(0) * VECTOR_WIDTH; channel < CHANNELS; channel += get_local_size(0) * VECTOR_WIDTH) {
        vec weight[GROUP_OUTPUTS];
#pragma unroll
        for (int o = 0; o < GROUP_OUTPUTS; o++)
            weight[o] = aligned_load(weights + (size_t)(first + o) * CHANNELS + channel);
#pragma unroll
        for (int i = 0; i < ITEM_IMAGES; i++) {
            // Past the last image: read the last one again, and store nothing below.
            const vec feature = aligned_load(features + (size_t)min(first_image + i, images - 1) * CHANNELS + channel);
#pragma unroll
            for (int o = 0; o < GROUP_OUTPUTS; o++) sums[o][i] = MULTIPLY_ADD(feature, weight[o], sums[o][i]);
        }
    }
#pragma unroll
    for (int o = 0; o < GROUP_OUTPUTS; o++) {
        float values[VECTOR_WIDTH];
#pragma unroll
        for (int i = 0; i < VECTOR_WIDTH; i++) {
            values[i] = 0.0f;
            if (i >= ITEM_IMAGES) continue;
            float lanes[VECTOR_WIDTH];
            vec_store(sums[o][min(i, ITEM_IMAGES - 1)], 0, lanes);
#pragma unroll
            for (int lane = 0; lane < VECTOR_WIDTH; lane++) values[i] += lanes[lane];
        }
        vec_store(vector_sum(vec_load(0, values), scratch, 1), 0, values);
        if (get_local_id(0) == 0)
            for (int i = 0; i < min(ITEM_IMAGES, images - first_image); i++)
                output[(size_t)(first_image + i) * OUTPUTS + first + o] = values[i] + bias[first + o];
    }
}
#else
// weights [OUTPUTS/16][CHANNELS][16], features [image][CHANNELS], output [image][OUTPUTS].
// A work-item: one vector of outputs for ITEM_IMAGES images; every image sums in the same order, whatever the batch.
__kernel void linear(
    __global const float *restrict features, __global const float *restrict weights,
    __global const float *restrict bias, __global float *restrict output, const int images)
{
    const int first = get_global_id(0) * VECTOR_WIDTH;
    const int first_image = get_global_id(1) * ITEM_IMAGES;
    weights += (size_t)(first / CHANNEL_BLOCK) * (CHANNELS * CHANNEL_BLOCK) + first % CHANNEL_BLOCK;

    vec sums[ITEM_IMAGES][CHAINS];
#pragma unroll
    for (int i = 0; i < ITEM_IMAGES; i++)
#pragma unroll
        for (int chain = 0; chain < CHAINS; chain++) sums[i][chain] = (vec)(0.0f);

    for (int channel = 0; channel < CHANNELS; channel += CHAINS) {
#pragma unroll
        for (int chain = 0; chain < CHAINS; chain++) {
            const vec weight = vec_load(0, weights + (channel + chain) * CHANNEL_BLOCK);
#pragma unroll
            for (int i = 0; i < ITEM_IMAGES; i++) {
                // Past the last image: read the last one again, and store nothing below.
                const int image = min(first_image + i, images - 1);
                const vec feature = (vec)(features[(size_t)image * CHANNELS + channel + chain]);
                sums[i][chain] = MULTIPLY_ADD(feature, weight, sums[i][chain]);
            }
        }
    }
#pragma unroll
    for (int i = 0; i < ITEM_IMAGES; i++) {
        const vec sum = (sums[i][0] + sums[i][1]) + (sums[i][2] + sums[i][3]) + vec_load(0, bias + first);
        if (first_image + i < images) vec_store(sum, 0, output + (size_t)(first_image + i) * OUTPUTS + first);
    }
}
#endif
