// A step of projected gradient ascent in the L-infinity norm (Goodfellow et al. 2015; Madry et al. 2018).
//
// input and original: [image][channels][height + 2 halo][width + 2 halo], as the network reads pictures; gradient: in blocks
// of channels with a halo of one pixel, as a convolution's kernels write it. limits: [step, bound, lowest, highest][channels].
// A work-item has a row, or a pixel where HAS_LANES.
__kernel void perturb(
    __global float *restrict input, __global const float *restrict original, __global const float *restrict gradient,
    __global const float *restrict limits, const int channels, const int height, const int width, const int halo)
{
#if HAS_LANES
    const int row = get_global_id(0) / width, first = get_global_id(0) % width, end = first + 1;
    if (row >= height) return;
#else
    const int row = get_global_id(0), first = 0, end = width;
#endif
    const int channel = get_global_id(1), image = get_global_id(2);
    const float step = limits[channel], bound = limits[channels + channel];
    const float lowest = limits[2 * channels + channel], highest = limits[3 * channels + channel];
    const int blocks = (channels + CHANNEL_BLOCK - 1) / CHANNEL_BLOCK;
    const size_t place = (((size_t)image * channels + channel) * (height + 2 * halo) + row + halo) * (width + 2 * halo) + halo;
    gradient += ((((size_t)image * blocks + channel / CHANNEL_BLOCK) * (height + 2) + row + 1) * (width + 2) + 1)
            * CHANNEL_BLOCK
        + channel % CHANNEL_BLOCK;
    for (int x = first; x < end; x++) {
        const float g = gradient[(size_t)x * CHANNEL_BLOCK], start = original[place + x];
        const float moved = input[place + x] + (g > 0.0f ? step : g < 0.0f ? -step : 0.0f);
        input[place + x] = fmin(fmax(moved, fmax(start - bound, lowest)), fmin(start + bound, highest));
    }
}
