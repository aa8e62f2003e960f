import Foundation

/// Matches tensors of any naming convention with an architecture, and reports all that does not fit at once.
struct WeightsResolver {
    /// What messages call the tensors' origin.
    let source: String
    let metadata: [String: String]
    private var candidates: [String: WeightsCandidate] = [:]
    /// Tensors whose canonical name another one had first.
    private var copies: [WeightsMismatch.Problem] = []

    init(source: String, tensors: [WeightsCandidate], metadata: [String: String]) {
        self.source = source
        self.metadata = metadata
        for tensor in tensors {
            guard let name = KeyDialect.canonicalName(tensor.unprefixed) else { continue }
            if let first = candidates[name] {
                copies.append(.init(tensor: tensor.name, detail: "means the same as \(first.name)"))
            } else {
                candidates[name] = tensor
            }
        }
    }

    // MARK: Architecture

    /// The architecture the caller gave or else the metadata's, with the kind of shortcut the tensors are
    /// for.
    func architecture(given: Architecture?, classes: Int?) throws -> Architecture {
        var architecture: Architecture
        if let given {
            architecture = given
            if let classes { architecture = try architecture.with(classes: classes) }
        } else if let value = metadata["architecture"] {
            architecture = try parse(value, classes: classes)
        } else {
            throw WeightsError.unknownArchitecture(
                source: source, resembles: KeyDialect.resemblingArchitecture(candidates.keys))
        }
        let hasShortcuts = candidates.keys.contains { KeyDialect.isShortcut($0) }
        switch architecture.shortcut {
        case .projection where !hasShortcuts && architecture.blockKind == .basic:
            return (try? architecture.with(shortcut: .zeroPadded)) ?? architecture
        case .zeroPadded where hasShortcuts:
            return try architecture.with(shortcut: .projection)
        default:
            return architecture
        }
    }

    private func parse(_ value: String, classes: Int?) throws -> Architecture {
        do {
            if value.contains("{") {
                let architecture = try Architecture(json: value)
                return try classes.map { try architecture.with(classes: $0) } ?? architecture
            }
            // A name does not tell the number of classes; the classifier's bias does.
            let rows = candidates["linear.bias"].flatMap { $0.shape.count == 1 ? $0.shape[0] : nil }
            let found = rows.flatMap { Architecture.classLimits.contains($0) ? $0 : nil }
            return try Architecture(named: value, classes: classes ?? found)
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
            guard let candidate = candidates[name] else {
                mismatch.missing.append(.init(tensor: name, detail: "expected \(shape)"))
                continue
            }
            guard candidate.shape == shape || candidate.shape == Self.matrixShape(name, shape) else {
                mismatch.misshapen.append(
                    .init(tensor: candidate.name, detail: "found \(candidate.shape), expected \(shape)"))
                continue
            }
            guard candidate.dtype == .float32 else {
                mismatch.wrongType.append(
                    .init(tensor: candidate.name, detail: "found \(candidate.dtype.rawValue), expected F32"))
                continue
            }
            storage[name] = candidate.storage
            try candidate.storage.withUnsafeFloats { values in
                if !Self.areFinite(values) {
                    let count = values.reduce(0) { $0 + ($1.isFinite ? 0 : 1) }
                    mismatch.notFinite.append(
                        .init(tensor: candidate.name, detail: "\(count) of \(values.count) values"))
                } else if name.hasSuffix(".running_var"), let lowest = values.min(), lowest < 0 {
                    mismatch.negativeVariance.append(
                        .init(tensor: candidate.name, detail: "as low as \(lowest)"))
                }
            }
        }
        let expected = Set(layout.map(\.name))
        let left = candidates.filter { !expected.contains($0.key) }.map(\.value)
        mismatch.unexpected =
            left.sorted { $0.name < $1.name }.map {
                .init(tensor: $0.name, detail: "found \($0.shape)")
            } + copies
        guard mismatch.isEmpty else {
            mismatch.hints = hints(for: architecture, mismatch, expected: expected)
            throw WeightsError.mismatch(mismatch)
        }
        return storage
    }

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

