// Batch normalization with the statistics of the batch (Ioffe & Szegedy 2015), forward and backward, together with what a
// residual network has around it: ReLU, a factor of the branch for each image, the shortcut.
//
// Feature maps are as everywhere, and so is y, a convolution's output; x = scale * y + shift is its normalization. An image
// and a vector of channels are one work-item's, who sums over the pixels alone; sums over images are taken afterwards, in
// the order of the images. So sums need no atomics, and come out the same every time.
// NormalizationState.cl comes before it; where work-items share what they do, SharedNormalization.cl takes its place.

// image_sums: [0 mean, 1 sum of squared deviations from it][image][channels]. Two passes, the second over what the first
// left in the cache: differences of large sums of squares would lose the variance of channels far from 0.
__kernel void measure_images(
    __global const float *restrict y, __global float *restrict image_sums, const int capacity, const int channels,
    const int height, const int width)
{
    const int channel = get_global_id(0) * VECTOR_WIDTH, image = get_global_id(1);
    y += PLACE_IN_MAPS(image, channel);
    const float share = 1.0f / (height * width);

    vec mean = (vec)(0.0f);
    for (int row = 0; row < height; row++) {
        __global const float *pixel = y + row * ROW_PITCH;
        // Independent chains of additions hide the latency of each.
        vec a = (vec)(0.0f), b = a, c = a, d = a;
        int x = 0;
        for (; x + 4 <= width; x += 4, pixel += 4 * CHANNEL_BLOCK) {
            a += vec_load(0, pixel);
            b += vec_load(0, pixel + CHANNEL_BLOCK);
            c += vec_load(0, pixel + 2 * CHANNEL_BLOCK);
            d += vec_load(0, pixel + 3 * CHANNEL_BLOCK);
        }
        for (; x < width; x++, pixel += CHANNEL_BLOCK) a += vec_load(0, pixel);
        mean += (a + b) + (c + d);
    }
    mean *= share;

    vec squares = (vec)(0.0f);
    for (int row = 0; row < height; row++) {
        __global const float *pixel = y + row * ROW_PITCH;
        vec a = (vec)(0.0f), b = a, c = a, d = a;
        int x = 0;
        for (; x + 4 <= width; x += 4, pixel += 4 * CHANNEL_BLOCK) {
            const vec p = vec_load(0, pixel) - mean, q = vec_load(0, pixel + CHANNEL_BLOCK) - mean;
            const vec r = vec_load(0, pixel + 2 * CHANNEL_BLOCK) - mean, s = vec_load(0, pixel + 3 * CHANNEL_BLOCK) - mean;
            a = MULTIPLY_ADD(p, p, a);
            b = MULTIPLY_ADD(q, q, b);
            c = MULTIPLY_ADD(r, r, c);
            d = MULTIPLY_ADD(s, s, d);
        }
        for (; x < width; x++, pixel += CHANNEL_BLOCK) {
            const vec p = vec_load(0, pixel) - mean;
            a = MULTIPLY_ADD(p, p, a);
        }
        squares += (a + b) + (c + d);
    }
    vec_store(mean, 0, image_sums + (size_t)image * channels + channel);
    vec_store(squares, 0, image_sums + (size_t)(capacity + image) * channels + channel);
}

// Brings the images together (Chan, Golub and LeVeque 1979).
__kernel void measure_batch(
    __global const float *restrict image_sums, __global const float *restrict parameters, __global float *restrict state,
    __global float *restrict statistics, const int gamma, const int beta, const int running_mean,
    const int running_variance, const float momentum, const float epsilon, const int images, const int capacity,
    const int channels, const int pixels)
{
    const int channel = get_global_id(0) * VECTOR_WIDTH;
    image_sums += channel;
    vec mean = (vec)(0.0f), squares = (vec)(0.0f), between = (vec)(0.0f);
    for (int image = 0; image < images; image++) mean += vec_load(0, image_sums + (size_t)image * channels);
    mean /= (float)images;
    for (int image = 0; image < images; image++) {
        const vec difference = vec_load(0, image_sums + (size_t)image * channels) - mean;
        between = MULTIPLY_ADD(difference, difference, between);
        squares += vec_load(0, image_sums + (size_t)(capacity + image) * channels);
    }
    squares = MULTIPLY_ADD(between, (vec)((float)pixels), squares);
    set_statistics(
        mean, squares, (float)images * pixels, parameters, state, statistics, gamma, beta, running_mean, running_variance,
        momentum, epsilon, channels, channel);
}

