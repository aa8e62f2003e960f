// TrainingGate.cl where work-items run side by side and share what they do. `scratch` has a vector for each item of a group, of
// which there are 2^n, 16 or more.

#define MEAN 0
#define INVERSE_DEVIATION 1
#define SCALE 2
#define SHIFT 3
#define GRADIENT_FACTOR 4
#define VALUE_FACTOR 5
#define GRADIENT_SHIFT 6

// Products of the rows first, first + 1, … first + 15 of fc1 and a vector, or what it exceeds another by: afterwards they are
// the first 16 values of `sums`. Neighbouring items have neighbouring channels of a row.
static inline __attribute__((always_inline)) void row_products(
    __global const float *rows, const int first, const int units, const int channels, __global const float *features,
    __global const float *origin, const int centered, __local float *sums)
{
    const int items = get_local_size(0) / CHANNEL_BLOCK;
    const int unit = get_local_id(0) / items, item = get_local_id(0) % items;
    float sum = 0.0f;
    if (first + unit < units) {
        rows += (size_t)(first + unit) * channels;
        for (int channel = item; channel < channels; channel += items) {
            const float feature = centered ? features[channel] - origin[channel] : features[channel];
            sum = MULTIPLY_ADD(rows[channel], feature, sum);
        }
    }
    barrier(CLK_LOCAL_MEM_FENCE);
    sums[item * CHANNEL_BLOCK + unit] = sum;
    add_partials(sums, CHANNEL_BLOCK);
}

// fc1 features, for an image; or, if centered, what it exceeds that of the first image by, see TrainingGate.cl. A group has an
// image.
__kernel void gate_hidden(
    __global const float *restrict features, __global const float *restrict parameters, __global float *restrict hidden,
    const int fc1, const int fc1_bias, const int centered, const int channels, const int stride, const int units,
    const int hidden_stride, __local float *scratch)
{
    const int image = get_group_id(0), item = get_local_id(0);
    for (int first = 0; first < units; first += CHANNEL_BLOCK) {
        row_products(
            parameters + fc1, first, units, channels, features + (size_t)image * stride, features, centered, scratch);
        const int unit = first + item;
        if (item < CHANNEL_BLOCK && unit < units)
            hidden[(size_t)image * hidden_stride + unit] =
                centered ? scratch[item] : parameters[fc1_bias + unit] + scratch[item];
    }
}

// The batch's statistics of what is hidden, centered. The running mean is of fc1 features itself. A group has 16 units.
__kernel void gate_statistics(
    __global const float *restrict features, __global const float *restrict hidden,
    __global const float *restrict parameters, __global float *restrict state, __global float *restrict statistics,
    const int fc1, const int fc1_bias, const int gamma, const int beta, const int running_mean,
    const int running_variance, const float momentum, const float epsilon, const int images, const int channels,
    const int units, const int hidden_stride, __local vec *scratch)
{
    const int first = get_group_id(0) * CHANNEL_BLOCK, unit = first + LANE;
    hidden += unit;
    vec sum = (vec)(0.0f), squares = (vec)(0.0f);
    for (int image = SLOT; image < images; image += SLOTS) sum += aligned_load(hidden + (size_t)image * hidden_stride);
    const vec mean = block_sum(sum, scratch) / (float)images;
    for (int image = SLOT; image < images; image += SLOTS) {
        const vec difference = aligned_load(hidden + (size_t)image * hidden_stride) - mean;
        squares = MULTIPLY_ADD(difference, difference, squares);
    }
    squares = block_sum(squares, scratch);
    row_products(parameters + fc1, first, units, channels, features, features, 0, (__local float *)scratch);
    if (SLOT != 0) return;

    const vec inverse = 1.0f / sqrt(squares / (float)images + epsilon);
    const vec scale = aligned_load(parameters + gamma + unit) * inverse;
    aligned_store(mean, state + MEAN * hidden_stride + unit);
    aligned_store(inverse, state + INVERSE_DEVIATION * hidden_stride + unit);
    aligned_store(scale, state + SCALE * hidden_stride + unit);
    aligned_store(aligned_load(parameters + beta + unit) - mean * scale, state + SHIFT * hidden_stride + unit);

    float origin[VECTOR_WIDTH];
    for (int lane = 0; lane < VECTOR_WIDTH; lane++)
        origin[lane] = unit + lane < units
            ? parameters[fc1_bias + unit + lane] + ((__local const float *)scratch)[LANE + lane]
            : 0.0f;
    __global float *old_mean = statistics + running_mean + unit;
    __global float *old_variance = statistics + running_variance + unit;
    const vec unbiased = squares / (images > 1 ? images - 1.0f : 1.0f);
    aligned_store(
        (1.0f - momentum) * aligned_load(old_mean) + momentum * (vec_load(0, origin) + mean), old_mean);
    aligned_store((1.0f - momentum) * aligned_load(old_variance) + momentum * unbiased, old_variance);
}

