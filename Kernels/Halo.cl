// Zeroes the halos of feature maps whose memory held something else before. One launch does it for all maps that come into
// use together.

// A work-item: a vector of channels of one plane of one image, or of some of its pixels where HAS_LANES. Of each plane there
// are, in `planes`: where it starts for image 0 and how far it is to the next image, both in blocks of 16 values, and its
// height and width with their halo of 1.
__kernel void zero_halos(__global stored *memory, __global const int *restrict planes, const int first_plane)
{
    __global const int *plane = planes + (first_plane + get_global_id(1)) * 4;
    const int height = plane[2], pitch = plane[3];
    __global stored *values = memory
        + ((size_t)plane[0] + (size_t)plane[1] * get_global_id(2)) * CHANNEL_BLOCK
        + get_global_id(0) % BLOCK_VECTORS * VECTOR_WIDTH;
    const vec zero = (vec)(0.0f);

#if HAS_LANES
    // Items of a plane take turns: the first row, the last one, and both ends of those between.
    for (int i = get_global_id(0) / BLOCK_VECTORS; i < 2 * (pitch + height) - 4; i += get_global_size(0) / BLOCK_VECTORS) {
        const int side = i - 2 * pitch;
        const int pixel = i < pitch ? i
            : side < 0 ? (height - 2) * pitch + i : (side / 2 + 1) * pitch + side % 2 * (pitch - 1);
        stored_aligned_store(zero, values + pixel * CHANNEL_BLOCK);
    }
#else
    // Pixels lie row after row: a row's last and the next one's first are neighbours.
    for (int pixel = 0; pixel <= pitch; pixel++) stored_store(zero, 0, values + pixel * CHANNEL_BLOCK);
    for (int row = 2; row < height; row++) {
        stored_store(zero, 0, values + (row * pitch - 1) * CHANNEL_BLOCK);
        stored_store(zero, 0, values + row * pitch * CHANNEL_BLOCK);
    }
    for (int pixel = (height - 1) * pitch - 1; pixel < height * pitch; pixel++)
        stored_store(zero, 0, values + pixel * CHANNEL_BLOCK);
#endif
}
