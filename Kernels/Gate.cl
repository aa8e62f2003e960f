// The gates (Veit & Belongie 2018, section 3.2): global average pooling, linear, batch norm (folded), ReLU, linear.
//
// A closed block with an identity shortcut leaves its input as it was, so the gates behind it see the same features: one
// launch asks one gate after the other until one opens.
//
//   HIDDEN (hidden width, a multiple of 16)
//   SHARED 1: a group of work-items shares an image, with its pooled features in local memory; 0: an image is a work-item's
//   LOCAL_FEATURES 1: pooled features in local memory; 0: in global memory, if an image is a work-item's
//
// Parameters of a gate, one gate after the other: fc1 [channels][HIDDEN], its bias [HIDDEN], then fc2 as the row of
// "execute" minus the row of "skip" [HIDDEN], and the same difference of biases, padded to 16.

// row_sums    [image][rows][channels]; channels are a multiple of 16
// thresholds  [gate][capacity]: a gate opens where its log-odds exceed it
// decisions   [gate][capacity]: the image's index where the gate opened, -1 where it stayed closed
// log_odds    [gate][capacity]
// progress    [capacity]: +-n once n gates are decided; positive where the last of them opened
// first_gate  the gate to ask first, of those from chain_start to chain_end - 1, which `parameters` holds
#if SHARED
// Row sums of a vector of channels are added up in so many parts at most.
#define MAX_PARTS 8

// A group of 2^n items, of which every image's are one.
__kernel void decide(
    __global const float *restrict row_sums, __global const float *restrict parameters,
    __global const float *restrict thresholds, __global int *restrict decisions, __global float *restrict log_odds,
    __global int *restrict progress, __local float *features, __global const int *restrict active,
    const int active_offset, const int first_gate, const int chain_start, const int chain_end, const int capacity,
    const int channels, const int rows, const int pixels, __local vec *scratch)
{
    __local float logit;
    const int active_image = active[active_offset + get_group_id(1)];
    const int image = max(active_image, 0);
    // Another launch may have decided this gate already, on the same features. Work-items that leave before a barrier cost more
    // than those which have nothing to do.
    const int idle = active_image < 0 || (int)abs(progress[image]) > first_gate;
    const int summed_rows = idle ? 0 : rows, end_gate = idle ? first_gate : chain_end;
    const int item = get_local_id(0), items = get_local_size(0);

    row_sums += (size_t)image * rows * channels;
    const float mean = 1.0f / pixels;
    const int vectors = channels / VECTOR_WIDTH;
    int parts = 1;
    while (parts < MAX_PARTS && 2 * parts * vectors <= items) parts *= 2;
    for (int place = item; place < parts * vectors; place += items) {
        const int channel = place % vectors * VECTOR_WIDTH;
        vec sum = (vec)(0.0f);
        for (int row = place / vectors; row < summed_rows; row += parts)
            sum += aligned_load(row_sums + row * channels + channel);
        if (parts == 1)
            vec_store(sum * mean, 0, features + channel);
        else
            scratch[place] = sum;
    }
    // Global memory as well: everyone has read `progress` before one item writes it.
    barrier(CLK_LOCAL_MEM_FENCE | CLK_GLOBAL_MEM_FENCE);
    if (parts > 1 && item < vectors) {
        vec sum = scratch[item];
        for (int part = 1; part < parts; part++) sum += scratch[part * vectors + item];
        vec_store(sum * mean, item, features);
    }
    barrier(CLK_LOCAL_MEM_FENCE);

    int gate = first_gate;
    int open = 0;
    for (; gate < end_gate && !open; gate++) {
        __global const float *fc1 = parameters + (size_t)(gate - chain_start) * (channels * HIDDEN + 2 * HIDDEN + 16);
        __global const float *bias = fc1 + channels * HIDDEN;
        __global const float *fc2 = bias + HIDDEN;
        vec total = (vec)(0.0f);
        for (int unit = 0; unit < HIDDEN; unit += CHANNEL_BLOCK) {
            vec sum = (vec)(0.0f);
            for (int channel = SLOT; channel < channels; channel += SLOTS)
                sum = MULTIPLY_ADD((vec)(features[channel]), aligned_load(fc1 + channel * HIDDEN + unit + LANE), sum);
            sum = block_sum(sum, scratch) + aligned_load(bias + unit + LANE);
            total += RECTIFIED(sum, (vec)(0.0f)) * aligned_load(fc2 + unit + LANE);
        }
        barrier(CLK_LOCAL_MEM_FENCE);
        if (item < BLOCK_VECTORS) scratch[item] = total;
        barrier(CLK_LOCAL_MEM_FENCE);
        if (item == 0) {
            float lanes[CHANNEL_BLOCK];
            for (int vector = 0; vector < BLOCK_VECTORS; vector++) vec_store(scratch[vector], vector, lanes);
            float sum = fc2[HIDDEN];
            for (int lane = 0; lane < CHANNEL_BLOCK; lane++) sum += lanes[lane];
            logit = sum;
            const int entry = gate * capacity + image;
            log_odds[entry] = sum;
            decisions[entry] = sum > thresholds[entry] ? image : -1;
        }
        barrier(CLK_LOCAL_MEM_FENCE);
        open = logit > thresholds[gate * capacity + image];
    }
    if (item == 0 && !idle) progress[image] = open ? gate : -gate;
}
#else
#define HIDDEN_VECTORS (HIDDEN / VECTOR_WIDTH)
#define CHAINS 4
#if LOCAL_FEATURES
#define FEATURES __local float *features
#else
#define FEATURES __global float *all_features
#endif

