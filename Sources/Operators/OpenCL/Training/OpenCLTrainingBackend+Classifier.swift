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
        try kernel(name, ProgramDescriptor(.trainingClassifier, traits, [:]))
    }

    package func classify(_ classifier: Classifier, features: Vectors, targets: LossTargets) throws {
        let settings = classifier.settings
        try classifier.stagedLabels.send(targets.labels.prefix(images), to: classifier.labels)
        if targets.teacherWeight > 0 {
            try classifier.stagedTeacherLogits.send(
                targets.teacherLogits.prefix(images * settings.classes), to: classifier.teacherLogits)
        }
        try executor.launch(
            classifierKernel("classify"), NDRange(images), .buffer(features.values), .buffer(buffer(.parameters)),
            .buffer(classifier.labels), .buffer(classifier.teacherLogits), .buffer(classifier.logits),
            .buffer(classifier.losses), .buffer(classifier.gradient), .integer(settings.weight),
            .integer(settings.bias), .number(targets.labelSmoothing), .number(targets.teacherWeight),
            .number(targets.teacherTemperature), .integer(images), .integer(settings.channels),
            .integer(classifier.stride), .integer(settings.classes))
    }

    package func backward(_ classifier: Classifier, features: Vectors, to gradient: Vectors) throws {
        let settings = classifier.settings
        try executor.launch(
            classifierKernel("classifier_backward_features"), NDRange(images), .buffer(classifier.gradient),
            .buffer(buffer(.parameters)), .buffer(gradient.values), .integer(settings.weight),
            .integer(settings.channels), .integer(classifier.stride), .integer(settings.classes))
        try executor.launch(
            classifierKernel("classifier_backward_parameters"), NDRange(settings.classes),
            .buffer(classifier.gradient), .buffer(features.values), .buffer(buffer(.gradients)),
            .integer(settings.weight), .integer(settings.bias), .integer(images), .integer(settings.channels),
            .integer(classifier.stride), .integer(settings.classes))
    }
}
