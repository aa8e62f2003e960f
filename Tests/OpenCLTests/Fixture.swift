import OpenCL

/// The device the tests run on, as `AIG_DEVICE` says, with a context and a queue. Without a device the
/// tests fail.
struct Fixture {
    let device: Device
    let context: Context
    let queue: CommandQueue

    init(profiling: Bool = false) throws {
        device = try Device.select()
        context = try Context(device: device)
        queue = try CommandQueue(context: context, profiling: profiling)
    }

    func kernel(_ name: String, options: [String] = []) throws -> Kernel {
        try Program(context: context, source: Self.source, options: options).kernel(named: name)
    }

    static let source = """
        #ifndef FACTOR
        #define FACTOR 1
        #endif

        __kernel void add(__global const float *a, __global const float *b, __global float *sum,
                          const int count, const float scale) {
            const size_t i = get_global_id(0);
            if (i < count) sum[i] = a[i] + scale * b[i];
        }

        __kernel void scale(__global float *values, const float factor) {
            values[get_global_id(0)] *= factor * FACTOR;
        }

        __kernel void scalars(__global long *out, const int a, const uint b, const long c, const ulong d,
                              const float e) {
            out[0] = a; out[1] = b; out[2] = c; out[3] = (long)d; out[4] = (long)e;
        }

        __kernel void reverse(__global int *values, __local int *scratch) {
            const size_t local_id = get_local_id(0), size = get_local_size(0);
            scratch[local_id] = values[get_global_id(0)];
            barrier(CLK_LOCAL_MEM_FENCE);
            values[get_global_id(0)] = scratch[size - 1 - local_id];
        }

        __kernel void place(__global int *out) {
            const size_t width = get_global_size(0), height = get_global_size(1);
            const size_t x = get_global_id(0) - get_global_offset(0);
            const size_t y = get_global_id(1), z = get_global_id(2);
            out[(z * height + y) * width + x] = get_global_id(0) + 100 * y + 10000 * z;
        }

        __kernel void null(__global int *out, __global const int *optional) {
            out[0] = optional ? optional[0] : -1;
        }
        """
}
