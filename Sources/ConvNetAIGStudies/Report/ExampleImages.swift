import ConvNetAIG
import ConvNetAIGReport
import ConvNetAIGTraining
import Foundation

/// The images of each class with the lowest and the highest loss, as a report shows them.
struct ExampleImages {
    let figures: [ClassExamples]

    /// - Parameter count: of each kind and class.
    init(_ routes: RouteStudy, _ set: any Dataset, _ session: Session, count: Int) throws {
        func example(_ outcome: ImageOutcome) throws -> ClassExamples.Example {
            ClassExamples.Example(
                name: set.name(outcome.index), image: try Self.dataURL(set.image(outcome.index), session),
                prediction: routes.classes[outcome.prediction], probability: Double(outcome.probability),
                route: outcome.route, macs: outcome.macs)
        }
        figures = try zip(routes.classes, routes.outcomesByClass).map { name, outcomes in
            let ranked = outcomes.sorted { $0.loss < $1.loss }
            let easiest = ranked.prefix(min(count, (ranked.count + 1) / 2))
            let hardest = ranked.suffix(min(count, ranked.count / 2)).reversed()
            return ClassExamples(name: name, easiest: try easiest.map(example), hardest: try hardest.map(example))
        }
    }

    /// What the network sees of an image.
    private static func dataURL(_ image: Image, _ session: Session) throws -> String {
        let seen = try session.preprocessing?.view(of: image) ?? image
        return "data:image/jpeg;base64," + Data(try seen.jpeg(quality: 92, subsampling: .none)).base64EncodedString()
    }
}
