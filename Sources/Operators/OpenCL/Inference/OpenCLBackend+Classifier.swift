import Kernels
import OpenCL

extension OpenCLBackend {
    package final class Classifier {
        let settings: ClassifierSettings
        /// Images that share a read of the weights.
        let itemImages: Int
        let mean: BoundKernel
        let linear: BoundKernel
        let weights: Buffer
        let bias: Buffer
        /// [image][channels, padded]
        let features: Buffer
        /// [image][classes, padded]
        let logits: Buffer

        init(
            settings: ClassifierSettings, itemImages: Int, mean: BoundKernel, linear: BoundKernel, weights: Buffer,
            bias: Buffer,
            features: Buffer, logits: Buffer
        ) {
            self.settings = settings
            self.itemImages = itemImages
            self.mean = mean
            self.linear = linear
            self.weights = weights
            self.bias = bias
            self.features = features
            self.logits = logits
        }

        /// Classes, rounded up to whole blocks.
        var outputs: Int { ChannelBlock.padded(settings.classes) }
    }

    /// Images that share a read of the weights, in batches of this many.
    func itemImages(_ images: Int) -> Int { min(images, 4) }

    /// Outputs of a group where work-items share the channels.
    private static let groupOutputs = 2

    func program(_ settings: ClassifierSettings, itemImages: Int) -> ProgramDescriptor {
        ProgramDescriptor(
            .linear, traits,
            [
                "CHANNELS": settings.features.paddedChannels, "ROWS": settings.features.height,
                "PIXELS": settings.features.pixels, "OUTPUTS": ChannelBlock.padded(settings.classes),
                "ITEM_IMAGES": itemImages, "GROUP_OUTPUTS": Self.groupOutputs,
            ])
    }

    package func makeClassifier(
        _ settings: ClassifierSettings, _ weights: LinearWeights, images: Int
    ) throws -> Classifier {
        let outputs = ChannelBlock.padded(settings.classes)
        let itemImages = itemImages(images)
        let program = program(settings, itemImages: itemImages)
        return Classifier(
            settings: settings, itemImages: itemImages,
            mean: try executor.kernel("mean_features", program),
            linear: try executor.kernel("linear", program),
            weights: try executor.constant(packed(weights.weights, settings)),
            bias: try executor.constant(weights.bias + [Float](repeating: 0, count: outputs - settings.classes)),
            features: try executor.allocate(Float.self, perImage: settings.features.paddedChannels, images: images),
            logits: try executor.allocate(Float.self, perImage: outputs, images: images))
    }

    /// [classes / 16][channels][16], or [classes][channels] where work-items share the channels; zero where they are padding.
    private func packed(_ weights: [Float], _ settings: ClassifierSettings) -> [Float] {
        let (channels, padded) = (settings.features.channels, settings.features.paddedChannels)
        let size = ChannelBlock.size
        var values = [Float](repeating: 0, count: ChannelBlock.padded(settings.classes) * padded)
        for row in 0..<settings.classes {
            let (start, step) = traits.hasLanes ? (row * padded, 1) : (row / size * padded * size + row % size, size)
            for channel in 0..<channels { values[start + channel * step] = weights[row * channels + channel] }
        }
        return values
    }

    package func classify(_ classifier: Classifier, features: FeatureMaps, images: Int) throws {
        let width = traits.vectorWidth
        try classifier.mean.bind(0, executor.rowSums(features, needed: true))
        try classifier.mean.bind(1, classifier.features)
        try executor.launch(
            classifier.mean, global: NDRange(classifier.settings.features.paddedChannels / width, images))
        let arguments: [BoundKernel.Argument] = [
            .buffer(classifier.features), .buffer(classifier.weights), .buffer(classifier.bias),
            .buffer(classifier.logits), .integer(images),
        ]
        let imageItems = (images + classifier.itemImages - 1) / classifier.itemImages
        if traits.hasLanes {
            try executor.launchGroups(
                classifier.linear, NDRange(classifier.outputs / Self.groupOutputs, imageItems), items: 64, arguments)
        } else {
            try classifier.linear.bind(arguments)
            try executor.launch(classifier.linear, global: NDRange(classifier.outputs / width, imageItems))
        }
    }

    package func finish(_ classifier: Classifier, _ decisions: Decisions, images: Int) throws -> InferenceResult {
        let (classes, outputs) = (classifier.settings.classes, classifier.outputs)
        let entries = decisions.gates * decisions.capacity
        // One wait for all: the transfers follow each other, and the last is waited for.
        if entries > 0 {
            try queue.read(
                from: decisions.open, into: UnsafeMutableRawBufferPointer(decisions.stagedOpen.values), blocking: false)
            try queue.read(
                from: decisions.logOdds, into: UnsafeMutableRawBufferPointer(decisions.stagedLogOdds.values),
                blocking: false)
        }
        let logits = try queue.read(from: classifier.logits, as: Float.self, count: images * outputs)
        var result = InferenceResult(
            logits: (0..<images).flatMap { logits[$0 * outputs..<$0 * outputs + classes] }, decisions: [], logOdds: [])
        for image in 0..<images {
            for gate in 0..<decisions.gates {
                result.decisions.append(decisions.stagedOpen.values[gate * decisions.capacity + image] >= 0)
                result.logOdds.append(decisions.stagedLogOdds.values[gate * decisions.capacity + image])
            }
        }
        return result
    }
}