// soft: the softmax's probability of "execute"; decisions: 1 where the branch runs, else 0. For an image.
__kernel void gate_decide(
    __global const float *restrict hidden, __global const float *restrict parameters, __global const float *restrict state,
    __global const float *restrict noise, __global float *restrict soft, __global float *restrict decisions,
    const int fc2, const int fc2_bias, const float temperature, const int units, const int hidden_stride,
    __local float *scratch)
{
    const int image = get_group_id(0);
    hidden += (size_t)image * hidden_stride;
    float skip = 0.0f, execute = 0.0f;
    for (int unit = get_local_id(0); unit < units; unit += get_local_size(0)) {
        const float value =
            MULTIPLY_ADD(hidden[unit], state[SCALE * hidden_stride + unit], state[SHIFT * hidden_stride + unit]);
        const float rectified = RECTIFIED(value, 0.0f);
        skip += rectified * parameters[fc2 + unit];
        execute += rectified * parameters[fc2 + units + unit];
    }
    skip = group_sum(skip, scratch);
    execute = group_sum(execute, scratch);
    if (get_local_id(0) != 0) return;
    skip = (skip + parameters[fc2_bias] + noise[2 * image]) / temperature;
    execute = (execute + parameters[fc2_bias + 1] + noise[2 * image + 1]) / temperature;
    soft[image] = 1.0f / (1.0f + exp(skip - execute));
    decisions[image] = execute > skip ? 1.0f : 0.0f;
}

// From the sums of the branch's last normalization, of which an image has `parts`, to the gradients of logits ("execute"; that
// of "skip" is its negative) and of what is hidden, before its ReLU. A group has an image.
__kernel void gate_backward_decision(
    __global const float *restrict gradient_sums, __global const float *restrict branch_state,
    __global const float *restrict hidden, __global const float *restrict parameters, __global const float *restrict state,
    __global const float *restrict soft, __global const float *restrict decisions,
    __global float *restrict logit_gradient, __global float *restrict hidden_gradient, const int fc2,
    const float temperature, const float target_rate, const float rate_gradient, const int images, const int capacity,
    const int branch_channels, const int units, const int hidden_stride, const int parts, __local float *scratch)
{
    const int image = get_group_id(0), item = get_local_id(0), items = get_local_size(0);
    __global const float *totals = gradient_sums + (size_t)image * parts * branch_channels;
    __global const float *products = totals + (size_t)capacity * parts * branch_channels;
    float gradient = 0.0f;
    for (int channel = item; channel < branch_channels; channel += items) {
        const float scale = branch_state[SCALE * branch_channels + channel];
        const float beta = branch_state[SHIFT * branch_channels + channel]
            + branch_state[MEAN * branch_channels + channel] * scale;
        for (int part = 0; part < parts; part++)
            gradient += scale * products[part * branch_channels + channel] + beta * totals[part * branch_channels + channel];
    }
    gradient = group_sum(gradient, scratch);
    float open = 0.0f;
    for (int other = item; other < images; other += items) open += decisions[other];
    open = group_sum(open, scratch);
    gradient += rate_gradient * 2.0f * (open / images - target_rate) / images;
    gradient *= soft[image] * (1.0f - soft[image]) / temperature;
    if (item == 0) logit_gradient[image] = gradient;

    for (int unit = item; unit < hidden_stride; unit += items) {
        float value = 0.0f;
        if (unit < units) {
            const float normalized = MULTIPLY_ADD(
                hidden[(size_t)image * hidden_stride + unit], state[SCALE * hidden_stride + unit],
                state[SHIFT * hidden_stride + unit]);
            if (normalized > 0.0f) value = gradient * (parameters[fc2 + units + unit] - parameters[fc2 + unit]);
        }
        hidden_gradient[(size_t)image * hidden_stride + unit] = value;
    }
}

// As in TrainingGate.cl. A group has 16 units.
__kernel void gate_backward_statistics(
    __global const float *restrict hidden, __global const float *restrict hidden_gradient, __global float *restrict state,
    __global float *restrict gradients, const int gamma, const int beta, const int images, const int hidden_stride,
    __local vec *scratch)
{
    const int unit = get_group_id(0) * CHANNEL_BLOCK + LANE;
    const vec mean = aligned_load(state + MEAN * hidden_stride + unit);
    const vec inverse = aligned_load(state + INVERSE_DEVIATION * hidden_stride + unit);
    const vec scale = aligned_load(state + SCALE * hidden_stride + unit);
    vec total = (vec)(0.0f), products = (vec)(0.0f);
    for (int image = SLOT; image < images; image += SLOTS) {
        const size_t place = (size_t)image * hidden_stride + unit;
        const vec g = aligned_load(hidden_gradient + place);
        total += g;
        products = MULTIPLY_ADD(g, aligned_load(hidden + place) - mean, products);
    }
    total = block_sum(total, scratch);
    products = block_sum(products, scratch);
    if (SLOT != 0) return;
    const vec gamma_gradient = products * inverse;
    aligned_store(gamma_gradient, gradients + gamma + unit);
    aligned_store(total, gradients + beta + unit);
    const float share = 1.0f / images;
    aligned_store(scale, state + GRADIENT_FACTOR * hidden_stride + unit);
    aligned_store(-scale * inverse * gamma_gradient * share, state + VALUE_FACTOR * hidden_stride + unit);
    aligned_store(total * share, state + GRADIENT_SHIFT * hidden_stride + unit);
}

