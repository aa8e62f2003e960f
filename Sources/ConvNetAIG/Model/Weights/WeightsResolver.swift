import Foundation

/// Matches tensors of any naming convention with an architecture, and reports everything that does not fit.
struct WeightsResolver {
    /// The name of the tensors' origin in errors.
    let source: String
    /// The key-value pairs of the file.
    let metadata: [String: String]
    /// What was chosen where there was a choice, and what was left out.
    private(set) var notes: [String]
    private let dictionary: StateDictionary
    private var tensors: [String: SourceTensor] { dictionary.tensors }

    /// Finds the network among the tensors.
    ///
    /// - Parameter key: The prefix of the network, if the tensors are of several.
    /// - Throws: ``WeightsError/noSuchKey(source:key:keys:)``.
    init(
        source: String, tensors: [SourceTensor], metadata: [String: String], key: String? = nil
    ) throws(WeightsError) {
        self.source = source
        self.metadata = metadata
        dictionary = try StateDictionary(of: tensors, source: source, key: key)
        notes = dictionary.notes
    }

    // MARK: Architecture

    /// The given architecture, or else the metadata's, or else the known one that has the tensors' names and shapes; with the
    /// kind of shortcut that the tensors are for.
    func architecture(given: Architecture?, classes: Int?) throws -> Architecture {
        var architecture: Architecture
        if let given {
            architecture = given
            if let classes { architecture = try architecture.with(classes: classes) }
        } else if let value = metadata["architecture"] {
            architecture = try parse(value, classes: classes)
        } else if let known = knownArchitecture(classes: classes) {
            architecture = known
        } else {
            throw WeightsError.unknownArchitecture(
                source: source, resembles: KeyDialect.resemblingArchitecture(tensors.keys))
        }
        let hasShortcuts = tensors.keys.contains { KeyDialect.isShortcut($0) }
        switch architecture.shortcut {
        case .projection where !hasShortcuts && architecture.blockKind == .basic:
            return (try? architecture.with(shortcut: .zeroPadded)) ?? architecture
        case .zeroPadded where hasShortcuts:
            return try architecture.with(shortcut: .projection)
        default:
            return architecture
        }
    }

    /// The known architecture that has all of the tensors' names and shapes.
    private func knownArchitecture(classes: Int?) -> Architecture? {
        guard let name = KeyDialect.resemblingArchitecture(tensors.keys),
            let named = try? Architecture(named: name, classes: classes ?? classifierRows)
        else { return nil }
        let hasShortcuts = tensors.keys.contains { KeyDialect.isShortcut($0) }
        let known = hasShortcuts ? named : (try? named.with(shortcut: .zeroPadded)) ?? named
        let isAlike = Weights.layout(of: known).allSatisfy { name, shape in
            tensors[name].map { $0.shape == shape || $0.shape == Self.matrixShape(name, shape) } ?? false
        }
        return isAlike ? named : nil
    }

    /// The classifier's number of classes, if it is a possible one.
    var classifierRows: Int? {
        let rows = tensors["linear.bias"].flatMap { $0.shape.count == 1 ? $0.shape[0] : nil }
        return rows.flatMap { Architecture.classLimits.contains($0) ? $0 : nil }
    }

    private func parse(_ value: String, classes: Int?) throws -> Architecture {
        do {
            if value.contains("{") {
                let architecture = try Architecture(json: value)
                return try classes.map { try architecture.with(classes: $0) } ?? architecture
            }
            // A name does not tell the number of classes; the classifier's bias does.
            return try Architecture(named: value, classes: classes ?? classifierRows)
        } catch let error as ArchitectureError {
            throw WeightsError.invalidMetadata(
                source: source, key: "architecture", problem: error.description)
        }
    }

    // MARK: Tensors

    /// The tensors of the architecture by canonical name.
    ///
    /// - Throws: ``WeightsError/mismatch(_:)``.
    func storage(for architecture: Architecture) throws -> [String: Weights.Storage] {
        var mismatch = WeightsMismatch(source: source, architecture: architecture.name)
        var storage: [String: Weights.Storage] = [:]
        let layout = Weights.layout(of: architecture)
        for (name, shape) in layout {
            guard let tensor = tensors[name] else {
                mismatch.missing.append(.init(tensor: name, detail: "expected \(shape)"))
                continue
            }
            if let problem = tensor.problem {
                mismatch.wrongType.append(.init(tensor: tensor.name, detail: problem))
                continue
            }
            guard tensor.shape == shape || tensor.shape == Self.matrixShape(name, shape) else {
                mismatch.misshapen.append(
                    .init(tensor: tensor.name, detail: "found \(tensor.shape), expected \(shape)"))
                continue
            }
            guard let type = tensor.dtype, Self.readTypes.contains(type) else {
                mismatch.wrongType.append(
                    .init(
                        tensor: tensor.name,
                        detail: "found \(tensor.dtype?.rawValue ?? "nothing"), expected F32, F16, BF16 or F64"))
                continue
            }
            storage[name] = tensor.storage
            try tensor.storage.withUnsafeFloats { values in
                if !Self.areFinite(values) {
                    let count = values.reduce(0) { $0 + ($1.isFinite ? 0 : 1) }
                    mismatch.notFinite.append(
                        .init(tensor: tensor.name, detail: "\(count) of \(values.count) values"))
                } else if name.hasSuffix(".running_var"), let lowest = values.min(), lowest < 0 {
                    mismatch.negativeVariance.append(
                        .init(tensor: tensor.name, detail: "as low as \(lowest)"))
                }
            }
        }
        let expected = Set(layout.map(\.name))
        let left = tensors.filter { !expected.contains($0.key) }.map(\.value)
        mismatch.unexpected =
            left.sorted { $0.name < $1.name }.map {
                .init(tensor: $0.name, detail: $0.problem ?? "found \($0.shape)")
            } + dictionary.copies
        guard mismatch.isEmpty else {
            mismatch.hints = hints(for: architecture, mismatch, expected: expected)
            throw WeightsError.mismatch(mismatch)
        }
        return storage
    }

