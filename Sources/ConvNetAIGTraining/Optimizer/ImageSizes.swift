import ConvNetAIG

/// The size of the images that a network is trained with in the course of a run, which may begin with small ones that cost
/// less ("progressive resizing"). A network's weights do not depend on the size.
///
/// Only training images have it: networks are measured, and used, at the architecture's own input.
public struct ImageSizes: Sendable, Hashable {
    /// Width and height in pixels from an epoch on, by that epoch, which counts from 0. Before the first of them images are of
    /// the architecture's own size.
    public var sides: [Int: Int]

    public init(_ sides: [Int: Int]) {
        self.sides = sides
    }

    /// The images of an epoch, which counts from 0.
    ///
    /// - Parameter own: the architecture's input.
    public func input(epoch: Int, own: FeatureShape) -> FeatureShape {
        let latest = sides.keys.filter { $0 <= epoch }.max()
        return latest.flatMap { sides[$0] }.map { own.squared($0) } ?? own
    }

    /// Every size that there is in a run.
    func inputs(own: FeatureShape) -> Set<FeatureShape> {
        Set(sides.values.map { own.squared($0) } + (sides[0] == nil ? [own] : []))
    }

    func validate() throws(TrainingConfigurationError) {
        for (epoch, side) in sides.sorted(by: { $0.key < $1.key }) {
            guard (0...1_000_000).contains(epoch) else {
                throw .invalidValue(
                    key: "sizes", problem: "has the epoch \(epoch), and epochs are whole numbers from 0 to 1000000")
            }
            guard side >= 1 else {
                throw .invalidValue(key: "sizes.\(epoch)", problem: "is \(side), and must be a number of pixels")
            }
        }
    }

    /// - Throws: ``TrainingConfigurationError/invalidValue(key:problem:)`` for a size that the network cannot take.
    func validate(for architecture: Architecture) throws(TrainingConfigurationError) {
        for (epoch, side) in sides.sorted(by: { $0.key < $1.key }) {
            do {
                _ = try architecture.with(input: architecture.input.squared(side))
            } catch {
                throw .invalidValue(
                    key: "sizes.\(epoch)",
                    problem: "is \(side), which \(architecture.name) cannot take: \(error)")
            }
        }
    }
}

/// Coded as an object of sides by epoch, such as `{"0": 96, "20": 128}`.
extension ImageSizes: Codable {
    private struct Epoch: CodingKey {
        let stringValue: String
        let intValue: Int? = nil

        init(stringValue: String) { self.stringValue = stringValue }

        init?(intValue: Int) { nil }
    }

    public init(from decoder: any Decoder) throws {
        guard let container = try? decoder.container(keyedBy: Epoch.self) else {
            throw TrainingConfigurationError.invalidValue(
                key: decoder.codingPath.dotted,
                problem: "must be an object of sizes by epoch, such as {\"0\": 96, \"20\": 128}")
        }
        sides = [:]
        for key in container.allKeys {
            guard let epoch = Int(key.stringValue), String(epoch) == key.stringValue else {
                throw TrainingConfigurationError.invalidValue(
                    key: decoder.codingPath.dotted,
                    problem: "has the epoch \"\(key.stringValue.prefix(100))\", and epochs are whole numbers from 0")
            }
            guard let side = try? container.decode(Int.self, forKey: key) else {
                throw TrainingConfigurationError.invalidValue(
                    key: (decoder.codingPath + [key]).dotted, problem: "is not a whole number of pixels")
            }
            sides[epoch] = side
        }
        try validate()
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Epoch.self)
        for (epoch, side) in sides { try container.encode(side, forKey: Epoch(stringValue: "\(epoch)")) }
    }
}

extension FeatureShape {
    func squared(_ side: Int) -> FeatureShape {
        FeatureShape(channels: channels, height: side, width: side)
    }
}

extension Architecture {
    /// The same network for images of another size.
    /// - Throws: `ArchitectureError` if the size is out of bounds, or too small for the stem's kernel.
    func with(input: FeatureShape) throws(ArchitectureError) -> Architecture {
        try Architecture(
            name: name, input: input, stem: stem, stages: stages, blockKind: blockKind, shortcut: shortcut,
            gateHidden: gateHidden, ungatedBlocks: ungatedBlocks, classes: classes)
    }
}
