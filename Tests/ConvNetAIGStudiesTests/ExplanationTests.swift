import ConvNetAIG
import ConvNetAIGStudies
import Foundation
import Testing

@Suite(.timeLimit(.minutes(10))) struct ExplanationTests {
    private static let mask = [true, false, true, true, false, true]
    private static let policies: [GatePolicy] = [
        .argmax, .threshold(0.3), .sample(seed: 4), .always, .mask(mask), .rate([0.5], seed: 9),
    ]

    /// Softmax of logits as its definition says, in double precision.
    private static func softmax(_ logits: [Float]) -> [Double] {
        let powers = logits.map { exp(Double($0)) }
        return powers.map { $0 / powers.reduce(0, +) }
    }

    /// A flip's numbers against those of the prediction that it should be.
    private static func check(_ flip: Explanation.Flip, _ flipped: Prediction, own: Prediction) {
        #expect(flip.topClasses == flipped.topClasses)
        let (p, q) = (softmax(own.logits), softmax(flipped.logits))
        let (before, after) = (own.topClasses[0].index, flipped.topClasses[0].index)
        #expect(flip.changesPrediction == (before != after))
        #expect(abs(flip.probabilityChange - (q[before] - p[before])) < 1e-12)
        let divergence = zip(p, q).reduce(0) { $0 + $1.0 * log($1.0 / $1.1) }
        #expect(abs(flip.klDivergence - divergence) < 1e-10 * max(1, divergence))
        #expect(flip.klDivergence >= 0)
    }

    @Test(arguments: TestBackend.allCases)
    func eachFlipIsThePredictionWithTheFlippedMask(_ backend: TestBackend) throws {
        let session = try StudyNetwork.session(backend)
        let gated = session.architecture.gatedBlocks
        var decisions: Set<Bool> = []
        var changes: Set<Bool> = []
        for (index, image) in try StudyNetwork.images(3).enumerated() {
            for policy in Self.policies {
                let explanation = try Explanation(
                    of: image, by: session, policy: policy, top: 3, firstImage: index)
                let own = try session.predict([image], policy: policy, top: 3, firstImage: index)[0]
                #expect(explanation.topClasses == own.topClasses)
                #expect(explanation.graph == own.graph)
                #expect(explanation.laterGates == .held)
                #expect(explanation.flips.map(\.block) == gated)
                #expect(explanation.flips.map(\.gate) == Array(0..<6))
                #expect(
                    explanation.flips.map(\.name)
                        == ["layer1.0", "layer1.1", "layer2.0", "layer2.1", "layer3.0", "layer3.1"])
                for (gate, flip) in explanation.flips.enumerated() {
                    var open = own.graph.gates
                    open[gate].toggle()
                    #expect(flip.gates == open)
                    #expect(flip.wasOpen == own.graph.gates[gate])
                    #expect(flip.gateProbability == own.graph.gateProbabilities[gate])
                    let branch = session.cost.blocks[gated[gate]].branch.macs
                    #expect(flip.macs == own.graph.macs + (flip.wasOpen ? -branch : branch))
                    Self.check(
                        flip, try session.predict([image], policy: .mask(open), top: 3)[0], own: own)
                    decisions.insert(flip.wasOpen)
                    changes.insert(flip.changesPrediction)
                }
            }
        }
        // The images are such that there is something to see.
        #expect(decisions.count == 2)
        #expect(changes.count == 2)
    }

    /// What gates decide behind a forced one, asking one gate after the other.
    private static func decisions(
        after gate: Int, of image: Image, own: [Bool], by session: Session, opens: (_ gate: Int, Float) -> Bool
    ) throws -> [Bool] {
        var open = own
        open[gate].toggle()
        for later in own.indices.dropFirst(gate + 1) {
            // What gates behind the one that is asked do makes no difference to it.
            let rates = open.prefix(later).map { $0 ? Float(1) : 0 } + own.dropFirst(later).map { _ in Float(0) }
            let graph = try session.predict([image], policy: .rate(rates, seed: 0))[0].graph
            open[later] = opens(later, graph.gateProbabilities[later])
        }
        return open
    }

    @Test(arguments: TestBackend.allCases)
    func adaptiveGatesDecideAgain(_ backend: TestBackend) throws {
        let session = try StudyNetwork.session(backend)
        var differences = 0
        for (index, image) in try StudyNetwork.images(4).enumerated() {
            for policy in Self.policies[..<3] {
                let explanation = try Explanation(
                    of: image, by: session, policy: policy, laterGates: .adaptive, firstImage: index)
                let own = try session.predict([image], policy: policy, firstImage: index)[0]
                #expect(explanation.graph == own.graph)
                #expect(explanation.laterGates == .adaptive)
                try #require(explanation.flips.count == 6)
                guard case .thresholds(let thresholds) = GateTable(policy, gates: 6, images: 1, firstImage: index)
                else {
                    Issue.record("\(policy) has no thresholds")
                    return
                }
                for (gate, flip) in explanation.flips.enumerated() {
                    let open = try Self.decisions(after: gate, of: image, own: own.graph.gates, by: session) {
                        $1 > 1 / (1 + exp(-thresholds[$0]))
                    }
                    #expect(flip.gates == open)
                    #expect(flip.macs == session.cost.executedMACs(open: open, gatesEvaluated: true))
                    Self.check(flip, try session.predict([image], policy: .mask(open))[0], own: own)
                    var held = own.graph.gates
                    held[gate].toggle()
                    if held != open { differences += 1 }
                }
            }
        }
        #expect(differences > 0)
    }

    @Test(arguments: Self.policies[3...])
    func gatesThatAreNotHeededDoNotDecideAgain(_ policy: GatePolicy) throws {
        let session = try StudyNetwork.session(.reference)
        let image = try StudyNetwork.images(1)[0]
        let held = try Explanation(of: image, by: session, policy: policy)
        let adaptive = try Explanation(of: image, by: session, policy: policy, laterGates: .adaptive)
        #expect(held.flips.count == 6)
        #expect(held.flips == adaptive.flips)
    }

    @Test(arguments: TestBackend.allCases)
    func aNetworkWithoutGatesHasNoFlips(_ backend: TestBackend) throws {
        let architecture = try StudyNetwork.architecture(isGated: false)
        let session = try Session(weights: .random(for: architecture, seed: 1), backend: backend.choice)
        let image = try StudyNetwork.images(1)[0]
        for laterGates in Explanation.LaterGates.allCases {
            let explanation = try Explanation(of: image, by: session, laterGates: laterGates)
            #expect(explanation.flips.isEmpty)
            #expect(explanation.flipsByEffect.isEmpty)
            #expect(explanation.graph.executed == [Bool](repeating: true, count: 7))
            #expect(explanation.topClasses == (try session.predict([image])[0].topClasses))
        }
    }

    @Test func theBlocksThatMatterComeFirst() throws {
        let explanation = try Explanation(
            of: try StudyNetwork.images(1)[0], by: StudyNetwork.session(.reference))
        let effects = explanation.flipsByEffect.map(\.klDivergence)
        #expect(effects.count == 6)
        #expect(effects == effects.sorted(by: >))
        #expect(Set(explanation.flipsByEffect) == Set(explanation.flips))
    }

    @Test func theNumberOfClassesGivenChangesNothingElse() throws {
        let session = try StudyNetwork.session(.reference)
        let image = try StudyNetwork.images(1)[0]
        let some = try Explanation(of: image, by: session, top: 5)
        let none = try Explanation(of: image, by: session, top: 0)
        #expect(some.topClasses.count == 5)
        #expect(none.topClasses.isEmpty)
        for (some, none) in zip(some.flips, none.flips) {
            #expect(some.topClasses.count == 5)
            #expect(none.topClasses.isEmpty)
            #expect(some.klDivergence == none.klDivergence)
            #expect(some.changesPrediction == none.changesPrediction)
            #expect(some.probabilityChange == none.probabilityChange)
        }
    }

    @Test func manyImagesAreExplainedOneByOne() throws {
        let session = try StudyNetwork.session(.reference)
        let images = try StudyNetwork.images(3)
        var progress: [Int] = []
        let explanations = try Explanation.explanations(
            of: images, by: session, policy: .sample(seed: 1), top: 2, firstImage: 10
        ) { progress.append($0) }
        #expect(progress == [1, 2, 3])
        try #require(explanations.count == 3)
        for (index, image) in images.enumerated() {
            #expect(
                explanations[index]
                    == (try Explanation(
                        of: image, by: session, policy: .sample(seed: 1), top: 2, firstImage: 10 + index)))
        }
    }

    @Test(arguments: Explanation.LaterGates.allCases)
    func theAsynchronousFormIsTheSame(_ laterGates: Explanation.LaterGates) async throws {
        let session = try StudyNetwork.session(.openCL)
        let image = try StudyNetwork.images(1)[0]
        let explanation = try await Explanation(of: image, by: session, laterGates: laterGates)
        var done: [Int] = []
        func explain() throws -> Explanation {
            try Explanation(of: image, by: session, laterGates: laterGates) { done.append($0) }
        }
        let expected = try explain()
        #expect(explanation == expected)
        #expect(done == [1, 2, 3, 4, 5, 6])
    }

    @Test func cancellationEndsItBetweenPasses() async throws {
        let session = try StudyNetwork.session(.reference)
        let image = try StudyNetwork.images(1)[0]
        func explain() throws -> (done: Int, isCancelled: Bool) {
            var done = 0
            do {
                _ = try Explanation(of: image, by: session) { count in
                    done = count
                    if count == 2 { withUnsafeCurrentTask { $0?.cancel() } }
                }
                return (done, false)
            } catch is CancellationError {
                return (done, true)
            }
        }
        let outcome = try await Task { try explain() }.value
        #expect(outcome.done == 2)
        #expect(outcome.isCancelled)
    }

    @Test func aCancelledTaskRunsNothing() async throws {
        let session = try Session(weights: StudyNetwork.weights(), backend: .reference)
        let image = try StudyNetwork.images(1)[0]
        func explainAtOnce() throws -> [Explanation] { try Explanation.explanations(of: [image], by: session) }
        let task = Task { () -> Int in
            withUnsafeCurrentTask { $0?.cancel() }
            await #expect(throws: CancellationError.self) { try await Explanation(of: image, by: session) }
            await #expect(throws: CancellationError.self) {
                try await Explanation.explanations(of: [image], by: session)
            }
            #expect(throws: CancellationError.self) { try explainAtOnce() }
            return session.kernelLaunches
        }
        #expect(await task.value == 0)
    }

    @Test func mistakesAreNamed() throws {
        let session = try StudyNetwork.session(.reference)
        let image = try StudyNetwork.images(1)[0]
        #expect(throws: GatePolicyError.wrongCount(what: "mask", found: 2, gates: 6)) {
            try Explanation(of: image, by: session, policy: .mask([true, false]))
        }
        #expect(throws: GatePolicyError.wrongCount(what: "list of rates", found: 2, gates: 6)) {
            try Explanation(of: image, by: session, policy: .rate([1, 1], seed: 0), laterGates: .adaptive)
        }
        #expect(throws: GatePolicyError.probabilityOutOfRange(2)) {
            try Explanation(of: image, by: session, policy: .threshold(2), laterGates: .adaptive)
        }
        let four = try Session(
            weights: .random(for: StudyNetwork.architecture(channels: 4), seed: 1), backend: .reference)
        #expect(throws: SessionError.notThreeChannels(4)) { try Explanation(of: image, by: four) }
        // Every feature is positive, so that nothing keeps the logits from overflowing.
        var tensors = try StudyNetwork.weights().tensors()
        for name in ["linear.weight", "linear.bias"] {
            let shape = try #require(tensors[name]).shape
            tensors[name] = try Tensor(shape: shape, repeating: .greatestFiniteMagnitude)
        }
        let large = try Session(
            weights: Weights(architecture: StudyNetwork.architecture(), tensors: tensors), backend: .reference)
        #expect(throws: ExplanationError.outputNotFinite(flipped: nil)) { try Explanation(of: image, by: large) }
        #expect("\(ExplanationError.outputNotFinite(flipped: "layer1.0"))".contains("layer1.0"))
    }

    @Test func survivesJSON() throws {
        let explanation = try Explanation(
            of: try StudyNetwork.images(1)[0], by: StudyNetwork.session(.reference), laterGates: .adaptive)
        let data = try JSONEncoder().encode(explanation)
        #expect(try JSONDecoder().decode(Explanation.self, from: data) == explanation)
        // The key is older than the property's name.
        let fields = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        let flips = try #require(fields["flips"] as? [[String: Any]])
        #expect((fields["candidates"] as? [Any])?.count == explanation.topClasses.count)
        #expect(flips.allSatisfy { $0["candidates"] is [Any] })
    }
}