    /// The types that weights may have. Others than float32 are converted to it.
    private static let readTypes: Set<TensorDataType> = [.float32, .float16, .bfloat16, .float64]

    /// The shape of a gate's 1x1 convolution written as a linear layer.
    private static func matrixShape(_ name: String, _ shape: [Int]) -> [Int]? {
        KeyDialect.isGate(name) && shape.count == 4 ? Array(shape.prefix(2)) : nil
    }

    /// Whether no value is infinite or NaN, which have all bits of the exponent set.
    static func areFinite(_ values: UnsafeBufferPointer<Float>) -> Bool {
        var carry: UInt32 = 0
        // Adding one to the exponent carries into the sign just for those; no branch, so this vectorises.
        for value in values { carry |= (value.bitPattern & 0x7FFF_FFFF) &+ 0x0080_0000 }
        return carry & 0x8000_0000 == 0
    }

    /// What to do about the mismatch as a whole.
    private func hints(
        for architecture: Architecture, _ mismatch: WeightsMismatch, expected: Set<String>
    ) -> [String] {
        var hints: [String] = []
        let resembles = KeyDialect.resemblingArchitecture(tensors.keys)
        if let value = metadata["architecture"], !value.contains("{"), value != architecture.name {
            hints.append("The file says it is \(value.prefix(100)): use that architecture.")
        } else if let resembles, resembles != architecture.name,
            !mismatch.missing.isEmpty || !mismatch.unexpected.isEmpty
        {
            hints.append("The tensors' names are those of \(resembles): use that architecture.")
        }
        if let bias = tensors["linear.bias"], bias.shape.count == 1, bias.shape[0] != architecture.classes {
            hints.append(
                "The classifier has \(bias.shape[0]) classes, not \(architecture.classes): "
                    + "pass classes: \(bias.shape[0]).")
        }
        if tensors.keys.contains(where: { KeyDialect.isGate($0) && !expected.contains($0) }) {
            hints.append(
                architecture.isAdaptive
                    ? "There are gates for blocks the architecture gives none: check its ungatedBlocks."
                    : "There are gates, and the architecture has none: use its adaptive(hidden:).")
        }
        if mismatch.missing.contains(where: { KeyDialect.isGate($0.tensor) }),
            !tensors.keys.contains(where: { KeyDialect.isGate($0) })
        {
            hints.append(
                "There are no gates at all: load it as the plain ResNet; Weights.adaptive(...) then adds "
                    + "untrained gates.")
        }
        if !mismatch.wrongType.isEmpty {
            hints.append("Save the weights in floating point, such as with model.float().")
        }
        return hints
    }

    // MARK: Metadata

    /// The entries of the metadata.
    var described: WeightsMetadata { WeightsMetadata(source: source, values: metadata) }

    /// What images are normalised with: the metadata's entries, or else a normalising layer that the file has before the
    /// network.
    mutating func normalization(for architecture: Architecture) throws -> (mean: [Float], std: [Float])? {
        if let own = try described.normalization(for: architecture) { return own }
        guard let layer = dictionary.normalization, layer.mean.problem == nil, layer.std.problem == nil else {
            return nil
        }
        var mean = try layer.mean.storage.withUnsafeFloats { Array($0) }
        var std = try layer.std.storage.withUnsafeFloats { Array($0) }
        guard mean.count == std.count, mean.allSatisfy(\.isFinite), std.allSatisfy({ $0 > 0 && (1 / $0).isFinite })
        else {
            return nil
        }
        // Some layers take images whose white is 255.
        if std.contains(where: { $0 > 2 }) {
            mean = mean.map { $0 / 255 }
            std = std.map { $0 / 255 }
        }
        notes.append("Pictures are normalised as \(layer.mean.name) and \(layer.std.name) say.")
        return (mean, std)
    }
}

/// A tensor of a file, or one in memory, which may turn out to be part of the weights.
struct SourceTensor {
    /// The name in the file, for messages.
    let name: String
    /// The name without the caller's prefix.
    let unprefixed: String
    /// The format of the values, or nil if the tensor cannot be read.
    let dtype: TensorDataType?
    /// Why the tensor cannot be read.
    let problem: String?
    let shape: [Int]
    let storage: Weights.Storage

    /// Takes a tensor in memory.
    init(name: String, tensor: Tensor) {
        self.name = name
        unprefixed = name
        dtype = .float32
        problem = nil
        shape = tensor.shape
        storage = .array(tensor.values)
    }

    /// Takes a tensor of a file.
    ///
    /// - Parameter prefix: What the name starts with.
    init(name: String, prefix: String, file: any TensorFile) {
        let info = file.info(name)
        self.name = name
        unprefixed = String(name.dropFirst(prefix.count))
        dtype = info?.dtype
        problem = info == nil ? (file as? TorchCheckpoint)?.problem(name) ?? "cannot be read" : nil
        shape = info?.shape ?? []
        storage = .file(file, name)
    }
}
