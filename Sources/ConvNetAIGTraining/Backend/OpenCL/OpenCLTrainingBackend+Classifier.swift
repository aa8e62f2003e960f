import ConvNetAIG
import Kernels
import OpenCL

extension OpenCLTrainingBackend {
    public final class Classifier {
        let problem: TrainingClassifierProblem
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

        init(problem: TrainingClassifierProblem, images: Int, on backend: OpenCLTrainingBackend) throws {
            self.problem = problem
            labels = try backend.allocate(images, images: images)
            stagedLabels = StagedValues(repeating: 0, count: images, queue: backend.queue)
            teacherLogits = try backend.allocate(images * problem.classes, images: images)
            stagedTeacherLogits = StagedValues(repeating: 0, count: images * problem.classes, queue: backend.queue)
            logits = try backend.allocate(images * problem.classes, images: images)
            gradient = try backend.allocate(images * problem.classes, images: images)
            losses = try backend.allocate(images, images: images)
        }

        var stride: Int { ChannelBlock.padded(problem.channels) }
    }

    public func makeClassifier(_ problem: TrainingClassifierProblem, images: Int) throws -> Classifier {
        try Classifier(problem: problem, images: images, on: self)
    }

    private func classifierKernel(_ name: String) -> TrainingKernel {
        kernel(name, ProgramDescriptor(.trainingClassifier, traits, [:]))
    }

    public func classify(_ classifier: Classifier, features: Vectors, targets: LossTargets) throws {
        let problem = classifier.problem
        try classifier.stagedLabels.send(targets.labels.prefix(images), to: classifier.labels)
        if targets.teacherWeight > 0 {
            try classifier.stagedTeacherLogits.send(
                targets.teacherLogits.prefix(images * problem.classes), to: classifier.teacherLogits)
        }
        try launch(
            classifierKernel("classify"), NDRange(images), .buffer(features.values), .buffer(buffer(.parameters)),
            .buffer(classifier.labels), .buffer(classifier.teacherLogits), .buffer(classifier.logits),
            .buffer(classifier.losses), .buffer(classifier.gradient), .integer(problem.weight),
            .integer(problem.bias), .number(targets.labelSmoothing), .number(targets.teacherWeight),
            .number(targets.teacherTemperature), .integer(images), .integer(problem.channels),
            .integer(classifier.stride), .integer(problem.classes))
    }

    public func backward(_ classifier: Classifier, features: Vectors, to gradient: Vectors) throws {
        let problem = classifier.problem
        try launch(
            classifierKernel("classifier_backward_features"), NDRange(images), .buffer(classifier.gradient),
            .buffer(buffer(.parameters)), .buffer(gradient.values), .integer(problem.weight),
            .integer(problem.channels), .integer(classifier.stride), .integer(problem.classes))
        try launch(
            classifierKernel("classifier_backward_parameters"), NDRange(problem.classes),
            .buffer(classifier.gradient), .buffer(features.values), .buffer(buffer(.gradients)),
            .integer(problem.weight), .integer(problem.bias), .integer(images), .integer(problem.channels),
            .integer(classifier.stride), .integer(problem.classes))
    }
}
