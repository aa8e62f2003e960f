import Kernels
import OpenCL

extension OpenCLTrainingBackend {
    package final class Classifier {
        let settings: TrainingClassifierSettings
        let labels: Buffer
        let stagedLabels: StagedValues<Int32>
        /// [image][class]
        let teacherLogits: Buffer
        let stagedTeacherLogits: StagedValues<Float>
        /// [image][class]
        let logits: Buffer
        let gradient: Buffer
        /// [image]
        let losses: Buffer

        init(settings: TrainingClassifierSettings, images: Int, on backend: OpenCLTrainingBackend) throws {
            self.settings = settings
            labels = try backend.allocate(images: images)
            stagedLabels = StagedValues(repeating: 0, count: images, queue: backend.queue)
            teacherLogits = try backend.allocate(perImage: settings.classes, images: images)
            stagedTeacherLogits = StagedValues(repeating: 0, count: images * settings.classes, queue: backend.queue)
            logits = try backend.allocate(perImage: settings.classes, images: images)
            gradient = try backend.allocate(perImage: settings.classes, images: images)
            losses = try backend.allocate(images: images)
        }

        var stride: Int { ChannelBlock.padded(settings.channels) }
    }

    package func makeClassifier(_ settings: TrainingClassifierSettings, images: Int) throws -> Classifier {
        try Classifier(settings: settings, images: images, on: self)
    }

    private func classifierKernel(_ name: String) throws -> BoundKernel {
        try kernel(name, ProgramDescriptor(traits.hasLanes ? .sharedClassifier : .trainingClassifier, traits, [:]))
    }

    package func classify(_ classifier: Classifier, features: Vectors, targets: LossTargets) throws {
        let settings = classifier.settings
        try classifier.stagedLabels.send(targets.labels.prefix(images), to: classifier.labels)
        if targets.teacherWeight > 0 {
            try classifier.stagedTeacherLogits.send(
                targets.teacherLogits.prefix(images * settings.classes), to: classifier.teacherLogits)
        }
        if traits.hasLanes { return try classifyTogether(classifier, features, targets) }
        try executor.launch(
            classifierKernel("classify"), NDRange(images), .buffer(features.values), .buffer(buffer(.parameters)),
            .buffer(classifier.labels), .buffer(classifier.teacherLogits), .buffer(classifier.logits),
            .buffer(classifier.losses), .buffer(classifier.gradient), .integer(settings.weight),
            .integer(settings.bias), .number(targets.labelSmoothing), .number(targets.teacherWeight),
            .number(targets.teacherTemperature), .integer(images), .integer(settings.channels),
            .integer(classifier.stride), .integer(settings.classes))
    }

    /// Images whose logits a group of SharedClassifier.cl takes at once.
    private static let itemImages = 4

    private func classifyTogether(_ classifier: Classifier, _ features: Vectors, _ targets: LossTargets) throws {
        let settings = classifier.settings
        try executor.launchGroups(
            classifierKernel("classifier_logits"),
            NDRange(settings.classes, (images + Self.itemImages - 1) / Self.itemImages), items: 64,
            .buffer(features.values), .buffer(buffer(.parameters)), .buffer(classifier.logits),
            .integer(settings.weight), .integer(settings.bias), .integer(images), .integer(settings.channels),
            .integer(classifier.stride), .integer(settings.classes))
        let items = settings.classes > 256 ? 256 : 64
        try executor.launchGroups(
            classifierKernel("classifier_losses"), NDRange(images), items: items, .buffer(classifier.logits),
            .buffer(classifier.labels), .buffer(classifier.losses), .buffer(classifier.gradient),
            .number(targets.labelSmoothing), .integer(images), .integer(settings.classes))
        guard targets.teacherWeight > 0 else { return }
        try executor.launchGroups(
            classifierKernel("classifier_distillation"), NDRange(images), items: items, .buffer(classifier.logits),
            .buffer(classifier.teacherLogits), .buffer(classifier.losses), .buffer(classifier.gradient),
            .number(targets.teacherWeight), .number(targets.teacherTemperature), .integer(images),
            .integer(settings.classes))
    }

    package func backward(_ classifier: Classifier, features: Vectors, to gradient: Vectors) throws {
        let settings = classifier.settings
        let blocks = classifier.stride / ChannelBlock.size
        let (toFeatures, toParameters) = (
            try classifierKernel("classifier_backward_features"),
            try classifierKernel("classifier_backward_parameters")
        )
        let featureArguments: [BoundKernel.Argument] = [
            .buffer(classifier.gradient), .buffer(buffer(.parameters)), .buffer(gradient.values),
            .integer(settings.weight), .integer(settings.channels), .integer(classifier.stride),
            .integer(settings.classes),
        ]
        let parameterArguments: [BoundKernel.Argument] = [
            .buffer(classifier.gradient), .buffer(features.values), .buffer(buffer(.gradients)),
            .integer(settings.weight), .integer(settings.bias), .integer(images), .integer(settings.channels),
            .integer(classifier.stride), .integer(settings.classes),
        ]
        if traits.hasLanes {
            try executor.launchGroups(
                toFeatures, NDRange(blocks, images), items: settings.classes > 64 ? 256 : 64, featureArguments)
            try executor.launchGroups(toParameters, NDRange(blocks, settings.classes), items: 256, parameterArguments)
        } else {
            try toFeatures.bind(featureArguments)
            try executor.launch(toFeatures, global: NDRange(images))
            try toParameters.bind(parameterArguments)
            try executor.launch(toParameters, global: NDRange(settings.classes))
        }
    }
}
