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

#define CHANNEL_BLOCK 16

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
