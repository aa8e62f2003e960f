#include "embed.h"

static _Alignas(64) const unsigned char bytes[] = {
#embed "weights/resnet-cifar-38.safetensors"
};

CModel resnet_cifar_38(void) { return (CModel){bytes, sizeof bytes}; }
