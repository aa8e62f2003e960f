// Shared by every kernel: prepended to each file before it is built.
//
// Activations of one image are stored as [C/16][H + 2*halo][W + 2*halo][16]: sixteen channels lie together, and a zero
// halo, kept zero by never writing it, stands for the padding of the convolution that reads them. Images follow each
// other. Row sums, the raw material of global average pooling, are [image][H][C].
//
// VECTOR_WIDTH   floats in a vector: 16, 8 or 4, from the device's preferred width
// MULTIPLY_ADD   fma where the device has it in hardware, mad elsewhere

#define CHANNEL_BLOCK 16

#define CONCATENATE_(a, b) a##b
#define CONCATENATE(a, b) CONCATENATE_(a, b)

typedef CONCATENATE(float, VECTOR_WIDTH) vec;
#define vec_load CONCATENATE(vload, VECTOR_WIDTH)
#define vec_store CONCATENATE(vstore, VECTOR_WIDTH)

// ReLU. Not fmax, which would hide that a value is not a number.
#define RECTIFIED(x, zero) ((x) < (zero) ? (zero) : (x))
