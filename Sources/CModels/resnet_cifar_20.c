#include "embed.h"

static _Alignas(64) const unsigned char bytes[] = {
#embed "weights/resnet-cifar-20.safetensors"
};

CModel resnet_cifar_20(void) { return (CModel){bytes, sizeof bytes}; }
