#ifndef CMALLOC_SHIM_H
#define CMALLOC_SHIM_H

/* Swift's own module of the C library leaves this header out. */
#include <malloc.h>

#endif
