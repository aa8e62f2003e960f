import Foundation
import Images

/// The weights of a network, checked against its architecture: every tensor exists, has the right shape and is finite.
///
/// Tensors have the names of the authors' PyTorch code: `conv1.weight`, `bn1.running_mean`, `layer1.0.conv2.weight`,
/// `layer2.0.shortcut.0.weight` (convolution) and `.shortcut.1.weight` (batch norm), `layer1.0.fc1.weight`, `.fc1bn.weight` and
/// `.fc2.weight` (gate), `linear.weight`. ``layout(of:)`` lists them. Files may follow other conventions, see
/// ``init(path:architecture:classes:key:)``.
///
/// Values stay in their file, which is memory-mapped, and are not copied.
public struct Weights: Sendable {
    /// The network that the weights belong to, with the kind of shortcut that they are for.
    public let architecture: Architecture
    /// The file's key-value pairs.
    public let metadata: [String: String]
    /// The classes' names in the order of the logits, from the metadata's `classes`. Without these, a network of 1000 classes
    /// has the names of ``ImageNetClasses``.
    public let classNames: [String]?
    /// Mean and standard deviation that images are normalised with, per channel on the scale where white is 1, from the
    /// metadata's `mean` and `std`, or from a normalising layer of the file.
    public let normalization: (mean: [Float], std: [Float])?
    /// The gates' thresholds for each budget, from the metadata's `budget_calibration`.
    public let calibration: BudgetCalibration?
    /// How images are resized, cropped and normalised, from the metadata's `resize`, `crop` and `interpolation`, or nil if
    /// there is no `resize`.
    public let preprocessing: Preprocessing?
    /// What was chosen where the file left a choice, and what was left out: sentences for the user.
    public let notes: [String]
    private let storage: [String: Storage]

    /// Reads a file of weights: safetensors, or a checkpoint of PyTorch (.pth, .pth.tar, .th). The contents tell which.
    ///
    /// Names may be those of the authors' code, of torchvision and timm (`downsample`, `fc`), of Hugging Face's transformers, or
    /// of the published CIFAR ResNets, which have no tensors for shortcuts: basic blocks without any get zero-padded shortcuts
    /// in ``architecture``. Prefixes that all names share are dropped, such as `state_dict.`, `module.`, `_orig_mod.` or
    /// `model.`, in any combination. Counters (`num_batches_tracked`, `n_averaged`) are ignored. Gates' weights may be 1x1
    /// convolutions or matrices. F16, BF16 and F64 are converted.
    ///
    /// If a file holds several networks, averaged weights (`ema`, `swa`, `averaged_model`) are preferred, and ``notes`` says
    /// so.
    ///
    /// - Parameters:
    ///   - path: The file's path.
    ///   - architecture: The network, instead of the metadata's `architecture`: a known name, or JSON as of
    ///     ``Architecture/json()``. Without either, it is the known network that all tensors fit.
    ///   - classes: Number of classes, if not the architecture's own. Not needed if the file names its architecture: the
    ///     classifier has it.
    ///   - key: The prefix of the network to read, such as `state_dict`, if the file holds several.
    /// - Throws: ``SafetensorsError``, or another error that says what is wrong with a checkpoint of PyTorch, if the file cannot
    ///   be read; ``WeightsError/mismatch(_:)`` with every tensor that is missing, unexpected, of the wrong shape or type, not
    ///   finite, or a negative variance; ``WeightsError/unknownArchitecture(source:resembles:)`` if neither caller nor file
    ///   names the network; ``WeightsError/noSuchKey(source:key:keys:)``;
    ///   ``WeightsError/invalidMetadata(source:key:problem:)``; ``ArchitectureError`` for an impossible number of classes.
    public init(path: String, architecture: Architecture? = nil, classes: Int? = nil, key: String? = nil) throws {
        try self.init(file: try TensorFiles.open(path: path), architecture: architecture, classes: classes, key: key)
    }

    /// Reads the tensors of an open file whose names start with `prefix`, without the prefix, and ignores the others.
    /// Otherwise as ``init(path:architecture:classes:key:)``.
    public init(
        file: any TensorFile, prefix: String = "", architecture: Architecture? = nil, classes: Int? = nil,
        key: String? = nil
    ) throws {
        let tensors = file.names.filter { $0.hasPrefix(prefix) }.map {
            SourceTensor(name: $0, prefix: prefix, file: file)
        }
        let resolver = try WeightsResolver(source: file.path, tensors: tensors, metadata: file.metadata, key: key)
        try self.init(
            resolver: resolver, architecture: try resolver.architecture(given: architecture, classes: classes)
        )
    }

