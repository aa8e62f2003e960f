// Gates in training (Veit & Belongie 2018, section 3.2): hidden = ReLU(BN(fc1 features)), logits = fc2 hidden, and a straight-
// through Gumbel-softmax (Jang et al. 2017), whose forward pass takes the likelier of the two and whose backward pass takes
// the gradient of the softmax. Batch norm is over the images of the batch.
//
// Features are [image][stride], what is hidden [image][hidden_stride], where strides are channels rounded up to 16. `state`
// is as in TrainingNormalization.cl, with hidden_stride channels. Parameters lie as PyTorch has them: fc1 [hidden][channels],
// fc2 [2][hidden], "skip" before "execute".

#define MEAN 0
#define INVERSE_DEVIATION 1
#define SCALE 2
#define SHIFT 3
#define GRADIENT_FACTOR 4
#define VALUE_FACTOR 5
#define GRADIENT_SHIFT 6

// The product of a row and the difference of two others.
static inline float row_product_of_difference(
    __global const float *a, __global const float *b, __global const float *origin, const int count)
{
    vec sums = (vec)(0.0f);
    int i = 0;
    for (; i + VECTOR_WIDTH <= count; i += VECTOR_WIDTH)
        sums = MULTIPLY_ADD(vec_load(0, a + i), vec_load(0, b + i) - vec_load(0, origin + i), sums);
    float lanes[VECTOR_WIDTH];
    vec_store(sums, 0, lanes);
    float sum = 0.0f;
    for (int lane = 0; lane < VECTOR_WIDTH; lane++) sum += lanes[lane];
    for (; i < count; i++) sum += a[i] * (b[i] - origin[i]);
    return sum;
}

// fc1 features, for an image; or, if centered, what it exceeds that of the first image by. Pooled features of a batch are nearly
// the same, and batch norm takes away what they have in common: leaving it out before the products saves the digits that it
// would take up.
__kernel void gate_hidden(
    __global const float *restrict features, __global const float *restrict parameters, __global float *restrict hidden,
    const int fc1, const int fc1_bias, const int centered, const int channels, const int stride, const int units,
    const int hidden_stride)
{
    const int image = get_global_id(0);
    __global const float *own = features + (size_t)image * stride;
    for (int unit = 0; unit < units; unit++) {
        __global const float *row = parameters + fc1 + (size_t)unit * channels;
        hidden[(size_t)image * hidden_stride + unit] = centered
            ? row_product_of_difference(row, own, features, channels)
            : parameters[fc1_bias + unit] + row_product(row, own, channels);
    }
}

// The batch's statistics of what is hidden, centered, for a vector of units. The running mean is of fc1 features itself.
__kernel void gate_statistics(
    __global const float *restrict features, __global const float *restrict hidden,
    __global const float *restrict parameters, __global float *restrict state, __global float *restrict statistics,
    const int fc1, const int fc1_bias, const int gamma, const int beta, const int running_mean,
    const int running_variance, const float momentum, const float epsilon, const int images, const int channels,
    const int units, const int hidden_stride)
{
    const int unit = get_global_id(0) * VECTOR_WIDTH;
    hidden += unit;
    vec mean = (vec)(0.0f), squares = (vec)(0.0f);
    for (int image = 0; image < images; image++) mean += vec_load(0, hidden + (size_t)image * hidden_stride);
    mean /= (float)images;
    for (int image = 0; image < images; image++) {
        const vec difference = vec_load(0, hidden + (size_t)image * hidden_stride) - mean;
        squares = MULTIPLY_ADD(difference, difference, squares);
    }
    const vec inverse = 1.0f / sqrt(squares / (float)images + epsilon);
    const vec scale = vec_load(0, parameters + gamma + unit) * inverse;
    vec_store(mean, 0, state + MEAN * hidden_stride + unit);
    vec_store(inverse, 0, state + INVERSE_DEVIATION * hidden_stride + unit);
    vec_store(scale, 0, state + SCALE * hidden_stride + unit);
    vec_store(vec_load(0, parameters + beta + unit) - mean * scale, 0, state + SHIFT * hidden_stride + unit);

    float origin[VECTOR_WIDTH];
    for (int lane = 0; lane < VECTOR_WIDTH; lane++)
        origin[lane] = unit + lane < units
            ? parameters[fc1_bias + unit + lane]
                + row_product(parameters + fc1 + (size_t)(unit + lane) * channels, features, channels)
            : 0.0f;
    __global float *old_mean = statistics + running_mean + unit;
    __global float *old_variance = statistics + running_variance + unit;
    const vec unbiased = squares / (images > 1 ? images - 1.0f : 1.0f);
    vec_store(
        (1.0f - momentum) * vec_load(0, old_mean) + momentum * (vec_load(0, origin) + mean), 0, old_mean);
    vec_store((1.0f - momentum) * vec_load(0, old_variance) + momentum * unbiased, 0, old_variance);
}

