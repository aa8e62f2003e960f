// Shared by every kernel: prepended to each file before it is built.
//
// Activations of one image are stored as [C/16][H + 2*halo][W + 2*halo][16]: sixteen channels lie together, and a zero
// halo, kept zero by never writing it, stands for the padding of the convolution that reads them. Images follow each
// other. Row sums, the raw material of global average pooling, are [image][H][C].
//
// VECTOR_WIDTH   floats in a vector: 16, 8 or 4, from the device's preferred width
// MULTIPLY_ADD   fma where the device has it in hardware, mad elsewhere
// STORES_HALVES  1: activations and the weights of convolutions are kept as halves, and become floats as they are read;
//                pictures, row sums and everything else are floats in either case
// HAS_LANES      1: work-items of a group run side by side, as on a GPU: neighbours have neighbouring vectors of channels, and
//                then neighbouring pixels, and a group shares a sum; 0: a work-item has a row or a plane to itself, as a
//                CPU's core likes it

#define CHANNEL_BLOCK 16
// Vectors of a block of channels.
#define BLOCK_VECTORS (CHANNEL_BLOCK / VECTOR_WIDTH)

#define CONCATENATE_(a, b) a##b
#define CONCATENATE(a, b) CONCATENATE_(a, b)

typedef CONCATENATE(float, VECTOR_WIDTH) vec;
#define vec_load CONCATENATE(vload, VECTOR_WIDTH)
#define vec_store CONCATENATE(vstore, VECTOR_WIDTH)

#if STORES_HALVES
// Loads and stores of halves are a part of OpenCL C; only computing with them takes an extension.
typedef half stored;
#define stored_load CONCATENATE(vload_half, VECTOR_WIDTH)
#define stored_store CONCATENATE(vstore_half, VECTOR_WIDTH)
#define STORED_VALUE(pointer) vload_half(0, pointer)
#define STORE_VALUE(value, pointer) vstore_half(value, 0, pointer)
#else
typedef float stored;
#define stored_load vec_load
#define stored_store vec_store
#define STORED_VALUE(pointer) (*(pointer))
#define STORE_VALUE(value, pointer) (*(pointer) = (value))
#endif

// ReLU. Not fmax, which would hide that a value is not a number.
#define RECTIFIED(x, zero) ((x) < (zero) ? (zero) : (x))

// The sum of the products of two rows of values.
static inline float row_product(__global const float *a, __global const float *b, const int count)
{
    vec sums = (vec)(0.0f);
    int i = 0;
    for (; i + VECTOR_WIDTH <= count; i += VECTOR_WIDTH)
        sums = MULTIPLY_ADD(vec_load(0, a + i), vec_load(0, b + i), sums);
    float lanes[VECTOR_WIDTH];
    vec_store(sums, 0, lanes);
    float sum = 0.0f;
    for (int lane = 0; lane < VECTOR_WIDTH; lane++) sum += lanes[lane];
    for (; i < count; i++) sum += a[i] * b[i];
    return sum;
}

// sums += factor * row
static inline void add_row(const float factor, __global const float *row, __global float *sums, const int count)
{
    int i = 0;
    for (; i + VECTOR_WIDTH <= count; i += VECTOR_WIDTH)
        vec_store(MULTIPLY_ADD((vec)(factor), vec_load(0, row + i), vec_load(0, sums + i)), 0, sums + i);
    for (; i < count; i++) sums[i] = MULTIPLY_ADD(factor, row[i], sums[i]);
}

// Vectors that lie at multiples of their size, as blocks of channels do: GPUs have one access for each, where vload takes one
// for each value.
#if HAS_LANES
#define aligned_load(pointer) (*(__global const vec *)(pointer))
#define aligned_store(value, pointer) (*(__global vec *)(pointer) = (value))
#else
#define aligned_load(pointer) vec_load(0, pointer)
#define aligned_store(value, pointer) vec_store(value, 0, pointer)
#endif

#if HAS_LANES
#if STORES_HALVES
#define stored_aligned_load(pointer) CONCATENATE(vloada_half, VECTOR_WIDTH)(0, pointer)
#define stored_aligned_store(value, pointer) CONCATENATE(vstorea_half, VECTOR_WIDTH)(value, 0, pointer)
#else
#define stored_aligned_load aligned_load
#define stored_aligned_store aligned_store
#endif

// Where work-items of a group share a block of channels: each has a vector of them, and every SLOTS-th pixel, image or whatever
// is summed over, from SLOT on.
#define LANE (get_local_id(0) % BLOCK_VECTORS * VECTOR_WIDTH)
#define SLOT ((int)get_local_id(0) / BLOCK_VECTORS)
#define SLOTS ((int)get_local_size(0) / BLOCK_VECTORS)

// Sums of a group of 2^n work-items, always in the same order. Afterwards every item may read any of the first `stride` values,
// until the next sum begins: the sums over those items whose index is the same modulo `stride`.
static inline __attribute__((always_inline)) void add_partials(__local float *values, const int stride)
{
    const int item = get_local_id(0);
    barrier(CLK_LOCAL_MEM_FENCE);
    for (int apart = get_local_size(0) / 2; apart >= stride; apart /= 2) {
        if (item < apart) values[item] += values[item + apart];
        barrier(CLK_LOCAL_MEM_FENCE);
    }
}

// The sum over the items whose index is the same modulo `stride`.
static inline __attribute__((always_inline)) vec vector_sum(const vec value, __local vec *scratch, const int stride)
{
    const int item = get_local_id(0);
    // The sum before may be read still.
    barrier(CLK_LOCAL_MEM_FENCE);
    scratch[item] = value;
    barrier(CLK_LOCAL_MEM_FENCE);
    for (int apart = get_local_size(0) / 2; apart >= stride; apart /= 2) {
        if (item < apart) scratch[item] += scratch[item + apart];
        barrier(CLK_LOCAL_MEM_FENCE);
    }
    return scratch[item % stride];
}

// The sum over the items that have the same vector of a block of channels.
#define block_sum(value, scratch) vector_sum(value, scratch, BLOCK_VECTORS)

// The sum over all items.
static inline __attribute__((always_inline)) float group_sum(const float value, __local float *scratch)
{
    barrier(CLK_LOCAL_MEM_FENCE);
    scratch[get_local_id(0)] = value;
    add_partials(scratch, 1);
    return scratch[0];
}
#endif
