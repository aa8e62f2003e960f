// An image, and what is done to it before a network sees it, are part of this library's interface.
@_exported import Images
// Errors of files are thrown by this library.
@_exported import enum FileSystem.FileError
// Devices, shapes and what is measured of operators are part of this library's interface.
@_exported import Operators