// decisions: [image], 0 where the branch is left out; a gate's are 1 elsewhere.
__kernel void activate(
    __global const float *restrict y, __global const float *restrict state, __global const float *restrict shortcut,
    __global const float *restrict shortcut_state, __global const float *restrict decisions,
    __global float *restrict output, __global float *restrict pooled, const int channels, const int height,
    const int width)
{
    const int channel = get_global_id(0) * VECTOR_WIDTH, image = get_global_id(1);
    const size_t place = PLACE_IN_MAPS(image, channel);
    vec scale = vec_load(0, state + SCALE * channels + channel), shift = vec_load(0, state + SHIFT * channels + channel);
#if GATED
    scale *= decisions[image];
    shift *= decisions[image];
#endif
#if SHORTCUT == 2
    const vec shortcut_scale = vec_load(0, shortcut_state + SCALE * channels + channel);
    shift += vec_load(0, shortcut_state + SHIFT * channels + channel);
#endif
    vec sum = (vec)(0.0f), lost = sum;
    for (int row = 0; row < height; row++) {
        const size_t first = place + row * ROW_PITCH;
        vec row_sum = (vec)(0.0f);
        for (int x = 0; x < width; x++) {
            const size_t pixel = first + x * CHANNEL_BLOCK;
            vec value = MULTIPLY_ADD(vec_load(0, y + pixel), scale, shift);
#if SHORTCUT == 1
            value += vec_load(0, shortcut + pixel);
#elif SHORTCUT == 2
            value = MULTIPLY_ADD(vec_load(0, shortcut + pixel), shortcut_scale, value);
#endif
            value = RECTIFIED(value, (vec)(0.0f));
            vec_store(value, 0, output + pixel);
            row_sum += value;
        }
#if POOLED
        // Kahan's sum: gates are told apart by what little the means of images differ by.
        const vec part = row_sum - lost, next = sum + part;
        lost = (next - sum) - part;
        sum = next;
#endif
    }
#if POOLED
    vec_store(sum * (1.0f / (height * width)), 0, pooled + (size_t)image * channels + channel);
#endif
}

// Backward through the ReLU of a block's output, in place. gradient_sums: [0 sum of g, 1 sum of g (y - mean)][image][channels]
// for the branch, and likewise for the shortcut's normalization where SHORTCUT is 2.
__kernel void backward_output(
    __global float *restrict gradient, __global const float *restrict pooled_gradient,
    __global const float *restrict output, __global const float *restrict y, __global const float *restrict state,
    __global float *restrict gradient_sums, __global const float *restrict shortcut,
    __global const float *restrict shortcut_state, __global float *restrict shortcut_sums, const int capacity,
    const int channels, const int height, const int width)
{
    const int channel = get_global_id(0) * VECTOR_WIDTH, image = get_global_id(1);
    const size_t place = PLACE_IN_MAPS(image, channel);
    const size_t sums = (size_t)image * channels + channel, second = (size_t)capacity * channels;
    const vec zero = (vec)(0.0f);
    const vec mean = vec_load(0, state + MEAN * channels + channel);
#if SHORTCUT == 2
    const vec shortcut_mean = vec_load(0, shortcut_state + MEAN * channels + channel);
    vec shortcut_products = zero;
#endif
#if POOLED
    const vec added = vec_load(0, pooled_gradient + sums) * (1.0f / (height * width));
#else
    const vec added = zero;
#endif
    vec total = zero, products = zero;
    for (int row = 0; row < height; row++) {
        const size_t first = place + row * ROW_PITCH;
        vec row_total = zero, row_products = zero, row_shortcut = zero;
        for (int x = 0; x < width; x++) {
            const size_t pixel = first + x * CHANNEL_BLOCK;
#if EMPTY
            vec g = added;
#else
            vec g = vec_load(0, gradient + pixel) + added;
#endif
            g = vec_load(0, output + pixel) > zero ? g : zero;
            vec_store(g, 0, gradient + pixel);
            row_total += g;
            row_products = MULTIPLY_ADD(g, vec_load(0, y + pixel) - mean, row_products);
#if SHORTCUT == 2
            row_shortcut = MULTIPLY_ADD(g, vec_load(0, shortcut + pixel) - shortcut_mean, row_shortcut);
#endif
        }
        total += row_total;
        products += row_products;
#if SHORTCUT == 2
        shortcut_products += row_shortcut;
#endif
    }
    vec_store(total, 0, gradient_sums + sums);
    vec_store(products, 0, gradient_sums + second + sums);
#if SHORTCUT == 2
    vec_store(total, 0, shortcut_sums + sums);
    vec_store(shortcut_products, 0, shortcut_sums + second + sums);
#endif
}

