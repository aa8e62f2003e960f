// The classifier and the loss: logits = weights features + bias; cross-entropy with label smoothing (Szegedy et al. 2016),
// whose targets are (1 - smoothing) [class = label] + smoothing / classes; and their gradients.
//
// Features are [image][stride], where stride is channels rounded up to 16; logits and their gradients [image][classes].

// Logits, loss and gradient of an image, the latter of the mean over `images` losses.
__kernel void classify(
    __global const float *restrict features, __global const float *restrict parameters,
    __global const int *restrict labels, __global float *restrict logits, __global float *restrict losses,
    __global float *restrict gradient, const int weight, const int bias, const float smoothing, const int images,
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
