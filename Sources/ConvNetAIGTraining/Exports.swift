// What a network is trained with and measured on is part of this library's interface.
@_exported import Datasets
// Intervals and counts of images are part of an evaluation.
@_exported import Statistics
