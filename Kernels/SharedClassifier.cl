// TrainingClassifier.cl where work-items run side by side and share what they do. `scratch` has a vector for each item of a
// group, of which there are 2^n, 16 or more.

// Images whose logits a group takes at once: a vector has at least as many values.
#define ITEM_IMAGES 4

// The largest value of all items, or not a number if one of them is none.
static inline __attribute__((always_inline)) float group_max(const float value, __local float *scratch)
{
    const int item = get_local_id(0);
    barrier(CLK_LOCAL_MEM_FENCE);
    scratch[item] = value;
    barrier(CLK_LOCAL_MEM_FENCE);
    for (int apart = get_local_size(0) / 2; apart >= 1; apart /= 2) {
        if (item < apart) {
            // Not fmax, which would hide that a value is not a number.
            const float other = scratch[item + apart], own = scratch[item];
            scratch[item] = other <= own || isnan(own) ? own : other;
        }
        barrier(CLK_LOCAL_MEM_FENCE);
    }
    return scratch[0];
}

// log(sum over classes of exp(logits / temperature))
static inline __attribute__((always_inline)) float log_sum(
    __global const float *logits, const float temperature, const int classes, __local float *scratch)
{
    float largest = -INFINITY, sum = 0.0f;
    for (int class = get_local_id(0); class < classes; class += get_local_size(0)) {
        const float logit = logits[class] / temperature;
        largest = logit <= largest || isnan(largest) ? largest : logit;
    }
    largest = group_max(largest, scratch);
    for (int class = get_local_id(0); class < classes; class += get_local_size(0))
        sum += exp(logits[class] / temperature - largest);
    return log(group_sum(sum, scratch)) + largest;
}

// logits [image][classes]. A group has a class and ITEM_IMAGES images, and its items share the channels.
__kernel void classifier_logits(
    __global const float *restrict features, __global const float *restrict parameters, __global float *restrict logits,
    const int weight, const int bias, const int images, const int channels, const int stride, const int classes,
    __local vec *scratch)
{
    const int class = get_group_id(0), first_image = get_group_id(1) * ITEM_IMAGES;
    __global const float *row = parameters + weight + (size_t)class * channels;
    float sums[VECTOR_WIDTH];
#pragma unroll
    for (int i = 0; i < VECTOR_WIDTH; i++) sums[i] = 0.0f;
    for (int channel = get_local_id(0); channel < channels; channel += get_local_size(0)) {
        const float w = row[channel];
#pragma unroll
        for (int i = 0; i < ITEM_IMAGES; i++)
            // Past the last image: read the last one again, and store nothing below.
            sums[i] = MULTIPLY_ADD(w, features[(size_t)min(first_image + i, images - 1) * stride + channel], sums[i]);
    }
    vec_store(vector_sum(vec_load(0, sums), scratch, 1), 0, sums);
    if (get_local_id(0) == 0)
        for (int i = 0; i < min(ITEM_IMAGES, images - first_image); i++)
            logits[(size_t)(first_image + i) * classes + class] = parameters[bias + class] + sums[i];
}

// Loss and gradient of an image, which a group has, from its logits: the gradient of the mean over `images` losses.
__kernel void classifier_losses(
    __global const float *restrict logits, __global const int *restrict labels, __global float *restrict losses,
    __global float *restrict gradient, const float smoothing, const int images, const int classes, __local float *scratch)
{
    const int image = get_group_id(0), item = get_local_id(0), items = get_local_size(0);
    const int label = labels[image];
    logits += (size_t)image * classes;
    gradient += (size_t)image * classes;
    const float log_p = log_sum(logits, 1.0f, classes, scratch);
    float total = 0.0f;
    for (int class = item; class < classes; class += items) total += logits[class];
    total = group_sum(total, scratch);
    const float share = smoothing / classes;
    for (int class = item; class < classes; class += items) {
        const float target = share + (class == label ? 1.0f - smoothing : 0.0f);
        gradient[class] = (exp(logits[class] - log_p) - target) / images;
    }
    if (item == 0) losses[image] = log_p - (1.0f - smoothing) * logits[label] - share * total;
}

// Mixes another network's probabilities into both, see `distill` in TrainingClassifier.cl. A group has an image.
__kernel void classifier_distillation(
    __global const float *restrict logits, __global const float *restrict teacher, __global float *restrict losses,
    __global float *restrict gradient, const float weight, const float temperature, const int images, const int classes,
    __local float *scratch)
{
    const int image = get_group_id(0), item = get_local_id(0), items = get_local_size(0);
    logits += (size_t)image * classes;
    teacher += (size_t)image * classes;
    gradient += (size_t)image * classes;
    const float log_p = log_sum(logits, temperature, classes, scratch);
    const float log_q = log_sum(teacher, temperature, classes, scratch);
    float divergence = 0.0f;
    for (int class = item; class < classes; class += items) {
        const float own = logits[class] / temperature - log_p, wanted = teacher[class] / temperature - log_q;
        divergence += exp(wanted) * (wanted - own);
        gradient[class] = (1.0f - weight) * gradient[class] + weight * temperature * (exp(own) - exp(wanted)) / images;
    }
    divergence = group_sum(divergence, scratch);
    if (item == 0)
        losses[image] = (1.0f - weight) * losses[image] + weight * temperature * temperature * divergence;
}

// A group has a block of channels of an image, and its items share the classes.
__kernel void classifier_backward_features(
    __global const float *restrict gradient, __global const float *restrict parameters,
    __global float *restrict feature_gradient, const int weight, const int channels, const int stride, const int classes,
    __local float *scratch)
{
    const int item = get_local_id(0), image = get_group_id(1);
    const int channel = get_group_id(0) * CHANNEL_BLOCK + item % CHANNEL_BLOCK;
    gradient += (size_t)image * classes;
    float sum = 0.0f;
    if (channel < channels)
        for (int class = item / CHANNEL_BLOCK; class < classes; class += get_local_size(0) / CHANNEL_BLOCK)
            sum = MULTIPLY_ADD(gradient[class], parameters[weight + (size_t)class * channels + channel], sum);
    scratch[item] = sum;
    add_partials(scratch, CHANNEL_BLOCK);
    if (item < CHANNEL_BLOCK) feature_gradient[(size_t)image * stride + channel] = scratch[item];
}

// A group has a class and a block of channels, and its items share the images.
__kernel void classifier_backward_parameters(
    __global const float *restrict gradient, __global const float *restrict features, __global float *restrict gradients,
    const int weight, const int bias, const int images, const int channels, const int stride, const int classes,
    __local float *scratch)
{
    const int item = get_local_id(0), class = get_group_id(1);
    const int channel = get_group_id(0) * CHANNEL_BLOCK + item % CHANNEL_BLOCK;
    const int first = item / CHANNEL_BLOCK, step = get_local_size(0) / CHANNEL_BLOCK;
    float sum = 0.0f;
    for (int image = first; image < images; image += step)
        sum = MULTIPLY_ADD(gradient[(size_t)image * classes + class], features[(size_t)image * stride + channel], sum);
    scratch[item] = sum;
    add_partials(scratch, CHANNEL_BLOCK);
    if (item < CHANNEL_BLOCK && channel < channels) gradients[weight + (size_t)class * channels + channel] = scratch[item];
    float total = 0.0f;
    for (int image = item; image < images; image += get_local_size(0)) total += gradient[(size_t)image * classes + class];
    total = group_sum(total, scratch);
    if (item == 0 && get_group_id(0) == 0) gradients[bias + class] = total;
}
