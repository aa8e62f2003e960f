/// One residual block as laid out in a network: output = ReLU(shortcut(input) + z * branch(input)), where z
/// is 1 or, if the block has a gate and the gate is closed for the image, 0.
///
/// Blocks come from ``Architecture/blocks``.
public struct ResidualBlock: Sendable, Hashable, Codable {
    /// What the branch's output is added to.
    public enum Shortcut: String, Sendable, Hashable, Codable, CaseIterable {
        /// The input itself.
        case identity
        /// A strided 1x1 convolution and batch norm.
        case projection
        /// Every stride-th pixel of the input, with channels of zeros around its channels; see
        /// ``ResidualBlock/zeroChannels``.
        case zeroPadded
    }

    /// Position in ``Architecture/blocks``.
    public let index: Int
    /// Stage, counted from 1 as in weight files.
    public let stage: Int
    /// Position within the stage, counted from 0 as in weight files.
    public let indexInStage: Int
    /// The layers of the branch.
    public let kind: Architecture.BlockKind
    /// Channels of the block's input.
    public let inputChannels: Int
    /// Channels between the branch's convolutions.
    public let midChannels: Int
    /// Channels of the block's output.
    public let outputChannels: Int
    /// Height of the block's input.
    public let inputHeight: Int
    /// Width of the block's input.
    public let inputWidth: Int
    /// Height of the block's output.
    public let outputHeight: Int
    /// Width of the block's output.
    public let outputWidth: Int
    /// Input pixels per output pixel, in each direction.
    public let stride: Int
    /// What the branch's output is added to.
    public let shortcut: Shortcut
    /// The gate, or nil if the branch always runs.
    public let gate: Gate?

    init(
        index: Int, stage: Int, indexInStage: Int, kind: Architecture.BlockKind, inputChannels: Int,
        midChannels: Int, outputChannels: Int, inputHeight: Int, inputWidth: Int, stride: Int,
        shortcut: Shortcut, gate: Gate?
    ) {
        self.index = index
        self.stage = stage
        self.indexInStage = indexInStage
        self.kind = kind
        self.inputChannels = inputChannels
        self.midChannels = midChannels
        self.outputChannels = outputChannels
        self.inputHeight = inputHeight
        self.inputWidth = inputWidth
        self.stride = stride
        self.shortcut = shortcut
        self.gate = gate
        // The strided 3x3 convolution with padding 1 and the strided 1x1 projection agree on this.
        outputHeight = ConvolutionSettings.outputSize(of: inputHeight, kernel: 3, stride: stride, padding: 1)
        outputWidth = ConvolutionSettings.outputSize(of: inputWidth, kernel: 3, stride: stride, padding: 1)
    }

    /// The prefix of the block's tensors in weight files: `layer1.0`.
    public var name: String { "layer\(stage).\(indexInStage)" }

    /// Whether a gate decides if the branch runs.
    public var isGated: Bool { gate != nil }

    /// Shape of the block's input.
    public var input: FeatureShape {
        FeatureShape(channels: inputChannels, height: inputHeight, width: inputWidth)
    }

    /// Shape of the block's output.
    public var output: FeatureShape {
        FeatureShape(channels: outputChannels, height: outputHeight, width: outputWidth)
    }

    /// The branch's convolutions in order: conv1, conv2 and, in a bottleneck, conv3.
    public var convolutions: [ConvolutionSettings] {
        var features = input
        func convolution(_ channels: Int, kernel: Int, stride: Int = 1) -> ConvolutionSettings {
            let settings = ConvolutionSettings(
                input: features, outputChannels: channels, kernel: kernel, stride: stride, padding: kernel / 2)
            features = settings.output
            return settings
        }
        switch kind {
        case .basic:
            return [convolution(midChannels, kernel: 3, stride: stride), convolution(outputChannels, kernel: 3)]
        case .bottleneck:
            return [
                convolution(midChannels, kernel: 1), convolution(midChannels, kernel: 3, stride: stride),
                convolution(outputChannels, kernel: 1),
            ]
        }
    }

    /// The shortcut's convolution, or nil if the shortcut is no projection.
    public var shortcutConvolution: ConvolutionSettings? {
        guard shortcut == .projection else { return nil }
        return ConvolutionSettings(input: input, outputChannels: outputChannels, kernel: 1, stride: stride)
    }

    /// Channels of zeros that a zero-padded shortcut puts before and after the input's channels: half of the difference
    /// each, the odd one after, as in the published CIFAR ResNets. (0, 0) for other shortcuts.
    public var zeroChannels: (before: Int, after: Int) {
        guard shortcut == .zeroPadded else { return (0, 0) }
        let difference = outputChannels - inputChannels
        return (difference / 2, difference - difference / 2)
    }
}

/// The sizes of a block's gate: global average pooling of the block's input, a linear layer to `hidden`,
/// batch norm, ReLU, and a linear layer to two logits, of which the second means "execute" (arXiv 1711.11503,
/// section 3.2).
public struct Gate: Sendable, Hashable, Codable {
    /// Channels of the block's input.
    public let inputChannels: Int
    /// Width of the hidden layer.
    public let hidden: Int

    /// Makes a gate of these sizes.
    public init(inputChannels: Int, hidden: Int) {
        self.inputChannels = inputChannels
        self.hidden = hidden
    }
}
