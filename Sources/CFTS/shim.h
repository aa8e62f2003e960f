#ifndef CFTS_SHIM_H
#define CFTS_SHIM_H

// fts(3), which walks folders; Swift's own module of the C library leaves it out.
#include <fts.h>

#endif
