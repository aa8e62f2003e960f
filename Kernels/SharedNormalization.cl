// TrainingNormalization.cl where work-items run side by side and share what they do: a group has a block of channels of an
// image, or some of its rows; its items have neighbouring vectors of channels, and then neighbouring pixels. Sums of a group
// are taken in a fixed order, and those of groups by a second kernel, in a fixed order too.
//
// An image's rows are shared out among `parts` groups, dimension 0; the sums of an image are [part] in a row: what is for
// [image] elsewhere is for [image * parts + part], and what has room for `capacity` has it for capacity * parts.
// NormalizationState.cl comes before this file.

// A group's pixels. Row by row, an item has every SLOTS-th of them.
#define FOR_OWN_PIXELS(pixel)                                                                                           \
    for (int own_ = first_row * width + SLOT, end_ = end_row * width, pixel; own_ < end_; own_ += SLOTS)                 \
        if (pixel = own_ / width * ROW_PITCH + own_ % width * CHANNEL_BLOCK, 1)
#define SET_OWN_ROWS                                                                                                    \
    const int parts = get_num_groups(0), part = get_group_id(0), image = get_group_id(2);                               \
    const int channel = get_group_id(1) * CHANNEL_BLOCK + LANE;                                                         \
    const int first_row = height * part / parts, end_row = height * (part + 1) / parts;                                 \
    const size_t place = PLACE_IN_MAPS(image, channel)
#define SUMS_PLACE (((size_t)image * parts + part) * channels + channel)

// image_sums: [0 mean, 1 sum of squared deviations from it][image][channels]. All parts have as many rows.
__kernel void measure_images(
    __global const float *restrict y, __global float *restrict image_sums, const int capacity, const int channels,
    const int height, const int width, __local vec *scratch)
{
    SET_OWN_ROWS;
    y += place;
    vec sum = (vec)(0.0f), squares = (vec)(0.0f);
    FOR_OWN_PIXELS(pixel) sum += aligned_load(y + pixel);
    const vec mean = block_sum(sum, scratch) * (1.0f / ((end_row - first_row) * width));
    FOR_OWN_PIXELS(pixel)
    {
        const vec difference = aligned_load(y + pixel) - mean;
        squares = MULTIPLY_ADD(difference, difference, squares);
    }
    squares = block_sum(squares, scratch);
    if (SLOT == 0) {
        aligned_store(mean, image_sums + SUMS_PLACE);
        aligned_store(squares, image_sums + (size_t)capacity * parts * channels + SUMS_PLACE);
    }
}

// Brings the images, and their parts, together (Chan, Golub and LeVeque 1979). A group has a block of channels.
__kernel void measure_batch(
    __global const float *restrict image_sums, __global const float *restrict parameters, __global float *restrict state,
    __global float *restrict statistics, const int gamma, const int beta, const int running_mean,
    const int running_variance, const float momentum, const float epsilon, const int images, const int capacity,
    const int channels, const int pixels, const int parts, __local vec *scratch)
{
    const int channel = get_group_id(0) * CHANNEL_BLOCK + LANE;
    const int count = images * parts;
    image_sums += channel;
    vec sum = (vec)(0.0f), squares = (vec)(0.0f), between = (vec)(0.0f);
    for (int i = SLOT; i < count; i += SLOTS) sum += aligned_load(image_sums + (size_t)i * channels);
    const vec mean = block_sum(sum, scratch) / (float)count;
    for (int i = SLOT; i < count; i += SLOTS) {
        const vec difference = aligned_load(image_sums + (size_t)i * channels) - mean;
        between = MULTIPLY_ADD(difference, difference, between);
        squares += aligned_load(image_sums + (size_t)(capacity * parts + i) * channels);
    }
    squares = MULTIPLY_ADD(between, (vec)((float)pixels / parts), squares);
    squares = block_sum(squares, scratch);
    if (SLOT == 0)
        set_statistics(
            mean, squares, (float)images * pixels, parameters, state, statistics, gamma, beta, running_mean,
            running_variance, momentum, epsilon, channels, channel);
}