    /// Takes tensors in memory, named as in ``layout(of:)``, or by one of the other conventions of
    /// ``init(path:architecture:classes:key:)``.
    ///
    /// - Parameters:
    ///   - architecture: The network. One with projections needs tensors for them.
    ///   - tensors: The tensors by name.
    ///   - metadata: Key-value pairs as of a file.
    /// - Throws: ``WeightsError``.
    public init(
        architecture: Architecture, tensors: [String: Tensor], metadata: [String: String] = [:]
    ) throws {
        let tensors = tensors.sorted { $0.key < $1.key }.map { name, tensor in
            SourceTensor(name: name, tensor: tensor)
        }
        let resolver = try WeightsResolver(source: "the given tensors", tensors: tensors, metadata: metadata)
        try self.init(resolver: resolver, architecture: architecture)
    }

    private init(resolver: WeightsResolver, architecture: Architecture) throws {
        var resolver = resolver
        storage = try resolver.storage(for: architecture)
        let described = resolver.described
        classNames = try described.classNames(for: architecture)
        let normalization = try resolver.normalization(for: architecture)
        self.normalization = normalization
        calibration = try described.calibration(for: architecture)
        preprocessing = try described.preprocessing(
            for: architecture, normalization: normalization ?? architecture.usualNormalization)
        metadata = resolver.metadata
        notes = resolver.notes
        self.architecture = architecture
    }

    /// Takes tensors that fit the architecture by construction.
    init(unchecked architecture: Architecture, storage: [String: Storage]) {
        self.architecture = architecture
        self.storage = storage
        metadata = [:]
        classNames = nil
        normalization = nil
        calibration = nil
        preprocessing = nil
        notes = []
    }
}

extension Weights {
    /// The tensors' names, in the order of the network.
    public var names: [String] { Self.layout(of: architecture).map(\.name) }

    /// Calls `body` with a tensor's values, in row-major order of its shape in ``layout(of:)``. Values in single precision are
    /// not copied. The pointer is valid only during the call.
    ///
    /// - Throws: ``WeightsError/noSuchTensor(_:)``; whatever `body` throws.
    public func withUnsafeFloats<Result>(
        _ name: String, _ body: (UnsafeBufferPointer<Float>) throws -> Result
    ) throws -> Result {
        guard let storage = storage[name] else { throw WeightsError.noSuchTensor(name) }
        return try storage.withUnsafeFloats(body)
    }

    /// A copy of a tensor's values.
    ///
    /// - Throws: ``WeightsError/noSuchTensor(_:)``.
    public func floats(_ name: String) throws -> [Float] {
        try withUnsafeFloats(name) { Array($0) }
    }

    /// A copy of a tensor, in its shape in ``layout(of:)``.
    ///
    /// - Throws: ``WeightsError/noSuchTensor(_:)``.
    public func tensor(_ name: String) throws -> Tensor {
        guard let entry = Self.layout(of: architecture).first(where: { $0.name == name }) else {
            throw WeightsError.noSuchTensor(name)
        }
        return Tensor(uncheckedShape: entry.shape, values: try floats(name))
    }

    /// Copies of all tensors, by name, as ``init(architecture:tensors:metadata:)`` takes them.
    public func tensors() throws -> [String: Tensor] {
        var tensors: [String: Tensor] = [:]
        for (name, shape) in Self.layout(of: architecture) {
            tensors[name] = Tensor(uncheckedShape: shape, values: try floats(name))
        }
        return tensors
    }

    /// Writes a safetensors file that names its architecture.
    ///
    /// The file appears complete or not at all, see ``Safetensors/write(tensors:metadata:to:)``. It may be the file that the
    /// weights were read from.
    ///
    /// - Parameters:
    ///   - path: Where to write.
    ///   - metadata: Key-value pairs, which take precedence over the weights' own. `architecture` is always set, and `mean` and
    ///     `std` if the weights have a ``normalization``.
    /// - Throws: ``SafetensorsError``, ``ArchitectureError``.
    public func write(to path: String, metadata: [String: String] = [:]) throws {
        var allMetadata = self.metadata.merging(metadata) { _, new in new }
        if let normalization, allMetadata["mean"] == nil, allMetadata["std"] == nil {
            allMetadata["mean"] = normalization.mean.commaSeparated
            allMetadata["std"] = normalization.std.commaSeparated
        }
        let isNamed = (try? Architecture(named: architecture.name)) == architecture
        allMetadata["architecture"] = isNamed ? architecture.name : try architecture.json()
        let entries = Self.layout(of: architecture)
        try Safetensors.write(entries: entries, metadata: allMetadata, to: path) { index, body in
            try withUnsafeFloats(entries[index].name, body)
        }
    }

