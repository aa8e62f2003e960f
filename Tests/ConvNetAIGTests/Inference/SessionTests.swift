import ConvNetAIGModels
import OpenCL
import TestSupport
import Testing

@testable import ConvNetAIG
@testable import Operators

@Suite struct SessionTests {
    static func image(_ name: String) throws -> Image {
        try Image(contentsOf: Fixtures.path("samples/\(name)"))
    }

    static func session(batch: Int = 2) throws -> Session {
        try Session(
            weights: EmbeddedModel.standard.weights(), backend: TestBackend.openCL.choice, batch: batch)
    }

    @Test func classifiesACat() throws {
        let prediction = try #require(try Self.session().predict([Self.image("chelsea.png")]).first)
        #expect(prediction.topClasses.count == 5)
        #expect(prediction.topClasses[0].name == "cat")
        #expect(prediction.topClasses.map(\.probability) == prediction.topClasses.map(\.probability).sorted(by: >))
        #expect(abs(softmax(prediction.logits).reduce(0, +) - 1) < 1e-5)
        #expect(prediction.graph.executed.count == 9)
        #expect(prediction.graph.macs <= prediction.graph.denseMACs)
        #expect(prediction.graph.denseMACs == 40_815_616)
    }

    @Test func anyNumberOfImagesInOrder() throws {
        let names = ["chelsea.png", "rocket.jpg", "coffee.png", "camera.png", "color.png"]
        let images = try names.map(Self.image)
        let together = try Self.session(batch: 2).predict(images, policy: .sample(seed: 1))
        let session = try Self.session(batch: 1)
        #expect(together.count == 5)
        for (index, image) in images.enumerated() {
            let alone = try session.predict([image], policy: .sample(seed: 1), firstImage: index)
            #expect(alone == [together[index]])
        }
        #expect(try session.predict([Image]()).isEmpty)
    }

    @Test func asynchronousForm() async throws {
        let session = try Self.session()
        let image = try Self.image("chelsea.png")
        let waited = try await session.predict([image])
        #expect(waited == (try Self.predictBlocking(session, [image])))
    }

    private static func predictBlocking(_ session: Session, _ images: [Image]) throws -> [Prediction] {
        try session.predict(images)
    }

