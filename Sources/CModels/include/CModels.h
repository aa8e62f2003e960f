#ifndef CMODELS_H
#define CMODELS_H

#include <stddef.h>

// A safetensors file in the program's read-only memory.
typedef struct {
    const void *_Nonnull bytes;
    size_t count;
} CModel;

CModel convnet_aig_cifar_20(void);
CModel convnet_aig_cifar_38(void);
CModel convnet_aig_cifar_56(void);
CModel resnet_cifar_20(void);
CModel resnet_cifar_38(void);
CModel resnet_cifar_56(void);

#endif