// The same sums for a normalization that a ReLU follows.
__kernel void sum_gradient(
    __global const float *restrict gradient, __global const float *restrict pooled_gradient,
    __global const float *restrict y, __global const float *restrict state, __global float *restrict gradient_sums,
    const int capacity, const int channels, const int height, const int width)
{
    const int channel = get_global_id(0) * VECTOR_WIDTH, image = get_global_id(1);
    const size_t place = PLACE_IN_MAPS(image, channel);
    const size_t sums = (size_t)image * channels + channel;
    const vec zero = (vec)(0.0f);
    const vec mean = vec_load(0, state + MEAN * channels + channel);
    const vec scale = vec_load(0, state + SCALE * channels + channel);
    const vec shift = vec_load(0, state + SHIFT * channels + channel);
#if POOLED
    const vec added = vec_load(0, pooled_gradient + sums) * (1.0f / (height * width));
#else
    const vec added = zero;
#endif
    vec total = zero, products = zero;
    for (int row = 0; row < height; row++) {
        const size_t first = place + row * ROW_PITCH;
        vec row_total = zero, row_products = zero;
        for (int x = 0; x < width; x++) {
            const size_t pixel = first + x * CHANNEL_BLOCK;
            const vec value = vec_load(0, y + pixel);
            const vec g = MULTIPLY_ADD(value, scale, shift) > zero ? vec_load(0, gradient + pixel) + added : zero;
            row_total += g;
            row_products = MULTIPLY_ADD(g, value - mean, row_products);
        }
        total += row_total;
        products += row_products;
    }
    vec_store(total, 0, gradient_sums + sums);
    vec_store(products, 0, gradient_sums + (size_t)capacity * channels + sums);
}

// Sums over the images, see set_gradient_factors.
__kernel void finish_sums(
    __global const float *restrict gradient_sums, __global const float *restrict decisions, __global float *restrict state,
    __global float *restrict gradients, const int gamma, const int beta, const int images, const int capacity,
    const int channels, const int pixels)
{
    const int channel = get_global_id(0) * VECTOR_WIDTH;
    gradient_sums += channel;
    vec total = (vec)(0.0f), products = (vec)(0.0f);
    for (int image = 0; image < images; image++) {
#if GATED
        const float decision = decisions[image];
#else
        const float decision = 1.0f;
#endif
        total += decision * vec_load(0, gradient_sums + (size_t)image * channels);
        products += decision * vec_load(0, gradient_sums + (size_t)(capacity + image) * channels);
    }
    set_gradient_factors(
        total, products, (float)images * pixels, state, gradients, gamma, beta, channels, channel);
}

// `result` may be `gradient`.
__kernel void backward_normalization(
    __global const float *gradient, __global const float *restrict pooled_gradient, __global const float *restrict y,
    __global const float *restrict state, __global const float *restrict decisions, __global float *result,
    const int channels, const int height, const int width)
{
    const int channel = get_global_id(0) * VECTOR_WIDTH, image = get_global_id(1);
    const size_t place = PLACE_IN_MAPS(image, channel);
    const vec zero = (vec)(0.0f);
    vec factor = vec_load(0, state + GRADIENT_FACTOR * channels + channel);
    const vec value_factor = vec_load(0, state + VALUE_FACTOR * channels + channel);
    const vec offset = vec_load(0, state + GRADIENT_SHIFT * channels + channel);
#if AFTER_RELU
    const vec scale = vec_load(0, state + SCALE * channels + channel);
    const vec shift = vec_load(0, state + SHIFT * channels + channel);
#endif
#if GATED
    factor *= decisions[image];
#endif
#if POOLED
    const vec added = vec_load(0, pooled_gradient + (size_t)image * channels + channel) * (1.0f / (height * width));
#else
    const vec added = zero;
#endif
    for (int row = 0; row < height; row++) {
        const size_t first = place + row * ROW_PITCH;
        for (int x = 0; x < width; x++) {
            const size_t pixel = first + x * CHANNEL_BLOCK;
            const vec value = vec_load(0, y + pixel);
            vec g = vec_load(0, gradient + pixel) + added;
#if AFTER_RELU
            g = MULTIPLY_ADD(value, scale, shift) > zero ? g : zero;
#endif
            vec_store(MULTIPLY_ADD(g, factor, MULTIPLY_ADD(value, value_factor, offset)), 0, result + pixel);
        }
    }
}
