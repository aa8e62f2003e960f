// What every file of this folder starts with. The compiler writes the embedded file among the dependencies of the object
// file, so that a build after a change of the weights takes the new ones.

#ifndef __has_embed
#error "The trained models need #embed of C23: build with clang 19 or later, which Swift 6.3 brings, or leave ConvNetAIGModels out."
#endif

// The package's other C is older; SwiftPM has no name for C23 yet.
#pragma clang diagnostic ignored "-Wc23-extensions"

#include "CModels.h"