__kernel __attribute__((reqd_work_group_size(1, 1, 1)))
void decide(
    __global const float *restrict row_sums, __global const float *restrict parameters,
    __global const float *restrict thresholds, __global int *restrict decisions, __global float *restrict log_odds,
    __global int *restrict progress, FEATURES, __global const int *restrict active, const int active_offset,
    const int first_gate, const int chain_start, const int chain_end, const int capacity, const int channels,
    const int rows, const int pixels)
{
    const int image = active[active_offset + get_group_id(1)];
    if (image < 0) return;
    // Another launch may have decided this gate already, on the same features.
    const int decided = (int)abs(progress[image]);
    if (decided > first_gate) return;
#if !LOCAL_FEATURES
    __global float *features = all_features + (size_t)image * channels;
#endif
    float partial[HIDDEN];
    float logit;

    row_sums += (size_t)image * rows * channels;
    const float mean = 1.0f / pixels;
    for (int channel = 0; channel < channels; channel += VECTOR_WIDTH) {
        vec sum = (vec)(0.0f);
        for (int row = 0; row < rows; row++) sum += vec_load(0, row_sums + row * channels + channel);
        vec_store(sum * mean, 0, features + channel);
    }

    int gate = first_gate;
    int open = 0;
    for (; gate < chain_end && !open; gate++) {
        __global const float *fc1 = parameters + (size_t)(gate - chain_start) * (channels * HIDDEN + 2 * HIDDEN + 16);
        // Independent chains of additions hide the latency of each.
        vec sums[CHAINS][HIDDEN_VECTORS];
#pragma unroll
        for (int chain = 0; chain < CHAINS; chain++)
#pragma unroll
            for (int j = 0; j < HIDDEN_VECTORS; j++) sums[chain][j] = (vec)(0.0f);
        for (int channel = 0; channel < channels; channel += CHAINS) {
#pragma unroll
            for (int chain = 0; chain < CHAINS; chain++) {
                const vec feature = (vec)(features[channel + chain]);
#pragma unroll
                for (int j = 0; j < HIDDEN_VECTORS; j++)
                    sums[chain][j] =
                        MULTIPLY_ADD(feature, vec_load(j, fc1 + (channel + chain) * HIDDEN), sums[chain][j]);
            }
        }
#pragma unroll
        for (int j = 0; j < HIDDEN_VECTORS; j++)
            vec_store((sums[0][j] + sums[1][j]) + (sums[2][j] + sums[3][j]), j, partial);
        __global const float *bias = fc1 + channels * HIDDEN;
        __global const float *fc2 = bias + HIDDEN;
        float total = fc2[HIDDEN];
        for (int unit = 0; unit < HIDDEN; unit++) {
            const float sum = bias[unit] + partial[unit];
            total += RECTIFIED(sum, 0.0f) * fc2[unit];
        }
        logit = total;
        const int entry = gate * capacity + image;
        log_odds[entry] = total;
        decisions[entry] = total > thresholds[entry] ? image : -1;
        open = logit > thresholds[gate * capacity + image];
    }
    progress[image] = open ? gate : -gate;
}
#endif