// decisions: [image], 0 where the branch is left out; a gate's are 1 elsewhere. Where POOLED, an image has one part.
__kernel void activate(
    __global const float *restrict y, __global const float *restrict state, __global const float *restrict shortcut,
    __global const float *restrict shortcut_state, __global const float *restrict decisions,
    __global float *restrict output, __global float *restrict pooled, const int channels, const int height,
    const int width, __local vec *scratch)
{
    SET_OWN_ROWS;
    vec scale = aligned_load(state + SCALE * channels + channel), shift = aligned_load(state + SHIFT * channels + channel);
#if GATED
    scale *= decisions[image];
    shift *= decisions[image];
#endif
#if SHORTCUT == 2
    const vec shortcut_scale = aligned_load(shortcut_state + SCALE * channels + channel);
    shift += aligned_load(shortcut_state + SHIFT * channels + channel);
#endif
    vec sum = (vec)(0.0f), lost = sum;
    FOR_OWN_PIXELS(pixel)
    {
        vec value = MULTIPLY_ADD(aligned_load(y + place + pixel), scale, shift);
#if SHORTCUT == 1
        value += aligned_load(shortcut + place + pixel);
#elif SHORTCUT == 2
        value = MULTIPLY_ADD(aligned_load(shortcut + place + pixel), shortcut_scale, value);
#endif
        value = RECTIFIED(value, (vec)(0.0f));
        aligned_store(value, output + place + pixel);
#if POOLED
        // Kahan's sum: gates are told apart by what little the means of images differ by.
        const vec next_part = value - lost, next = sum + next_part;
        lost = (next - sum) - next_part;
        sum = next;
#endif
    }
#if POOLED
    sum = block_sum(sum, scratch) * (1.0f / (height * width));
    if (SLOT == 0) aligned_store(sum, pooled + (size_t)image * channels + channel);
#endif
}

// Backward through the ReLU of a block's output, in place. gradient_sums: [0 sum of g, 1 sum of g (y - mean)][image][channels]
// for the branch, and likewise for the shortcut's normalization where SHORTCUT is 2.
__kernel void backward_output(
    __global float *restrict gradient, __global const float *restrict pooled_gradient,
    __global const float *restrict output, __global const float *restrict y, __global const float *restrict state,
    __global float *restrict gradient_sums, __global const float *restrict shortcut,
    __global const float *restrict shortcut_state, __global float *restrict shortcut_sums, const int capacity,
    const int channels, const int height, const int width, __local vec *scratch)
{
    SET_OWN_ROWS;
    const size_t second = (size_t)capacity * parts * channels;
    const vec zero = (vec)(0.0f);
    const vec mean = aligned_load(state + MEAN * channels + channel);
#if SHORTCUT == 2
    const vec shortcut_mean = aligned_load(shortcut_state + MEAN * channels + channel);
    vec shortcut_products = zero;
#endif
#if POOLED
    const vec added = aligned_load(pooled_gradient + (size_t)image * channels + channel) * (1.0f / (height * width));
#else
    const vec added = zero;
#endif
    vec total = zero, products = zero;
    FOR_OWN_PIXELS(pixel)
    {
#if EMPTY
        vec g = added;
#else
        vec g = aligned_load(gradient + place + pixel) + added;
#endif
        g = aligned_load(output + place + pixel) > zero ? g : zero;
        aligned_store(g, gradient + place + pixel);
        total += g;
        products = MULTIPLY_ADD(g, aligned_load(y + place + pixel) - mean, products);
#if SHORTCUT == 2
        shortcut_products = MULTIPLY_ADD(g, aligned_load(shortcut + place + pixel) - shortcut_mean, shortcut_products);
#endif
    }
    total = block_sum(total, scratch);
    products = block_sum(products, scratch);
    if (SLOT == 0) {
        aligned_store(total, gradient_sums + SUMS_PLACE);
        aligned_store(products, gradient_sums + second + SUMS_PLACE);
    }
#if SHORTCUT == 2
    shortcut_products = block_sum(shortcut_products, scratch);
    if (SLOT == 0) {
        aligned_store(total, shortcut_sums + SUMS_PLACE);
        aligned_store(shortcut_products, shortcut_sums + second + SUMS_PLACE);
    }
#endif
}

