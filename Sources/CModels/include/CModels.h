#ifndef CMODELS_H
#define CMODELS_H

// Safetensors files that the library carries with it, as base64; see Tools/embed_model.py.

const char *_Nonnull convnet_aig_cifar_20_base64(void);
const char *_Nonnull resnet_cifar_20_base64(void);
const char *_Nonnull convnet_aig_cifar_38_base64(void);
const char *_Nonnull resnet_cifar_38_base64(void);
const char *_Nonnull convnet_aig_cifar_56_base64(void);
const char *_Nonnull resnet_cifar_56_base64(void);

#endif
