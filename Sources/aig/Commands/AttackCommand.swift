import ArgumentParser
import ConvNetAIG
import ConvNetAIGReport
import ConvNetAIGStudies
import Terminal

/// `aig attack`
struct AttackCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "attack",
        abstract: "Attack a network's pictures, and measure how its accuracy and its graphs hold.",
        discussion: """
            Each picture is changed by at most epsilon, in the direction in which the network's own loss rises: by the \
            fast gradient sign method (Goodfellow et al. 2015), or with --steps by projected gradient descent (Madry et \
            al. 2018). Pictures are classified as they are, and once more after they were saved as JPEG files.

            Shown are the accuracy at each epsilon and, for a network with gates, what it spends, how many of its \
            decisions differ from those on the unchanged picture, and how many pictures keep their graph.

            Examples:
              aig attack --data cifar-10-batches-bin
              aig attack --data cifar10.tar --steps 10 --epsilons 2,8 --limit 1000
              aig attack --data cifar10.tar --weights aig.safetensors --against resnet.safetensors --json
            """)

    @OptionGroup var study: StudyOptions
    @OptionGroup var comparison: AgainstOptions
    @OptionGroup var attack: AttackOptions

    @Flag(help: "Print an object.")
    var json = false

    func run() throws {
        let weights = try study.loadWeights()
        let images = try study.testImages(for: weights)
        let backend = try study.computing.choice()
        let line = ProgressLine()
        var models = [ReportStudy.Model(weights)]
        if let other = try comparison.load(for: weights, isEmbedded: study.weights == nil, study.dataset.preprocessing)
        {
            models.append(other)
        }
        var figures: RobustnessFigures?
        let total = images.set.count
        for model in models {
            let session = try Session(weights: model.weights, backend: backend, batch: study.batch)
            let robustness = try RobustnessStudy(
                of: model.name, session: session, weights: model.weights, backend: backend, settings: attack.settings)
            let found = try robustness.figures(on: images.set, threads: study.threads) { done in
                line.show("\(model.name.printable()): \(done) of \(total) pictures")
            }
            figures = RobustnessFigures(
                attack: found.attack, images: found.images, rows: (figures?.rows ?? []) + found.rows)
        }
        line.clear()
        images.tellWarnings()
        guard let figures, figures.images > 0 else {
            throw CommandFailure(
                "None of the pictures of \(study.dataset.data) could be read: there was nothing to attack.")
        }
        try Console.write(json ? JSONText.pretty(figures) : AttackReport(figures).lines.joined(separator: "\n"))
    }
}
