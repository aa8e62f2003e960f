#ifndef CCLBLAST_SHIM_H
#define CCLBLAST_SHIM_H

/* The same version as COpenCL aims at: the headers differ by it. */
#ifndef CL_TARGET_OPENCL_VERSION
#define CL_TARGET_OPENCL_VERSION 120
#endif

#include <clblast_c.h>

#endif
