import Foundation

extension Architecture {
    static let channelLimits = 1...65_536
    static let sideLimits = 1...16_384
    static let strideLimits = 1...64
    static let kernelLimits = 1...255
    static let maximumBlocks = 10_000
    static let classLimits = 1...1_000_000
    static let maximumNameLength = 200

    /// Checks every size, the outermost first: each check makes the arithmetic of the next ones safe.
    func validate() throws(ArchitectureError) {
        guard !name.isEmpty, name.count <= Self.maximumNameLength else {
            throw .invalidValue(
                property: "name", problem: "must have 1 to \(Self.maximumNameLength) characters")
        }
        try Self.check(input.channels, "input.channels", Self.channelLimits)
        try Self.check(input.height, "input.height", Self.sideLimits)
        try Self.check(input.width, "input.width", Self.sideLimits)
        try Self.check(stem.channels, "stem.channels", Self.channelLimits)
        try Self.check(stem.kernel, "stem.kernel", Self.kernelLimits)
        try Self.check(stem.stride, "stem.stride", Self.strideLimits)
        try Self.check(stem.padding, "stem.padding", 0...(stem.kernel - 1))
        try Self.check(classes, "classes", Self.classLimits)
        try validateStages()
        try validateGates()

        // Every later size is at least 1 if the stem's is: pooling and the 3x3 convolutions pad by 1.
        let output = stemConvolution.output
        guard output.height >= 1, output.width >= 1 else {
            throw .invalidValue(
                property: "stem.kernel",
                problem: "is \(stem.kernel), larger than the padded input of "
                    + "\(input.height + 2 * stem.padding) x \(input.width + 2 * stem.padding); "
                    + "use a larger input, more padding or a smaller kernel")
        }
        try validateBlocks()
    }

    private func validateStages() throws(ArchitectureError) {
        guard !stages.isEmpty else {
            throw .invalidValue(property: "stages", problem: "is empty; give at least one stage")
        }
        let widthLimits = 1...(Self.channelLimits.upperBound / blockKind.expansion)
        var blocks = 0
        for (index, stage) in stages.enumerated() {
            try Self.check(stage.width, "stages[\(index)].width", widthLimits)
            try Self.check(stage.blocks, "stages[\(index)].blocks", 1...Self.maximumBlocks)
            try Self.check(stage.stride, "stages[\(index)].stride", Self.strideLimits)
            blocks += stage.blocks
            guard blocks <= Self.maximumBlocks else {
                throw .invalidValue(
                    property: "stages", problem: "have more than \(Self.maximumBlocks) blocks in all")
            }
        }
    }

    private func validateGates() throws(ArchitectureError) {
        guard let gateHidden else {
            guard ungatedBlocks.isEmpty else {
                throw .invalidValue(
                    property: "ungatedBlocks",
                    problem:
                        "is given for a network without gates; set gateHidden (16 in the paper) or leave "
                        + "ungatedBlocks out")
            }
            return
        }
        try Self.check(gateHidden, "gateHidden", Self.channelLimits)
        for index in ungatedBlocks {
            try Self.check(index, "ungatedBlocks", 0...(blockCount - 1))
        }
    }

    private func validateBlocks() throws(ArchitectureError) {
        // Sums in Double: they need no exactness here, and cannot overflow.
        var macs = Double(classes) * Double(featureChannels) + stemConvolution.approximateMACs
        for block in blocks {
            if block.shortcut == .zeroPadded, block.outputChannels < block.inputChannels {
                throw .invalidValue(
                    property: "shortcut",
                    problem:
                        "is zeroPadded, but \(block.name) has \(block.inputChannels) channels in and only "
                        + "\(block.outputChannels) out; use projection, or widths that do not shrink")
            }
            for convolution in block.convolutions { macs += convolution.approximateMACs }
            if let convolution = block.shortcutConvolution { macs += convolution.approximateMACs }
            if let gate = block.gate { macs += Double(gate.hidden) * Double(gate.inputChannels + 2) }
        }
        guard macs < 0x1p60 else {
            throw .invalidValue(
                property: "stages",
                problem: "make a network of more than 2^60 multiply-accumulates per image; use smaller sizes")
        }
    }

    private static func check(
        _ value: Int, _ property: String, _ limits: ClosedRange<Int>
    ) throws(ArchitectureError) {
        guard limits.contains(value) else {
            throw .invalidValue(
                property: property,
                problem: "is \(value); use a value from \(limits.lowerBound) to \(limits.upperBound)")
        }
    }
}

/// Why an ``Architecture`` cannot be made. The description says what to change.
public enum ArchitectureError: Error, Sendable, Hashable {
    /// No network has that name; `suggestion` is the closest known one.
    case unknownName(String, suggestion: String?)
    /// A size is out of bounds or does not fit the others.
    case invalidValue(property: String, problem: String)
    /// The JSON has an unknown key, given with its path.
    case unknownKey(String, known: [String])
    /// The JSON is malformed, or lacks a key, or has a value of the wrong type.
    case invalidJSON(String)
    /// The file cannot be read.
    case unreadableFile(path: String, problem: String)
}

extension ArchitectureError: LocalizedError, CustomStringConvertible {
    /// What is wrong and what to change, in a sentence or two.
    public var description: String {
        switch self {
        case .unknownName(let name, let suggestion):
            "There is no architecture \"\(name.prefix(100))\"."
                + (suggestion.map { " Did you mean \($0)?" } ?? "")
                + " Known are \(Architecture.knownNames.joined(separator: ", ")), "
                + "resnet-cifar-N and convnet-aig-cifar-N for any N = 6n + 2 from 8 on, "
                + "and the path of a JSON file."
        case .invalidValue(let property, let problem):
            "In the architecture, \(property) \(problem)."
        case .unknownKey(let key, let known):
            "The architecture's JSON has an unknown key \"\(key)\". Remove it or correct its spelling; "
                + "known here are \(known.joined(separator: ", "))."
        case .invalidJSON(let problem):
            "The architecture's JSON cannot be used: \(problem)."
        case .unreadableFile(let path, let problem):
            "The architecture cannot be read from \(path): \(problem)."
        }
    }

    /// The same as ``description``.
    public var errorDescription: String? { description }
}

extension ConvolutionSettings {
    /// Multiply-accumulates per image, for sizes whose product no Int may hold.
    fileprivate var approximateMACs: Double {
        Double(outputChannels) * Double(input.channels) * Double(kernel * kernel) * Double(output.pixels)
    }
}