// The same sums for a normalization that a ReLU follows.
__kernel void sum_gradient(
    __global const float *restrict gradient, __global const float *restrict pooled_gradient,
    __global const float *restrict y, __global const float *restrict state, __global float *restrict gradient_sums,
    const int capacity, const int channels, const int height, const int width, __local vec *scratch)
{
    SET_OWN_ROWS;
    const vec zero = (vec)(0.0f);
    const vec mean = aligned_load(state + MEAN * channels + channel);
    const vec scale = aligned_load(state + SCALE * channels + channel);
    const vec shift = aligned_load(state + SHIFT * channels + channel);
#if POOLED
    const vec added = aligned_load(pooled_gradient + (size_t)image * channels + channel) * (1.0f / (height * width));
#else
    const vec added = zero;
#endif
    vec total = zero, products = zero;
    FOR_OWN_PIXELS(pixel)
    {
        const vec value = aligned_load(y + place + pixel);
        const vec own = aligned_load(gradient + place + pixel) + added;
        const vec g = MULTIPLY_ADD(value, scale, shift) > zero ? own : zero;
        total += g;
        products = MULTIPLY_ADD(g, value - mean, products);
    }
    total = block_sum(total, scratch);
    products = block_sum(products, scratch);
    if (SLOT == 0) {
        aligned_store(total, gradient_sums + SUMS_PLACE);
        aligned_store(products, gradient_sums + (size_t)capacity * parts * channels + SUMS_PLACE);
    }
}

// Sums over the images, see set_gradient_factors. A group has a block of channels.
__kernel void finish_sums(
    __global const float *restrict gradient_sums, __global const float *restrict decisions, __global float *restrict state,
    __global float *restrict gradients, const int gamma, const int beta, const int images, const int capacity,
    const int channels, const int pixels, const int parts, __local vec *scratch)
{
    const int channel = get_group_id(0) * CHANNEL_BLOCK + LANE;
    const int count = images * parts;
    gradient_sums += channel;
    vec total = (vec)(0.0f), products = (vec)(0.0f);
    for (int i = SLOT; i < count; i += SLOTS) {
#if GATED
        const float decision = decisions[i / parts];
#else
        const float decision = 1.0f;
#endif
        total += decision * aligned_load(gradient_sums + (size_t)i * channels);
        products += decision * aligned_load(gradient_sums + (size_t)(capacity * parts + i) * channels);
    }
    total = block_sum(total, scratch);
    products = block_sum(products, scratch);
    if (SLOT == 0)
        set_gradient_factors(
            total, products, (float)images * pixels, state, gradients, gamma, beta, channels, channel);
}

// `result` may be `gradient`.
__kernel void backward_normalization(
    __global const float *gradient, __global const float *restrict pooled_gradient, __global const float *restrict y,
    __global const float *restrict state, __global const float *restrict decisions, __global float *result,
    const int channels, const int height, const int width)
{
    SET_OWN_ROWS;
    const vec zero = (vec)(0.0f);
    vec factor = aligned_load(state + GRADIENT_FACTOR * channels + channel);
    const vec value_factor = aligned_load(state + VALUE_FACTOR * channels + channel);
    const vec offset = aligned_load(state + GRADIENT_SHIFT * channels + channel);
#if AFTER_RELU
    const vec scale = aligned_load(state + SCALE * channels + channel);
    const vec shift = aligned_load(state + SHIFT * channels + channel);
#endif
#if GATED
    factor *= decisions[image];
#endif
#if POOLED
    const vec added = aligned_load(pooled_gradient + (size_t)image * channels + channel) * (1.0f / (height * width));
#else
    const vec added = zero;
#endif
    FOR_OWN_PIXELS(pixel)
    {
        const vec value = aligned_load(y + place + pixel);
        vec g = aligned_load(gradient + place + pixel) + added;
#if AFTER_RELU
        g = MULTIPLY_ADD(value, scale, shift) > zero ? g : zero;
#endif
        aligned_store(MULTIPLY_ADD(g, factor, MULTIPLY_ADD(value, value_factor, offset)), result + place + pixel);
    }
}