    /// The same weights in a network with untrained gates: the start of training a ConvNet-AIG from a pretrained ResNet. The
    /// metadata is kept, except for the architecture and the budgets' calibration.
    ///
    /// - Parameters:
    ///   - hidden: Width of the gates' hidden layer.
    ///   - ungatedBlocks: Blocks that get no gate and always run.
    ///   - seed: The seed of the gates' weights, which also depend on the architecture.
    /// - Throws: ``ArchitectureError`` if `hidden` or an index is out of range.
    public func adaptive(
        hidden: Int = Architecture.defaultGateHidden, ungatedBlocks: [Int] = [], seed: UInt64
    ) throws(ArchitectureError) -> Weights {
        let adaptive = try architecture.adaptive(hidden: hidden, ungatedBlocks: ungatedBlocks)
        let gates = Self.random(for: adaptive, seed: seed) { KeyDialect.isGate($0) }
        let names = Set(Self.layout(of: adaptive).map(\.name))
        let kept = storage.filter { names.contains($0.key) && !KeyDialect.isGate($0.key) }
        return Weights(
            architecture: adaptive, storage: kept.merging(gates) { own, _ in own },
            metadata: metadata.filter { !["architecture", BudgetCalibration.metadataKey].contains($0.key) },
            classNames: classNames,
            normalization: normalization, preprocessing: preprocessing)
    }

    /// The same weights for images that are preprocessed in another way.
    public func with(preprocessing: Preprocessing) throws -> Weights {
        let entries = try Self.metadata(for: preprocessing)
        return Weights(
            architecture: architecture, storage: storage, metadata: metadata.merging(entries) { _, new in new },
            classNames: classNames,
            normalization: (preprocessing.mean, preprocessing.std), preprocessing: preprocessing,
            calibration: calibration, notes: notes)
    }

    private init(
        architecture: Architecture, storage: [String: Storage], metadata: [String: String],
        classNames: [String]?, normalization: (mean: [Float], std: [Float])?, preprocessing: Preprocessing?,
        calibration: BudgetCalibration? = nil, notes: [String] = []
    ) {
        self.architecture = architecture
        self.storage = storage
        self.metadata = metadata
        self.classNames = classNames
        self.normalization = normalization
        self.preprocessing = preprocessing
        self.calibration = calibration
        self.notes = notes
    }
}

extension Weights {
    /// A network's tensors, in the order of the network, with their shapes in PyTorch's order of dimensions. Batch norm's
    /// running statistics are among them.
    ///
    /// For a block `b`: `b.conv1.weight` [out, in, k, k] and `b.bn1.weight`, `.bias`, `.running_mean`,
    /// `.running_var` [out], likewise conv2, bn2 and, in bottlenecks, conv3, bn3; for a projection
    /// `b.shortcut.0.weight` [out, in, 1, 1] and batch norm `b.shortcut.1`; for a gate `b.fc1.weight`
    /// [hidden, in, 1, 1], `b.fc1.bias` [hidden], batch norm `b.fc1bn`, `b.fc2.weight` [2, hidden, 1, 1],
    /// `b.fc2.bias` [2].
    public static func layout(of architecture: Architecture) -> [(name: String, shape: [Int])] {
        var layout: [(name: String, shape: [Int])] = []
        func batchNorm(_ name: String, _ channels: Int) {
            for suffix in ["weight", "bias", "running_mean", "running_var"] {
                layout.append(("\(name).\(suffix)", [channels]))
            }
        }
        layout.append(("conv1.weight", architecture.stemConvolution.weightShape))
        batchNorm("bn1", architecture.stem.channels)
        for block in architecture.blocks {
            for (index, convolution) in block.convolutions.enumerated() {
                layout.append(("\(block.name).conv\(index + 1).weight", convolution.weightShape))
                batchNorm("\(block.name).bn\(index + 1)", convolution.outputChannels)
            }
            if let convolution = block.shortcutConvolution {
                layout.append(("\(block.name).shortcut.0.weight", convolution.weightShape))
                batchNorm("\(block.name).shortcut.1", convolution.outputChannels)
            }
            if let gate = block.gate {
                layout.append(("\(block.name).fc1.weight", [gate.hidden, gate.inputChannels, 1, 1]))
                layout.append(("\(block.name).fc1.bias", [gate.hidden]))
                batchNorm("\(block.name).fc1bn", gate.hidden)
                layout.append(("\(block.name).fc2.weight", [2, gate.hidden, 1, 1]))
                layout.append(("\(block.name).fc2.bias", [2]))
            }
        }
        layout.append(("linear.weight", [architecture.classes, architecture.featureChannels]))
        layout.append(("linear.bias", [architecture.classes]))
        return layout
    }
}

extension Weights {
    /// Where a tensor's values are.
    enum Storage: Sendable {
        /// In a file, under its name there. Formats other than single precision are converted at each use, so that there is
        /// never a second copy of all weights.
        case file(any TensorFile, String)
        /// In an array.
        case array([Float])

        func withUnsafeFloats<Result>(
            _ body: (UnsafeBufferPointer<Float>) throws -> Result
        ) throws -> Result {
            switch self {
            case .file(let file, let name):
                // Weights are read once to be checked and once to be packed for a device, which keeps its own copy: there is
                // no need of the file's pages beside it, which the system has cached anyway.
                defer { file.releasePages(of: name) }
                return try file.withFloats(name, body)
            case .array(let values): return try values.withUnsafeBufferPointer(body)
            }
        }
    }
}