// Through the normalization, in place, and to the features of an image, which a group has.
__kernel void gate_backward_features(
    __global const float *restrict hidden, __global float *restrict hidden_gradient, __global const float *restrict state,
    __global const float *restrict parameters, __global float *restrict feature_gradient, const int fc1,
    const int channels, const int stride, const int units, const int hidden_stride)
{
    const int image = get_group_id(0), item = get_local_id(0), items = get_local_size(0);
    hidden += (size_t)image * hidden_stride;
    hidden_gradient += (size_t)image * hidden_stride;
    feature_gradient += (size_t)image * stride;
    for (int unit = item; unit < units; unit += items) {
        const float difference = hidden_gradient[unit] - state[GRADIENT_SHIFT * hidden_stride + unit];
        hidden_gradient[unit] = MULTIPLY_ADD(
            difference, state[GRADIENT_FACTOR * hidden_stride + unit],
            (hidden[unit] - state[MEAN * hidden_stride + unit]) * state[VALUE_FACTOR * hidden_stride + unit]);
    }
    barrier(CLK_GLOBAL_MEM_FENCE);
    for (int channel = item; channel < stride; channel += items) {
        float sum = 0.0f;
        if (channel < channels)
            for (int unit = 0; unit < units; unit++)
                sum = MULTIPLY_ADD(hidden_gradient[unit], parameters[fc1 + (size_t)unit * channels + channel], sum);
        feature_gradient[channel] = sum;
    }
}

// The gradients of both linear layers: a group has a hidden unit and a block of channels, and its items share the images.
__kernel void gate_backward_parameters(
    __global const float *restrict features, __global const float *restrict hidden,
    __global const float *restrict hidden_gradient, __global const float *restrict logit_gradient,
    __global const float *restrict state, __global float *restrict gradients, const int fc1, const int fc1_bias,
    const int fc2, const int fc2_bias, const int images, const int channels, const int stride, const int units,
    const int hidden_stride, __local vec *scratch)
{
    const int unit = get_group_id(0), channel = get_group_id(1) * CHANNEL_BLOCK + LANE;
    vec row = (vec)(0.0f);
    for (int image = SLOT; image < images; image += SLOTS) {
        const vec g = (vec)(hidden_gradient[(size_t)image * hidden_stride + unit]);
        row = MULTIPLY_ADD(g, aligned_load(features + (size_t)image * stride + channel), row);
    }
    row = block_sum(row, scratch);
    if (SLOT == 0) {
        float values[VECTOR_WIDTH];
        vec_store(row, 0, values);
        for (int lane = 0; lane < min(VECTOR_WIDTH, channels - channel); lane++)
            gradients[fc1 + (size_t)unit * channels + channel + lane] = values[lane];
    }
    // By the groups of all blocks, of which the first one's is stored: work-items that leave before a barrier cost more.
    const float scale = state[SCALE * hidden_stride + unit], shift = state[SHIFT * hidden_stride + unit];
    float bias = 0.0f, execute = 0.0f, execute_bias = 0.0f;
    for (int image = get_local_id(0); image < images; image += get_local_size(0)) {
        const size_t place = (size_t)image * hidden_stride + unit;
        const float value = MULTIPLY_ADD(hidden[place], scale, shift);
        bias += hidden_gradient[place];
        execute += logit_gradient[image] * RECTIFIED(value, 0.0f);
        execute_bias += logit_gradient[image];
    }
    __local float *sums = (__local float *)scratch;
    bias = group_sum(bias, sums);
    execute = group_sum(execute, sums);
    execute_bias = group_sum(execute_bias, sums);
    if (get_local_id(0) != 0 || get_group_id(1) != 0) return;
    gradients[fc1_bias + unit] = bias;
    gradients[fc2 + unit] = -execute;
    gradients[fc2 + units + unit] = execute;
    if (unit == 0) {
        gradients[fc2_bias] = -execute_bias;
        gradients[fc2_bias + 1] = execute_bias;
    }
}
