// What a network is trained with and measured on is part of this library's interface.
@_exported import Datasets
