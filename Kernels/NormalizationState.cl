// What TrainingNormalization.cl and SharedNormalization.cl have in common.
//
//   AFTER_RELU 1: a ReLU follows the normalization
//   SHORTCUT   0: none, 1: feature maps, 2: feature maps that are to be normalized themselves
//   GATED      1: the branch is multiplied by a number per image: a gate's decision, or a factor of stochastic depth
//   POOLED     1: the mean over the pixels is taken too, or its gradient added
//   EMPTY      1: the gradient is 0 so far, whatever the memory holds

// The state of a normalization: seven rows of `channels` values.

#define MEAN 0
#define INVERSE_DEVIATION 1
#define SCALE 2
#define SHIFT 3
#define GRADIENT_FACTOR 4
#define VALUE_FACTOR 5
#define GRADIENT_SHIFT 6

#define PLACE_IN_MAPS(image, channel)                                                                                   \
    ((((size_t)(image) * (channels / CHANNEL_BLOCK) + (channel) / CHANNEL_BLOCK) * ((height + 2) * (width + 2))         \
        + (width + 2) + 1) * CHANNEL_BLOCK + (channel) % CHANNEL_BLOCK)
#define ROW_PITCH ((width + 2) * CHANNEL_BLOCK)

// From a batch's mean and sum of squared deviations to the state and the running statistics, for a vector of channels. Where
// gamma lies among the parameters is a multiple of 16, and what follows the last channel is 0: so whole vectors can be read and
// written.
static inline __attribute__((always_inline)) void set_statistics(
    const vec mean, const vec squares, const float count, __global const float *parameters, __global float *state,
    __global float *statistics, const int gamma, const int beta, const int running_mean, const int running_variance,
    const float momentum, const float epsilon, const int channels, const int channel)
{
    const vec variance = squares / count;
    const vec inverse = 1.0f / sqrt(variance + epsilon);
    const vec scale = vec_load(0, parameters + gamma + channel) * inverse;
    vec_store(mean, 0, state + MEAN * channels + channel);
    vec_store(inverse, 0, state + INVERSE_DEVIATION * channels + channel);
    vec_store(scale, 0, state + SCALE * channels + channel);
    vec_store(vec_load(0, parameters + beta + channel) - mean * scale, 0, state + SHIFT * channels + channel);

    __global float *old_mean = statistics + running_mean + channel;
    __global float *old_variance = statistics + running_variance + channel;
    // The running variance is the unbiased one; of a single value there is none, and the biased one is all there is.
    const vec unbiased = squares / (count > 1.0f ? count - 1.0f : 1.0f);
    vec_store((1.0f - momentum) * vec_load(0, old_mean) + momentum * mean, 0, old_mean);
    vec_store((1.0f - momentum) * vec_load(0, old_variance) + momentum * unbiased, 0, old_variance);
}

// From sums over the batch of g and of g (y - mean) to gradients of gamma and beta, and g(y) as a function of g and y that is
// the same for all pixels of a channel:
// g(y) = scale (g - sum g / n - xhat sum (g xhat) / n) = GRADIENT_FACTOR g + VALUE_FACTOR y + GRADIENT_SHIFT.
static inline __attribute__((always_inline)) void set_gradient_factors(
    const vec total, const vec products, const float count, __global float *state, __global float *gradients,
    const int gamma, const int beta, const int channels, const int channel)
{
    const vec mean = vec_load(0, state + MEAN * channels + channel);
    const vec inverse = vec_load(0, state + INVERSE_DEVIATION * channels + channel);
    const vec scale = vec_load(0, state + SCALE * channels + channel);
    const vec gamma_gradient = products * inverse;
    vec_store(gamma_gradient, 0, gradients + gamma + channel);
    vec_store(total, 0, gradients + beta + channel);
    const float share = 1.0f / count;
    const vec value_factor = -scale * inverse * gamma_gradient * share;
    vec_store(scale, 0, state + GRADIENT_FACTOR * channels + channel);
    vec_store(value_factor, 0, state + VALUE_FACTOR * channels + channel);
    vec_store(-scale * total * share - value_factor * mean, 0, state + GRADIENT_SHIFT * channels + channel);
}

// The running statistics instead, which are constants to the backward pass. For gates too, see TrainingGate.cl.
__kernel void use_running_statistics(
    __global const float *restrict parameters, __global const float *restrict statistics, __global float *restrict state,
    const int gamma, const int beta, const int running_mean, const int running_variance, const float epsilon,
    const int channels)
{
    const int channel = get_global_id(0) * VECTOR_WIDTH;
    const vec mean = vec_load(0, statistics + running_mean + channel);
    const vec inverse = 1.0f / sqrt(vec_load(0, statistics + running_variance + channel) + epsilon);
    const vec scale = vec_load(0, parameters + gamma + channel) * inverse;
    vec_store(mean, 0, state + MEAN * channels + channel);
    vec_store(inverse, 0, state + INVERSE_DEVIATION * channels + channel);
    vec_store(scale, 0, state + SCALE * channels + channel);
    vec_store(vec_load(0, parameters + beta + channel) - mean * scale, 0, state + SHIFT * channels + channel);
    vec_store(scale, 0, state + GRADIENT_FACTOR * channels + channel);
    vec_store((vec)(0.0f), 0, state + VALUE_FACTOR * channels + channel);
    vec_store((vec)(0.0f), 0, state + GRADIENT_SHIFT * channels + channel);
}
