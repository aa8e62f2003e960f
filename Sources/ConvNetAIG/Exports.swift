// An image, and what is done to it before a network sees it, are part of this library's interface.
@_exported import Images
// Devices, shapes and what is measured of operators are part of this library's interface.
@_exported import Operators
