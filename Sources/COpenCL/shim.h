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

#endif
