// Stochastic gradient descent with momentum (Sutskever et al. 2013, in PyTorch's form), and the gradients' norm.
//
//   CHUNK  values whose squares a work-item, or a group where HAS_LANES, adds up, a multiple of 16

#if HAS_LANES
// partial: a sum of squares for each chunk.
__kernel void square_sums(
    __global const float *restrict gradients, __global float *restrict partial, const int count, __local float *scratch)
{
    const int first = get_group_id(0) * CHUNK, end = min(first + CHUNK, count);
    vec sum = (vec)(0.0f);
    for (int i = first + get_local_id(0) * VECTOR_WIDTH; i < end; i += get_local_size(0) * VECTOR_WIDTH) {
        const vec g = aligned_load(gradients + i);
        sum = MULTIPLY_ADD(g, g, sum);
    }
    float lanes[VECTOR_WIDTH];
    vec_store(sum, 0, lanes);
    float own = 0.0f;
    for (int lane = 0; lane < VECTOR_WIDTH; lane++) own += lanes[lane];
    const float total = group_sum(own, scratch);
    if (get_local_id(0) == 0) partial[get_group_id(0)] = total;
}
#else
// partial: a sum of squares for each chunk.
__kernel void square_sums(__global const float *restrict gradients, __global float *restrict partial, const int count)
{
    const int first = get_global_id(0) * CHUNK, end = min(first + CHUNK, count);
    vec sum = (vec)(0.0f);
    for (int i = first; i < end; i += VECTOR_WIDTH) {
        const vec g = vec_load(0, gradients + i);
        sum = MULTIPLY_ADD(g, g, sum);
    }
    float lanes[VECTOR_WIDTH];
    vec_store(sum, 0, lanes);
    float total = 0.0f;
    for (int lane = 0; lane < VECTOR_WIDTH; lane++) total += lanes[lane];
    partial[get_global_id(0)] = total;
}

#endif

// norm: [0] the L2 norm, [1] what gradients are multiplied by so that it is at most `largest`, where that is positive.
__kernel void finish_norm(
    __global const float *restrict partial, __global float *restrict norm, const int chunks, const float largest
#if HAS_LANES
    , __local float *scratch
#endif
)
{
    float total = 0.0f;
#if HAS_LANES
    for (int i = get_local_id(0); i < chunks; i += get_local_size(0)) total += partial[i];
    total = group_sum(total, scratch);
    if (get_local_id(0) != 0) return;
#else
    for (int i = 0; i < chunks; i++) total += partial[i];
#endif
    const float length = sqrt(total);
    norm[0] = length;
    const float factor = largest / (length + 1e-6f);
    norm[1] = largest > 0.0f && factor < 1.0f ? factor : 1.0f;
}

// Of a group of `count` parameters, for 16 of them, or a vector where HAS_LANES. Nothing changes where the norm is not finite.
__kernel void update(
    __global float *restrict parameters, __global const float *restrict gradients, __global float *restrict velocities,
    __global float *restrict averages, __global const float *restrict norm, const int first, const float learning_rate,
    const float weight_decay, const float momentum, const int nesterov, const float average_decay, const int count)
{
    if (!isfinite(norm[0])) return;
#if HAS_LANES
    const int item_values = VECTOR_WIDTH;
    if (get_global_id(0) * VECTOR_WIDTH >= count) return;
#else
    const int item_values = 16;
#endif
    const size_t place = (size_t)first + (size_t)get_global_id(0) * item_values;
#pragma unroll
    for (int part = 0; part < item_values; part += VECTOR_WIDTH) {
        vec value = aligned_load(parameters + place + part);
        const vec g = MULTIPLY_ADD(value, (vec)(weight_decay), aligned_load(gradients + place + part) * norm[1]);
        const vec velocity = MULTIPLY_ADD(aligned_load(velocities + place + part), (vec)(momentum), g);
        aligned_store(velocity, velocities + place + part);
        value -= learning_rate * (nesterov ? MULTIPLY_ADD(velocity, (vec)(momentum), g) : velocity);
        aligned_store(value, parameters + place + part);
        // Negative: no average is kept.
        if (average_decay >= 0.0f) {
            const vec average = aligned_load(averages + place + part);
            aligned_store(average + (1.0f - average_decay) * (value - average), averages + place + part);
        }
    }
}
