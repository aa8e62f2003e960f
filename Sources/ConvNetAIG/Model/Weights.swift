import Foundation
import Images

/// The weights of a network, checked against its architecture: every tensor is there, has the right shape,
/// and is finite.
///
/// Tensors go by the names of the authors' PyTorch code: `conv1.weight`, `bn1.running_mean`,
/// `layer1.0.conv2.weight`, `layer2.0.shortcut.0.weight` (convolution) and `.shortcut.1.weight` (batch norm),
/// `layer1.0.fc1.weight`, `.fc1bn.weight` and `.fc2.weight` (gate), `linear.weight`. ``layout(of:)`` lists
/// them. Files are read under other conventions too, see ``init(path:architecture:classes:key:)``.
///
/// Values read from a file stay in the file, which is memory-mapped, and are not copied.
public struct Weights: Sendable {
    /// The network the weights belong to. Its ``Architecture/shortcut`` is the one the weights are for.
    public let architecture: Architecture
    /// The file's key-value pairs.
    public let metadata: [String: String]
    /// The classes' names in the order of the logits, from the metadata's `classes`. A network of 1000 classes that has
    /// none has those of ``ImageNetClasses``.
    public let classNames: [String]?
    /// What images are normalised with, per channel on the scale where white is 1, from the metadata's `mean`
    /// and `std`, or from a layer of the file that does it.
    public let normalization: (mean: [Float], std: [Float])?
    /// Which thresholds of the gates keep to which budget, from the metadata's `budget_calibration`.
    public let calibration: BudgetCalibration?
    /// What is done to pictures, from the metadata's `resize`, `crop` and `interpolation`; nil where the file does not say
    /// how pictures are resized.
    public let preprocessing: Preprocessing?
    /// What was chosen where the file left a choice, and what of it was left out: sentences to show to people.
    public let notes: [String]
    private let storage: [String: Storage]

    /// Reads a file of weights: safetensors, or a checkpoint of PyTorch (.pth, .pth.tar, .th), told by its contents.
    ///
    /// Understood are the names of the authors' code, torchvision's and timm's (`downsample`, `fc`), those of Hugging
    /// Face's transformers, and those of the published CIFAR ResNets, which have no tensors for shortcuts: a file of basic
    /// blocks without any is taken to mean zero-padded shortcuts, and ``architecture`` says so. Whatever stands before all
    /// names is taken away, such as `state_dict.`, `module.`, `_orig_mod.` or `model.`, in any combination.
    /// Counters (`num_batches_tracked`, `n_averaged`) are ignored. Gates' weights may be 1x1 convolutions or matrices.
    /// F16, BF16 and F64 are converted.
    ///
    /// Where a file holds several networks, averaged weights (`ema`, `swa`, `averaged_model`) come before others, and
    /// ``notes`` says so.
    ///
    /// - Parameters:
    ///   - architecture: The network, if the file does not say, or should not be believed. By default the
    ///     metadata's `architecture`: a known name, or JSON as of ``Architecture/json()``. Without that, it is the known
    ///     one that all tensors fit.
    ///   - classes: Number of classes, if not the architecture's own. A file that gives its architecture by
    ///     name needs none: the classifier's size is taken.
    ///   - key: Which network is meant, where the file holds several: what it is under, such as `state_dict`.
    /// - Throws: ``SafetensorsError``, or what is wrong with a checkpoint of PyTorch, if the file cannot be read;
    ///   ``WeightsError/mismatch(_:)`` with everything that is missing, left over, of the wrong shape or type, not finite,
    ///   or a negative variance; ``WeightsError/unknownArchitecture(source:resembles:)`` if neither caller nor file names
    ///   the network; ``WeightsError/noSuchKey(source:key:keys:)``; ``WeightsError/invalidMetadata(source:key:problem:)``;
    ///   ``ArchitectureError`` for an impossible number of classes.
    public init(path: String, architecture: Architecture? = nil, classes: Int? = nil, key: String? = nil) throws {
        try self.init(file: try TensorFiles.open(path: path), architecture: architecture, classes: classes, key: key)
    }

