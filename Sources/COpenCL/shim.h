#ifndef COPENCL_SHIM_H
#define COPENCL_SHIM_H

/* OpenCL 1.2 is what every driver in use implements. Aiming at it keeps later entry points out of
   reach, and the ones that later versions deprecated (clCreateCommandQueue) free of warnings. */
#ifndef CL_TARGET_OPENCL_VERSION
#define CL_TARGET_OPENCL_VERSION 120
#endif

#include <CL/cl.h>

/* Queries of later versions that are only asked of devices which report that version. */
static const cl_device_info COPENCL_DEVICE_MAX_NUM_SUB_GROUPS = 0x105C;

/* cl_khr_command_buffer, as far as it is used. Headers in use have it in several provisional versions
   or not at all; these functions are the same in all of them. */
typedef struct _cl_command_buffer_khr *copencl_command_buffer;

typedef copencl_command_buffer(CL_API_CALL *copencl_create_command_buffer)(
    cl_uint num_queues, const cl_command_queue *queues, const cl_ulong *properties, cl_int *errcode_ret);
typedef cl_int(CL_API_CALL *copencl_finalize_command_buffer)(copencl_command_buffer command_buffer);
typedef cl_int(CL_API_CALL *copencl_release_command_buffer)(copencl_command_buffer command_buffer);
typedef cl_int(CL_API_CALL *copencl_enqueue_command_buffer)(
    cl_uint num_queues, cl_command_queue *queues, copencl_command_buffer command_buffer,
    cl_uint num_events_in_wait_list, const cl_event *event_wait_list, cl_event *event);
typedef cl_int(CL_API_CALL *copencl_command_nd_range_kernel)(
    copencl_command_buffer command_buffer, cl_command_queue command_queue, const cl_ulong *properties,
    cl_kernel kernel, cl_uint work_dim, const size_t *global_work_offset, const size_t *global_work_size,
    const size_t *local_work_size, cl_uint num_sync_points_in_wait_list,
    const cl_uint *sync_point_wait_list, cl_uint *sync_point, void *mutable_handle);

#endif
