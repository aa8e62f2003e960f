// Convolution weights as the convolutions read them, made from the parameters on the device, where training changes them:
// the orders are those of Convolution.cl and Winograd.cl.
//
//   AREA        taps of a kernel
//   TRANSPOSED  1: for the gradient with respect to the input, a convolution from the output channels to the input channels
//   MIRRORED    1: with the kernel turned round, as for that gradient at stride 1
//   OUTPUT_TILE m of Winograd.cl
//
// `outputs` and `inputs` are the channels of the convolution that will read them. What is padding stays as it is, 0.

#if TRANSPOSED
#define WEIGHT(output, input, tap)                                                                                      \
    weights[((size_t)(input) * outputs + (output)) * AREA + (MIRRORED ? AREA - 1 - (tap) : (tap))]
#else
#define WEIGHT(output, input, tap) weights[((size_t)(output) * inputs + (input)) * AREA + (tap)]
#endif

#if HAS_LANES
// [outputs/width][inner][width], inner being [inputs/block][AREA][block] and what whole steps need beyond that. A work-item: a
// value of a panel, in the order in which they are stored.
__kernel void pack_panels(
    __global const float *restrict parameters, const int first, __global float *restrict packed, const int outputs,
    const int inputs, const int width, const int block, const int inner)
{
    __global const float *weights = parameters + first;
    const int place = get_global_id(0), panel = get_global_id(1);
    if (place >= inner * width) return;
    const int output = panel * width + place % width, row = place / width;
    const int tap = row / block % AREA, input = row / (AREA * block) * block + row % block;
    if (output < outputs && input < inputs)
        packed[(size_t)panel * inner * width + place] = WEIGHT(output, input, tap);
}
#else
// [outputs/width][inner][width], inner being [inputs/block][AREA][block] and what whole steps need beyond that. A work-item: a
// vector of output channels.
__kernel void pack_panels(
    __global const float *restrict parameters, const int first, __global float *restrict packed, const int outputs,
    const int inputs, const int width, const int block, const int inner)
{
    __global const float *weights = parameters + first;
    const int output = get_global_id(0) * VECTOR_WIDTH;
    const int lanes = min(VECTOR_WIDTH, outputs - output);
    __global float *panel = packed + (size_t)(output / width) * inner * width + output % width;
    for (int input = 0; input < inputs; input++) {
        __global float *target = panel + ((size_t)(input / block) * AREA * block + input % block) * width;
        for (int tap = 0; tap < AREA; tap++)
            for (int lane = 0; lane < lanes; lane++)
                target[(size_t)tap * block * width + lane] = WEIGHT(output + lane, input, tap);
    }
}
#endif

#if AREA == 9
// G g G^T: [outputs/step][SIDE * SIDE][inputs/16][16][step]. A work-item: a vector of output channels.
__kernel void pack_winograd(
    __global const float *restrict parameters, const int first, __global float *restrict packed, const int outputs,
    const int inputs, const int step)
{
    __global const float *weights = parameters + first;
    const int output = get_global_id(0) * VECTOR_WIDTH;
    const int lanes = min(VECTOR_WIDTH, outputs - output);
    const int point_stride = (inputs + CHANNEL_BLOCK - 1) / CHANNEL_BLOCK * CHANNEL_BLOCK * step;
    __global float *group = packed + (size_t)(output / step) * (SIDE * SIDE) * point_stride + output % step;
    float gathered[9 * VECTOR_WIDTH];
    for (int i = 0; i < 9 * VECTOR_WIDTH; i++) gathered[i] = 0.0f;
    for (int input = 0; input < inputs; input++) {
        for (int lane = 0; lane < lanes; lane++)
            for (int tap = 0; tap < 9; tap++)
                gathered[tap * VECTOR_WIDTH + lane] = WEIGHT(output + lane, input, tap);
        vec columns[SIDE][3];
        for (int x = 0; x < 3; x++) {
            vec taps[3], line[SIDE];
            for (int y = 0; y < 3; y++) taps[y] = vec_load(3 * y + x, gathered);
            transform_taps(taps, line);
            for (int i = 0; i < SIDE; i++) columns[i][x] = line[i];
        }
        for (int i = 0; i < SIDE; i++) {
            vec line[SIDE];
            transform_taps(columns[i], line);
            for (int j = 0; j < SIDE; j++)
                vec_store(line[j], 0, group + (size_t)(i * SIDE + j) * point_stride + input * step);
        }
    }
}
#endif
