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