    @Test func severalTasksAtOnce() async throws {
        let session = try Self.session(batch: 3)
        let images = try ["chelsea.png", "rocket.jpg", "coffee.png"].map(Self.image)
        let expected = try await session.predict(images)
        try await withThrowingTaskGroup(of: (Int, [Prediction]).self) { group in
            for index in 0..<24 {
                group.addTask { (index % 3, try await session.predict([images[index % 3]])) }
            }
            for try await (index, predictions) in group { #expect(predictions == [expected[index]]) }
        }
    }

    @Test func sessionsShareADevice() async throws {
        let runtime = try TestBackend.openCL.runtime
        let image = try Self.image("rocket.jpg")
        let expected = try await Self.session().predict([image])
        try await withThrowingTaskGroup(of: [Prediction].self) { group in
            for _ in 0..<4 {
                group.addTask {
                    try await Session(
                        weights: EmbeddedModel.standard.weights(), backend: .openCL(runtime), batch: 2
                    ).predict([image])
                }
            }
            for try await predictions in group { #expect(predictions == expected) }
        }
    }

    @Test func sequenceKeepsOrder() async throws {
        let names = ["chelsea.png", "rocket.jpg", "coffee.png", "camera.png", "color.png"]
        let images = try names.map(Self.image)
        let session = try Self.session(batch: 2)
        let stream = AsyncStream { continuation in
            for image in images { continuation.yield(image) }
            continuation.finish()
        }
        var found: [Prediction] = []
        for try await prediction in session.predictions(for: stream, policy: .sample(seed: 2)) {
            found.append(prediction)
        }
        #expect(try await session.predict(images, policy: .sample(seed: 2)) == found)
    }

    @Test func sequencePassesErrorsOn() async throws {
        let image = try Self.image("chelsea.png")
        for batch in [1, 2] {
            let session = try Self.session(batch: batch)
            let stream = AsyncThrowingStream<Image, any Error> { continuation in
                continuation.yield(image)
                continuation.finish(throwing: ImageError.empty(name: "missing.png"))
            }
            var count = 0
            await #expect(throws: ImageError.empty(name: "missing.png")) {
                for try await _ in session.predictions(for: stream) { count += 1 }
            }
            #expect(count == 1)
        }
    }

    // MARK: What cannot be

    @Test(arguments: [TestBackend.reference, .openCL])
    func inputsThatCannotBe(_ backend: TestBackend) throws {
        let session = try Session(weights: EmbeddedModel.standard.weights(), backend: backend.choice)
        #expect(throws: SessionError.wrongInputShape(found: [1, 3, 16, 16], expected: [3, 32, 32])) {
            try session.run(Tensor(shape: [1, 3, 16, 16]))
        }
        #expect(throws: SessionError.wrongInputShape(found: [3, 32, 32], expected: [3, 32, 32])) {
            try session.run(Tensor(shape: [3, 32, 32]))
        }
        var values = [Float](repeating: 0, count: 2 * 3 * 32 * 32)
        for bad in [Float.nan, .infinity] {
            values[3 * 32 * 32 + 5] = bad
            #expect(throws: SessionError.nonFiniteInput(image: 1)) {
                try session.run(Tensor(shape: [2, 3, 32, 32], values: values))
            }
        }
    }

    @Test func kernelsThatDoNotBuild() throws {
        // There are no vectors of five.
        let runtime = try OpenCLRuntime(
            device: TestBackend.device.get(),
            traits: DeviceTraits(vectorWidth: 5, vectorRegisters: 16, hasFMA: true, groupSize: 1, localMemory: 0))
        let error = #expect(throws: OpenCLError.self) {
            try Session(weights: EmbeddedModel.standard.weights(), backend: .openCL(runtime))
        }
        #expect(error?.name == "CL_BUILD_PROGRAM_FAILURE")
        #expect(error?.log?.contains("float5") == true)
    }

    /// Weights whose products overflow give logits that are no numbers, not ones that look right.
    @Test(arguments: TestBackend.allCases)
    func overflowIsNotHidden(_ backend: TestBackend) throws {
        let architecture = try Architecture(named: "convnet-aig-cifar-8")
        var tensors = try Weights.random(for: architecture, seed: 1).tensors()
        for name in ["layer3.0.conv1.weight", "layer3.0.conv2.weight", "layer3.0.shortcut.0.weight"] {
            let shape = try #require(tensors[name]).shape
            let values = OperatorParityTests.values(shape.reduce(1, *), seed: 1)
            tensors[name] = try Tensor(shape: shape, values: values.map { $0 * 1e38 })
        }
        let weights = try Weights(architecture: architecture, tensors: tensors)
        let output = try Session(weights: weights, backend: backend.choice)
            .run(SchedulingTests.input(architecture, images: 1), policy: .always)
        let isFinite = output.logits(of: 0).allSatisfy(\.isFinite)
        #expect(!isFinite)
    }

    @Test func batchesThatCannotBe() throws {
        let weights = try EmbeddedModel.standard.weights()
        for batch in [0, -1] {
            #expect(throws: SessionError.batchOutOfRange(batch)) {
                try Session(weights: weights, backend: TestBackend.openCL.choice, batch: batch)
            }
        }
        #expect(throws: BackendError.self) {
            try Session(weights: weights, backend: TestBackend.openCL.choice, batch: 100_000_000)
        }
    }

    @Test func weightsOfAnotherArchitecture() throws {
        #expect(throws: SessionError.self) {
            try Session(
                architecture: Architecture(named: "convnet-aig-cifar-8"), weights: EmbeddedModel.standard.weights(),
                backend: .reference)
        }
        // The name and the kind of shortcut are the weights' affair.
        let architecture = try EmbeddedModel.standard.weights().architecture.with(shortcut: .zeroPadded)
        #expect(throws: Never.self) {
            try Session(
                architecture: architecture, weights: EmbeddedModel.standard.weights(), backend: .reference)
        }
    }

    @Test(arguments: [[1], [0], [0, 2]])
    func predictionsAndWeightsOfUngatedBlocks(_ ungated: [Int]) throws {
        let architecture = try Architecture(named: "resnet-cifar-8").adaptive(ungatedBlocks: ungated)
        let weights = Weights.random(for: architecture, seed: 2)
        let input = try SchedulingTests.input(architecture, images: 3)
        let expected = try Session(weights: weights, backend: .reference, batch: 3)
            .run(input, policy: .rate([0.5], seed: 5))
        for scheduling in Scheduling.allCases {
            let found = try Session(
                weights: weights, backend: TestBackend.openCL.choice, batch: 3, scheduling: scheduling
            ).run(input, policy: .rate([0.5], seed: 5))
            #expect(try found.gates == expected.gates)
            try OperatorParityTests.expectClose(found.logits.values, expected.logits.values)
        }
    }

    @Test func otherInputSizes() throws {
        for (height, width) in [(33, 47), (8, 64), (1, 1)] {
            let architecture = try Architecture(
                named: "convnet-aig-cifar-8", classes: 7, input: .init(height: height, width: width))
            let weights = Weights.random(for: architecture, seed: 2)
            let input = try SchedulingTests.input(architecture, images: 2)
            let expected = try Session(weights: weights, backend: .reference, batch: 2).run(input)
            for backend in TestBackend.onOpenCL {
                let found = try Session(weights: weights, backend: backend.choice, batch: 2).run(input)
                #expect(try found.gates == expected.gates)
                try OperatorParityTests.expectClose(found.logits.values, expected.logits.values)
            }
        }
    }
}
