// Stochastic gradient descent with momentum (Sutskever et al. 2013, in PyTorch's form), and the gradients' norm.
//
//   CHUNK  values whose squares a work-item adds up, a multiple of 16

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

// norm: [0] the L2 norm, [1] what gradients are multiplied by so that it is at most `largest`, where that is positive.
__kernel void finish_norm(
    __global const float *restrict partial, __global float *restrict norm, const int chunks, const float largest)
{
    float total = 0.0f;
    for (int i = 0; i < chunks; i++) total += partial[i];
    const float length = sqrt(total);
    norm[0] = length;
    const float factor = largest / (length + 1e-6f);
    norm[1] = largest > 0.0f && factor < 1.0f ? factor : 1.0f;
}

// Of a group of parameters, for a vector of values. Nothing changes where the norm is not finite.
__kernel void update(
    __global float *restrict parameters, __global const float *restrict gradients, __global float *restrict velocities,
    __global float *restrict averages, __global const float *restrict norm, const int first, const float learning_rate,
    const float weight_decay, const float momentum, const int nesterov, const float average_decay)
{
    if (!isfinite(norm[0])) return;
    const size_t place = (size_t)first + (size_t)get_global_id(0) * 16;
#pragma unroll
    for (int part = 0; part < 16; part += VECTOR_WIDTH) {
        vec value = vec_load(0, parameters + place + part);
        const vec g = MULTIPLY_ADD(value, (vec)(weight_decay), vec_load(0, gradients + place + part) * norm[1]);
        const vec velocity = MULTIPLY_ADD(vec_load(0, velocities + place + part), (vec)(momentum), g);
        vec_store(velocity, 0, velocities + place + part);
        value -= learning_rate * (nesterov ? MULTIPLY_ADD(velocity, (vec)(momentum), g) : velocity);
        vec_store(value, 0, parameters + place + part);
        // Negative: no average is kept.
        if (average_decay >= 0.0f) {
            const vec average = vec_load(0, averages + place + part);
            vec_store(average + (1.0f - average_decay) * (value - average), 0, averages + place + part);
        }
    }
}
