import ConvNetAIG

/// The images of `aig run`: the tensor "input" of a safetensors file, which stays in the file until it is
/// used.
struct ImageTensor {
    private let file: SafetensorsFile
    private let shape: [Int]

    /// Number of images.
    var count: Int { shape[0] }

    private static let name = "input"

    /// - Throws: `SafetensorsError` or `CommandFailure`, if the file has no such tensor or it holds no
    ///   images.
    init(path: String) throws {
        file = try SafetensorsFile(path: path)
        guard let info = file.info(Self.name) else {
            let others = file.names.prefix(10).joined(separator: ", ") + (file.names.count > 10 ? ", …" : "")
            throw CommandFailure(
                "\(path) has no tensor \"\(Self.name)\"; name the images so when exporting. "
                    + (others.isEmpty ? "It has none at all." : "It has \(others)."))
        }
        guard info.dtype == .float32 else {
            throw SafetensorsError.unsupportedType(
                path: path, tensor: Self.name, dtype: info.dtype, wanted: "float32")
        }
        guard info.shape.count == 4 else {
            throw CommandFailure(
                "The tensor \"\(Self.name)\" of \(path) has shape \(info.shape); give images x channels x "
                    + "height x width.")
        }
        guard !info.shape.contains(0) else {
            throw CommandFailure(
                "The tensor \"\(Self.name)\" of \(path) has shape \(info.shape), and so no images; give at "
                    + "least one."
            )
        }
        shape = info.shape
    }

    /// The architecture at the images' height and width.
    ///
    /// - Throws: `CommandFailure` if it takes other channels, `ArchitectureError` if it cannot take that
    ///   size.
    func fit(_ architecture: Architecture) throws -> Architecture {
        guard shape[1] == architecture.input.channels else {
            throw CommandFailure(
                "The tensor \"\(Self.name)\" of \(file.path) has shape \(shape), that is "
                    + "\(shape[1].counted("channel")); "
                    + "\(architecture.name) takes images x \(architecture.input.channels) x height x width.")
        }
        guard shape[2] != architecture.input.height || shape[3] != architecture.input.width else {
            return architecture
        }
        return try architecture.with(height: shape[2], width: shape[3])
    }

    /// Some of the images.
    subscript(range: Range<Int>) -> Tensor {
        get throws {
            let image = shape[1...].reduce(1, *)
            let values = try file.withUnsafeFloats(Self.name) {
                Array($0[range.lowerBound * image..<range.upperBound * image])
            }
            return try Tensor(shape: [range.count] + shape[1...], values: values)
        }
    }
}