    /// Reads the tensors of an open file whose names start with `prefix`, which is then left out of their
    /// names; others are ignored. Otherwise as ``init(path:architecture:classes:key:)``.
    public init(
        file: any TensorFile, prefix: String = "", architecture: Architecture? = nil, classes: Int? = nil,
        key: String? = nil
    ) throws {
        let tensors = file.names.filter { $0.hasPrefix(prefix) }.map {
            WeightsCandidate(name: $0, prefix: prefix, file: file)
        }
        let resolver = try WeightsResolver(source: file.path, tensors: tensors, metadata: file.metadata, key: key)
        try self.init(
            resolver: resolver, architecture: try resolver.architecture(given: architecture, classes: classes)
        )
    }

    /// Weights from tensors in memory, named as in ``layout(of:)``, or by one of the other conventions
    /// of ``init(path:architecture:classes:key:)``.
    ///
    /// - Throws: ``WeightsError``. The architecture is taken at its word: one with projections needs their
    ///   tensors.
    public init(
        architecture: Architecture, tensors: [String: Tensor], metadata: [String: String] = [:]
    ) throws {
        let candidates = tensors.sorted { $0.key < $1.key }.map { name, tensor in
            WeightsCandidate(name: name, tensor: tensor)
        }
        let resolver = try WeightsResolver(source: "the given tensors", tensors: candidates, metadata: metadata)
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

    /// For tensors that fit the architecture by construction.
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

    /// Calls `body` with a tensor's values, in row-major order of its shape in ``layout(of:)``, without
    /// copying them. The pointer is valid during the call only.
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

    /// Copies of all tensors, by name; ``init(architecture:tensors:metadata:)`` takes them back.
    public func tensors() throws -> [String: Tensor] {
        var tensors: [String: Tensor] = [:]
        for (name, shape) in Self.layout(of: architecture) {
            tensors[name] = Tensor(uncheckedShape: shape, values: try floats(name))
        }
        return tensors
    }

    /// Writes a safetensors file that names its architecture, so that it can be read without being told.
    ///
    /// The file appears complete or not at all, see ``Safetensors/write(tensors:metadata:to:)``. It may be
    /// the file the weights were read from.
    ///
    /// - Parameter metadata: Added to the weights' own, and taking precedence; `architecture` is always set, and what
    ///   pictures are normalised with if the weights know it.
    /// - Throws: ``SafetensorsError``, ``ArchitectureError``.
    public func write(to path: String, metadata: [String: String] = [:]) throws {
        var allMetadata = self.metadata.merging(metadata) { _, new in new }
        if let normalization, allMetadata["mean"] == nil, allMetadata["std"] == nil {
            allMetadata["mean"] = normalization.mean.map { "\($0)" }.joined(separator: ",")
            allMetadata["std"] = normalization.std.map { "\($0)" }.joined(separator: ",")
        }
        let isNamed = (try? Architecture(named: architecture.name)) == architecture
        allMetadata["architecture"] = isNamed ? architecture.name : try architecture.json()
        let entries = Self.layout(of: architecture)
        try Safetensors.write(entries: entries, metadata: allMetadata, to: path) { index, body in
            try withUnsafeFloats(entries[index].name, body)
        }
    }

    /// The same weights in a network with gates, the gates freshly initialised: the start of training a
    /// ConvNet-AIG from a pretrained ResNet. The metadata is kept but for the architecture.
    ///
    /// - Parameters:
    ///   - hidden: Width of the gates' hidden layer.
    ///   - ungatedBlocks: Blocks that get no gate and always run.
    ///   - seed: The gates' weights are a function of it and of the architecture.
    /// - Throws: ``ArchitectureError`` if `hidden` or an index is out of range.
    public func adaptive(
        hidden: Int = Architecture.defaultGateHidden, ungatedBlocks: [Int] = [], seed: UInt64
    ) throws -> Weights {
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

    /// The same weights, for pictures that are prepared otherwise.
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
