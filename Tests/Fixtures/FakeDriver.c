/* An OpenCL driver that computes nothing, for tests of what becomes of the drivers beside it. Compiled with

   NAME             its platform's name, a string
   DEVICES          how many devices it has; 0 as drivers say it, by CL_DEVICE_NOT_FOUND
   FAILING_QUERY    the clGetPlatformInfo query that fails, or 0
   FAILING_LIST     what clGetDeviceIDs returns in place of devices, or 0
   FAILING_DEVICE   the device, from 0, of which every clGetDeviceInfo fails but that of its name, or -1 */

#define CL_TARGET_OPENCL_VERSION 120
#define CL_USE_DEPRECATED_OPENCL_1_1_APIS
#include <CL/cl.h>
#include <CL/cl_icd.h>
#include <string.h>

/* The loader finds the driver's functions by the first word of every object. */
struct _cl_platform_id {
    const cl_icd_dispatch *dispatch;
};
struct _cl_device_id {
    const cl_icd_dispatch *dispatch;
    int index;
};

static cl_icd_dispatch functions;
static struct _cl_platform_id platform = {&functions};
static struct _cl_device_id devices[DEVICES + 1];

static cl_int give(const void *source, size_t size, size_t room, void *value, size_t *needed) {
    if (needed) *needed = size;
    if (!value) return CL_SUCCESS;
    if (room < size) return CL_INVALID_VALUE;
    memcpy(value, source, size);
    return CL_SUCCESS;
}

static cl_int give_text(const char *text, size_t room, void *value, size_t *needed) {
    return give(text, strlen(text) + 1, room, value, needed);
}

static cl_int CL_API_CALL platform_info(
    cl_platform_id id, cl_platform_info query, size_t room, void *value, size_t *needed) {
    (void)id;
    if (query == FAILING_QUERY) return CL_OUT_OF_HOST_MEMORY;
    switch (query) {
    case CL_PLATFORM_NAME: return give_text(NAME, room, value, needed);
    case CL_PLATFORM_VENDOR: return give_text("Vendor of " NAME, room, value, needed);
    case CL_PLATFORM_VERSION: return give_text("OpenCL 1.2 fake", room, value, needed);
    case CL_PLATFORM_PROFILE: return give_text("FULL_PROFILE", room, value, needed);
    case CL_PLATFORM_EXTENSIONS: return give_text("cl_khr_icd", room, value, needed);
    case CL_PLATFORM_ICD_SUFFIX_KHR: return give_text("FAKE", room, value, needed);
    default: return CL_INVALID_VALUE;
    }
}

static cl_int CL_API_CALL device_ids(
    cl_platform_id id, cl_device_type type, cl_uint room, cl_device_id *list, cl_uint *count) {
    (void)id, (void)type;
    if (FAILING_LIST) return FAILING_LIST;
    if (DEVICES == 0) return CL_DEVICE_NOT_FOUND;
    if (count) *count = DEVICES;
    for (cl_uint i = 0; list && i < room && i < DEVICES; i++) {
        devices[i].dispatch = &functions;
        devices[i].index = (int)i;
        list[i] = &devices[i];
    }
    return CL_SUCCESS;
}

static cl_int CL_API_CALL device_info(
    cl_device_id id, cl_device_info query, size_t room, void *value, size_t *needed) {
    static const char zeros[3 * sizeof(size_t)];
    char name[] = "fake device 0";
    name[sizeof name - 2] = (char)('0' + id->index);
    if (query == CL_DEVICE_NAME) return give_text(name, room, value, needed);
    if (id->index == FAILING_DEVICE) return CL_INVALID_DEVICE;
    switch (query) {
    case CL_DEVICE_VENDOR:
    case CL_DRIVER_VERSION:
    case CL_DEVICE_EXTENSIONS: return give_text("fake", room, value, needed);
    case CL_DEVICE_VERSION: return give_text("OpenCL 1.2 fake", room, value, needed);
    case CL_DEVICE_OPENCL_C_VERSION: return give_text("OpenCL C 1.2 fake", room, value, needed);
    case CL_DEVICE_MAX_WORK_ITEM_SIZES: return give(zeros, sizeof zeros, room, value, needed);
    /* Of a type of its own, not available, and everything else 0. */
    default: return give(zeros, room < sizeof zeros ? room : sizeof zeros, room, value, needed);
    }
}

CL_API_ENTRY cl_int CL_API_CALL clIcdGetPlatformIDsKHR(cl_uint room, cl_platform_id *list, cl_uint *count) {
    functions.clGetPlatformInfo = platform_info;
    functions.clGetDeviceIDs = device_ids;
    functions.clGetDeviceInfo = device_info;
    if (list && room > 0) list[0] = &platform;
    if (count) *count = 1;
    return CL_SUCCESS;
}

CL_API_ENTRY void *CL_API_CALL clGetExtensionFunctionAddress(const char *name) {
    if (strcmp(name, "clIcdGetPlatformIDsKHR") == 0) return (void *)clIcdGetPlatformIDsKHR;
    if (strcmp(name, "clGetPlatformInfo") == 0) return (void *)platform_info;
    return NULL;
}
