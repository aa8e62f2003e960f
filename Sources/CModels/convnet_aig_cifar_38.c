#include "embed.h"

static _Alignas(64) const unsigned char bytes[] = {
#embed "weights/convnet-aig-cifar-38.safetensors"
};

CModel convnet_aig_cifar_38(void) { return (CModel){bytes, sizeof bytes}; }