// soft: the softmax's probability of "execute"; decisions: 1 where the branch runs, else 0.
__kernel void gate_decide(
    __global const float *restrict hidden, __global const float *restrict parameters, __global const float *restrict state,
    __global const float *restrict noise, __global float *restrict soft, __global float *restrict decisions,
    const int fc2, const int fc2_bias, const float temperature, const int units, const int hidden_stride)
{
    const int image = get_global_id(0);
    hidden += (size_t)image * hidden_stride;
    float skip = parameters[fc2_bias], execute = parameters[fc2_bias + 1];
    for (int unit = 0; unit < units; unit++) {
        const float value = MULTIPLY_ADD(hidden[unit], state[SCALE * hidden_stride + unit], state[SHIFT * hidden_stride + unit]);
        const float rectified = RECTIFIED(value, 0.0f);
        skip += rectified * parameters[fc2 + unit];
        execute += rectified * parameters[fc2 + units + unit];
    }
    skip = (skip + noise[2 * image]) / temperature;
    execute = (execute + noise[2 * image + 1]) / temperature;
    soft[image] = 1.0f / (1.0f + exp(skip - execute));
    decisions[image] = execute > skip ? 1.0f : 0.0f;
}

// From the sums of the branch's last normalization to the gradients of logits ("execute"; that of "skip" is its negative) and
// of what is hidden, before its ReLU, for an image.
__kernel void gate_backward_decision(
    __global const float *restrict gradient_sums, __global const float *restrict branch_state,
    __global const float *restrict hidden, __global const float *restrict parameters, __global const float *restrict state,
    __global const float *restrict soft, __global const float *restrict decisions,
    __global float *restrict logit_gradient, __global float *restrict hidden_gradient, const int fc2,
    const float temperature, const float target_rate, const float rate_gradient, const int images, const int capacity,
    const int branch_channels, const int units, const int hidden_stride)
{
    const int image = get_global_id(0);
    __global const float *totals = gradient_sums + (size_t)image * branch_channels;
    __global const float *products = totals + (size_t)capacity * branch_channels;
    float gradient = 0.0f;
    for (int channel = 0; channel < branch_channels; channel++) {
        const float scale = branch_state[SCALE * branch_channels + channel];
        const float beta = branch_state[SHIFT * branch_channels + channel]
            + branch_state[MEAN * branch_channels + channel] * scale;
        gradient += scale * products[channel] + beta * totals[channel];
    }
    float open = 0.0f;
    for (int other = 0; other < images; other++) open += decisions[other];
    gradient += rate_gradient * 2.0f * (open / images - target_rate) / images;
    gradient *= soft[image] * (1.0f - soft[image]) / temperature;
    logit_gradient[image] = gradient;

    for (int unit = 0; unit < hidden_stride; unit++) {
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

// See finish_sums in TrainingNormalization.cl; but here the factors are those of differences from the means, of which there may
// be hardly any: g(y) = GRADIENT_FACTOR (g - GRADIENT_SHIFT) + VALUE_FACTOR (y - MEAN).
__kernel void gate_backward_statistics(
    __global const float *restrict hidden, __global const float *restrict hidden_gradient, __global float *restrict state,
    __global float *restrict gradients, const int gamma, const int beta, const int images, const int hidden_stride)
{
    const int unit = get_global_id(0) * VECTOR_WIDTH;
    const vec mean = vec_load(0, state + MEAN * hidden_stride + unit);
    const vec inverse = vec_load(0, state + INVERSE_DEVIATION * hidden_stride + unit);
    const vec scale = vec_load(0, state + SCALE * hidden_stride + unit);
    vec total = (vec)(0.0f), products = (vec)(0.0f);
    for (int image = 0; image < images; image++) {
        const size_t place = (size_t)image * hidden_stride + unit;
        const vec g = vec_load(0, hidden_gradient + place);
        total += g;
        products = MULTIPLY_ADD(g, vec_load(0, hidden + place) - mean, products);
    }
    const vec gamma_gradient = products * inverse;
    vec_store(gamma_gradient, 0, gradients + gamma + unit);
    vec_store(total, 0, gradients + beta + unit);
    const float share = 1.0f / images;
    const vec value_factor = -scale * inverse * gamma_gradient * share;
    vec_store(scale, 0, state + GRADIENT_FACTOR * hidden_stride + unit);
    vec_store(value_factor, 0, state + VALUE_FACTOR * hidden_stride + unit);
    vec_store(total * share, 0, state + GRADIENT_SHIFT * hidden_stride + unit);
}

// Through the normalization, in place, and to the features of an image.
__kernel void gate_backward_features(
    __global const float *restrict hidden, __global float *restrict hidden_gradient, __global const float *restrict state,
    __global const float *restrict parameters, __global float *restrict feature_gradient, const int fc1,
    const int channels, const int stride, const int units, const int hidden_stride)
{
    const int image = get_global_id(0);
    hidden += (size_t)image * hidden_stride;
    hidden_gradient += (size_t)image * hidden_stride;
    feature_gradient += (size_t)image * stride;
    for (int channel = 0; channel < stride; channel++) feature_gradient[channel] = 0.0f;
    for (int unit = 0; unit < units; unit++) {
        const float difference = hidden_gradient[unit] - state[GRADIENT_SHIFT * hidden_stride + unit];
        const float g = MULTIPLY_ADD(
            difference, state[GRADIENT_FACTOR * hidden_stride + unit],
            (hidden[unit] - state[MEAN * hidden_stride + unit]) * state[VALUE_FACTOR * hidden_stride + unit]);
        hidden_gradient[unit] = g;
        add_row(g, parameters + fc1 + (size_t)unit * channels, feature_gradient, channels);
    }
}

// The gradients of both linear layers, for a hidden unit.
__kernel void gate_backward_parameters(
    __global const float *restrict features, __global const float *restrict hidden,
    __global const float *restrict hidden_gradient, __global const float *restrict logit_gradient,
    __global const float *restrict state, __global float *restrict gradients, const int fc1, const int fc1_bias,
    const int fc2, const int fc2_bias, const int images, const int channels, const int stride, const int units,
    const int hidden_stride)
{
    const int unit = get_global_id(0);
    __global float *row = gradients + fc1 + (size_t)unit * channels;
    for (int channel = 0; channel < channels; channel++) row[channel] = 0.0f;
    float bias = 0.0f, execute = 0.0f, execute_bias = 0.0f;
    for (int image = 0; image < images; image++) {
        const float g = hidden_gradient[(size_t)image * hidden_stride + unit];
        add_row(g, features + (size_t)image * stride, row, channels);
        bias += g;
        const float value = MULTIPLY_ADD(
            hidden[(size_t)image * hidden_stride + unit], state[SCALE * hidden_stride + unit],
            state[SHIFT * hidden_stride + unit]);
        execute += logit_gradient[image] * RECTIFIED(value, 0.0f);
        execute_bias += logit_gradient[image];
    }
    gradients[fc1_bias + unit] = bias;
    gradients[fc2 + unit] = -execute;
    gradients[fc2 + units + unit] = execute;
    if (unit == 0) {
        gradients[fc2_bias] = -execute_bias;
        gradients[fc2_bias + 1] = execute_bias;
    }
}