    /// What the mismatch as a whole suggests.
    private func hints(
        for architecture: Architecture, _ mismatch: WeightsMismatch, expected: Set<String>
    ) -> [String] {
        var hints: [String] = []
        let resembles = KeyDialect.resemblingArchitecture(candidates.keys)
        if let value = metadata["architecture"], !value.contains("{"), value != architecture.name {
            hints.append("The file says it is \(value.prefix(100)): use that architecture.")
        } else if let resembles, resembles != architecture.name,
            !mismatch.missing.isEmpty || !mismatch.unexpected.isEmpty
        {
            hints.append("The tensors' names are those of \(resembles): use that architecture.")
        }
        if let bias = candidates["linear.bias"], bias.shape.count == 1, bias.shape[0] != architecture.classes {
            hints.append(
                "The classifier has \(bias.shape[0]) classes, not \(architecture.classes): "
                    + "pass classes: \(bias.shape[0]).")
        }
        if candidates.keys.contains(where: { KeyDialect.isGate($0) && !expected.contains($0) }) {
            hints.append(
                architecture.isAdaptive
                    ? "There are gates for blocks the architecture gives none: check its ungatedBlocks."
                    : "There are gates, and the architecture has none: use its adaptive(hidden:).")
        }
        if mismatch.missing.contains(where: { KeyDialect.isGate($0.tensor) }),
            !candidates.keys.contains(where: { KeyDialect.isGate($0) })
        {
            hints.append(
                "There are no gates at all: load it as the plain ResNet; Weights.adaptive(...) then adds "
                    + "untrained gates.")
        }
        if !mismatch.wrongType.isEmpty {
            hints.append("Tools/convert_checkpoint.py converts checkpoints to float32.")
        }
        return hints
    }

    // MARK: Metadata

    func classNames(for architecture: Architecture) throws -> [String]? {
        guard let names = fields("classes") else { return nil }
        guard names.count == architecture.classes else {
            throw WeightsError.invalidMetadata(
                source: source, key: "classes",
                problem: "it names \(names.count) classes, but the network has \(architecture.classes)")
        }
        return names
    }

    func normalization(for architecture: Architecture) throws -> (mean: [Float], std: [Float])? {
        let mean = try numbers("mean", count: architecture.input.channels)
        let std = try numbers("std", count: architecture.input.channels)
        guard let mean, let std else {
            if mean == nil, std == nil { return nil }
            throw WeightsError.invalidMetadata(
                source: source, key: mean == nil ? "mean" : "std",
                problem: "it is missing, though the other of mean and std is there")
        }
        guard std.allSatisfy({ $0 > 0 && (1 / $0).isFinite }) else {
            throw WeightsError.invalidMetadata(
                source: source, key: "std", problem: "images cannot be divided by \(std)")
        }
        return (mean, std)
    }

    func calibration(for architecture: Architecture) throws -> BudgetCalibration? {
        let key = BudgetCalibration.metadataKey
        guard let text = metadata[key] else { return nil }
        func invalid(_ problem: String) -> WeightsError {
            .invalidMetadata(source: source, key: key, problem: problem)
        }
        do {
            let calibration = try JSONDecoder().decode(BudgetCalibration.self, from: Data(text.utf8))
            if let problem = calibration.problem(gates: architecture.gatedBlocks.count) { throw invalid(problem) }
            return calibration
        } catch let error as DecodingError {
            throw invalid(JSONProblem.explanation(of: error))
        }
    }

    private func numbers(_ key: String, count: Int) throws -> [Float]? {
        guard let fields = fields(key) else { return nil }
        let numbers = fields.compactMap { Float($0) }.filter(\.isFinite)
        guard numbers.count == fields.count, numbers.count == count else {
            throw WeightsError.invalidMetadata(
                source: source, key: key,
                problem: "it must be \(count) numbers separated by commas, one per channel, and is "
                    + "\"\(metadata[key, default: ""].prefix(100))\"")
        }
        return numbers
    }

    /// Comma-separated values without surrounding spaces.
    private func fields(_ key: String) -> [String]? {
        metadata[key]?.split(separator: ",", omittingEmptySubsequences: false).map {
            String($0.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
        }
    }
}
