extension Architecture {
    /// The networks for ImageNet: depth, blocks per stage and kind of block.
    private static let imageNetDepths: [(depth: Int, blocks: [Int], kind: BlockKind)] = [
        (18, [2, 2, 2, 2], .basic),
        (34, [3, 4, 6, 3], .basic),
        (50, [3, 4, 6, 3], .bottleneck),
        (101, [3, 4, 23, 3], .bottleneck),
        (152, [3, 8, 36, 3], .bottleneck),
    ]

    private static let commonCIFARDepths = [8, 20, 32, 38, 44, 56, 110]

    /// Width of the gates' hidden layer in the paper.
    public static let defaultGateHidden = 16

    /// The common names. CIFAR networks exist at every depth 6n + 2 from 8 on, not only at those listed.
    public static var knownNames: [String] {
        let suffixes = commonCIFARDepths.map { "cifar-\($0)" } + imageNetDepths.map { "\($0.depth)" }
        return suffixes.flatMap { ["resnet-\($0)", "convnet-aig-\($0)"] }
    }

    /// A network by name.
    ///
    /// - `resnet-N` and `convnet-aig-N` for N = 18, 34 (basic blocks), 50, 101, 152 (bottlenecks): 224 x 224
    ///   images, 1000 classes.
    /// - `resnet-cifar-N` and `convnet-aig-cifar-N` for N = 8, 14, 20, ... 6n + 2: 32 x 32 images, 10
    ///   classes, three stages of n basic blocks with 16, 32 and 64 channels.
    ///
    /// - Parameters:
    ///   - name: A name of that form.
    ///   - classes: Number of classes, if not the usual one.
    ///   - input: Shape of an image, if not the usual one.
    /// - Throws: ``ArchitectureError/unknownName(_:suggestion:)`` for any other name;
    ///   ``ArchitectureError/invalidValue(property:problem:)`` for sizes that do not fit.
    public init(named name: String, classes: Int? = nil, input: FeatureShape? = nil) throws(ArchitectureError) {
        let isAdaptive = name.hasPrefix("convnet-aig-")
        guard isAdaptive || name.hasPrefix("resnet-") else { throw .unknown(name) }
        let suffix = name.dropFirst((isAdaptive ? "convnet-aig-" : "resnet-").count)
        let gateHidden = isAdaptive ? Self.defaultGateHidden : nil

        if suffix.hasPrefix("cifar-") {
            guard let depth = Self.depth(suffix.dropFirst("cifar-".count)), depth >= 8, depth % 6 == 2 else {
                throw .unknown(name)
            }
            let blocks = (depth - 2) / 6
            try self.init(
                name: name,
                input: input ?? FeatureShape(channels: 3, height: 32, width: 32),
                stem: Stem(channels: 16, kernel: 3),
                stages: [
                    Stage(width: 16, blocks: blocks, stride: 1),
                    Stage(width: 32, blocks: blocks, stride: 2),
                    Stage(width: 64, blocks: blocks, stride: 2),
                ],
                blockKind: .basic, gateHidden: gateHidden, classes: classes ?? 10)
            return
        }

        guard let depth = Self.depth(suffix),
            let entry = Self.imageNetDepths.first(where: { $0.depth == depth })
        else { throw .unknown(name) }
        try self.init(
            name: name,
            input: input ?? FeatureShape(channels: 3, height: 224, width: 224),
            stem: Stem(channels: 64, kernel: 7, stride: 2, maxPooling: true),
            stages: entry.blocks.enumerated().map { index, blocks in
                Stage(width: 64 << index, blocks: blocks, stride: index == 0 ? 1 : 2)
            },
            blockKind: entry.kind, gateHidden: gateHidden, classes: classes ?? 1000)
    }

    /// Plain decimal digits without leading zeros, so that each network has exactly one name.
    private static func depth(_ text: Substring) -> Int? {
        guard let depth = Int(text), String(depth) == text else { return nil }
        return depth
    }
}

extension ArchitectureError {
    /// The error for an unknown name, with the known one that is most like it.
    fileprivate static func unknown(_ name: String) -> ArchitectureError {
        // The comparison takes time in the product of the lengths; nobody's typing error is that long.
        let attempt = String(name.prefix(64)).lowercased()
        let known = Architecture.knownNames.map { (name: $0, distance: editDistance(attempt, $0)) }
        let closest = known.min { $0.distance < $1.distance }
        return .unknownName(name, suggestion: closest.flatMap { $0.distance <= 8 ? $0.name : nil })
    }

    /// Levenshtein distance.
    private static func editDistance(_ first: String, _ second: String) -> Int {
        let second = Array(second)
        var row = Array(0...second.count)
        for (i, a) in first.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for (j, b) in second.enumerated() {
                let substitution = diagonal + (a == b ? 0 : 1)
                diagonal = row[j + 1]
                row[j + 1] = min(substitution, row[j] + 1, diagonal + 1)
            }
        }
        return row[second.count]
    }
}
