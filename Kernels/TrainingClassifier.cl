// The classifier and the loss: logits = weights features + bias; cross-entropy with label smoothing (Szegedy et al. 2016),
// whose targets are (1 - smoothing) [class = label] + smoothing / classes; distillation (Hinton et al. 2015), which mixes it
// with the distance from another network's probabilities; and their gradients.
//
// Features are [image][stride], where stride is channels rounded up to 16; logits and their gradients [image][classes].

// log(sum over classes of exp(logits / temperature))
static inline float log_sum(__global const float *logits, const float temperature, const int classes)
{
    float largest = -INFINITY, sum = 0.0f;
    for (int class = 0; class < classes; class++) {
        const float logit = logits[class] / temperature;
        largest = logit <= largest ? largest : logit;
    }
    for (int class = 0; class < classes; class++) sum += exp(logits[class] / temperature - largest);
    return log(sum) + largest;
}

// From an image's cross-entropy to (1 - weight) cross-entropy + weight T^2 KL(q || p), where q and p are the softmax of the
// teacher's logits and of the network's, both divided by the temperature T; the same for the gradient.
static inline float distill(
    __global const float *logits, __global const float *teacher, __global float *gradient,
    const float cross_entropy, const float weight, const float temperature, const int images, const int classes)
{
    const float log_p = log_sum(logits, temperature, classes), log_q = log_sum(teacher, temperature, classes);
    float divergence = 0.0f;
    for (int class = 0; class < classes; class++) {
        const float own = logits[class] / temperature - log_p, wanted = teacher[class] / temperature - log_q;
        divergence += exp(wanted) * (wanted - own);
        gradient[class] = (1.0f - weight) * gradient[class]
            + weight * temperature * (exp(own) - exp(wanted)) / images;
    }
    return (1.0f - weight) * cross_entropy + weight * temperature * temperature * divergence;
}

// Logits, loss and gradient of an image, the latter of the mean over `images` losses. The teacher's logits are read only if
// their weight is not 0.
__kernel void classify(
    __global const float *restrict features, __global const float *restrict parameters,
    __global const int *restrict labels, __global const float *restrict teacher, __global float *restrict logits,
    __global float *restrict losses, __global float *restrict gradient, const int weight, const int bias,
    const float smoothing, const float teacher_weight, const float teacher_temperature, const int images,
    const int channels, const int stride, const int classes)
{
    const int image = get_global_id(0);
    const int label = labels[image];
    features += (size_t)image * stride;
    logits += (size_t)image * classes;
    gradient += (size_t)image * classes;
    float largest = -INFINITY, total = 0.0f;
    for (int class = 0; class < classes; class++) {
        const float logit = parameters[bias + class]
            + row_product(parameters + weight + (size_t)class * channels, features, channels);
        logits[class] = logit;
        // Not fmax, which would hide that a value is not a number.
        largest = logit <= largest ? largest : logit;
        total += logit;
    }
    float sum = 0.0f;
    for (int class = 0; class < classes; class++) sum += exp(logits[class] - largest);
    const float share = smoothing / classes;
    losses[image] = log(sum) + largest - (1.0f - smoothing) * logits[label] - share * total;
    for (int class = 0; class < classes; class++) {
        const float target = share + (class == label ? 1.0f - smoothing : 0.0f);
        gradient[class] = (exp(logits[class] - largest) / sum - target) / images;
    }
    if (teacher_weight > 0.0f)
        losses[image] = distill(
            logits, teacher + (size_t)image * classes, gradient, losses[image], teacher_weight, teacher_temperature,
            images, classes);
}

// For an image.
__kernel void classifier_backward_features(
    __global const float *restrict gradient, __global const float *restrict parameters,
    __global float *restrict feature_gradient, const int weight, const int channels, const int stride, const int classes)
{
    const int image = get_global_id(0);
    feature_gradient += (size_t)image * stride;
    for (int channel = 0; channel < stride; channel++) feature_gradient[channel] = 0.0f;
    for (int class = 0; class < classes; class++)
        add_row(
            gradient[(size_t)image * classes + class], parameters + weight + (size_t)class * channels, feature_gradient,
            channels);
}

// For a class.
__kernel void classifier_backward_parameters(
    __global const float *restrict gradient, __global const float *restrict features, __global float *restrict gradients,
    const int weight, const int bias, const int images, const int channels, const int stride, const int classes)
{
    const int class = get_global_id(0);
    __global float *row = gradients + weight + (size_t)class * channels;
    for (int channel = 0; channel < channels; channel++) row[channel] = 0.0f;
    float total = 0.0f;
    for (int image = 0; image < images; image++) {
        const float g = gradient[(size_t)image * classes + class];
        add_row(g, features + (size_t)image * stride, row, channels);
        total += g;
    }
    gradients[bias + class] = total;
}
