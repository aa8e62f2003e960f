import ConvNetAIG
import Testing

@testable import ConvNetAIGTraining

@Suite struct AttackTests {
    static let normalization: (mean: [Float], std: [Float]) = ([0.5, 0.4, 0.45], [0.25, 0.2, 0.22])

    /// Images of every kind of network, normalised.
    private static func images(_ architecture: Architecture, count: Int) throws -> Tensor {
        let input = architecture.input
        let (mean, std) = scale(architecture)
        let pixels = input.height * input.width
        let values = TestValues.uniform(count * input.count, seed: 7).enumerated().map { index, value in
            let channel = index / pixels % input.channels
            return ((value + 1) / 2 - mean[channel]) / std[channel]
        }
        return try Tensor(shape: [count, input.channels, input.height, input.width], values: values)
    }

    private static func scale(_ architecture: Architecture) -> (mean: [Float], std: [Float]) {
        let channels = architecture.input.channels
        return (Array(normalization.mean[..<channels]), Array(normalization.std[..<channels]))
    }

    private static func attacker(
        _ json: String, _ backend: some TrainingBackend, batch: Int
    ) throws -> (Attacker, Architecture) {
        let architecture = try Architecture(json: json)
        let network = try TrainingNetwork(
            weights: Weights.random(for: architecture, seed: 5), backend: backend, batch: batch, purpose: .attack)
        return (Attacker(network, normalization: scale(architecture)), architecture)
    }

    private static func labels(_ architecture: Architecture, _ count: Int) -> [Int] {
        (0..<count).map { $0 % architecture.classes }
    }

    /// Along the gradient and along random directions the loss changes as the gradient says: basic blocks and
    /// bottlenecks, every shortcut, max pooling, large and strided stems.
    @Test(arguments: NetworkGradientTests.examples, TestTrainingBackends.all)
    func gradientIsTheLossesSlope(
        _ example: NetworkGradientTests.Example, _ backend: TestTrainingBackend
    ) throws {
        let (attacker, architecture) = try Self.attacker(example.json, backend.make(), batch: 4)
        let images = try Self.images(architecture, count: 3)
        let labels = Self.labels(architecture, 3)
        let found = try attacker.gradient(of: images, labels: labels)
        let gradient = found.gradient.values.map(Double.init)
        let norm = gradient.reduce(0) { $0 + $1 * $1 }.squareRoot()
        #expect(norm > 0)
        let (reference, _) = try Self.attacker(example.json, ReferenceTrainingBackend(), batch: 3)
        func loss(_ direction: [Double], _ distance: Double) throws -> Double {
            let moved = zip(images.values, direction).map { Float(Double($0) + distance * $1) }
            let result = try reference.gradient(of: Tensor(shape: images.shape, values: moved), labels: labels)
            try #require(result.gates == found.gates, "a decision changed on the way")
            return result.losses.reduce(0) { $0 + Double($1) } / Double(labels.count)
        }
        let random = TestValues.uniform(gradient.count, seed: 9).map {
            Double($0) / Double(gradient.count).squareRoot()
        }
        for direction in [gradient.map { $0 / norm }, zip(gradient, random).map { $0 / norm + $1 }] {
            let slope = zip(gradient, direction).reduce(0) { $0 + $1.0 * $1.1 }
            let distance = 1e-3
            let measured = try (loss(direction, distance) - loss(direction, -distance)) / (2 * distance)
            // ReLUs bend on the way, and losses are rounded.
            #expect(abs(measured - slope) < 0.03 * abs(slope) + 1e-4, "slope \(slope), measured \(measured)")
        }
    }

    @Test(arguments: TestTrainingBackends.all)
    func attackedImagesStayInTheBallAndInRange(_ backend: TestTrainingBackend) throws {
        let (attacker, architecture) = try Self.attacker(
            NetworkGradientTests.examples[0].json, backend.make(), batch: 2)
        let images = try Self.images(architecture, count: 5)
        let labels = Self.labels(architecture, 5)
        let epsilon: Float = 0.05
        let (mean, std) = Self.normalization
        let pixels = architecture.input.height * architecture.input.width
        for attack in [
            Attack.fgsm(epsilon: epsilon), .pgd(epsilon: epsilon, steps: 4, seed: 3),
            Attack(epsilon: epsilon, steps: 3, stepSize: 1),
        ] {
            let attacked = try attacker.attack(attack, images, labels: labels)
            #expect(attacked.shape == images.shape)
            var moved = 0
            for (index, value) in attacked.values.enumerated() {
                let channel = index / pixels % 3
                let (pixel, before) = (
                    value * std[channel] + mean[channel], images.values[index] * std[channel] + mean[channel]
                )
                #expect(abs(pixel - before) <= epsilon + 1e-6)
                #expect(pixel >= -1e-6 && pixel <= 1 + 1e-6)
                if pixel != before { moved += 1 }
            }
            #expect(moved > attacked.values.count / 2)
        }
    }

    /// More steps do more harm, and both do some.
    @Test(arguments: TestTrainingBackends.all)
    func lossesRise(_ backend: TestTrainingBackend) throws {
        let (attacker, architecture) = try Self.attacker(
            NetworkGradientTests.examples[0].json, backend.make(), batch: 5)
        let images = try Self.images(architecture, count: 5)
        let labels = Self.labels(architecture, 5)
        func loss(_ images: Tensor) throws -> Float {
            try attacker.gradient(of: images, labels: labels).losses.reduce(0, +)
        }
        let attacks: [Attack] = [.fgsm(epsilon: 0.02), .pgd(epsilon: 0.02, steps: 8, seed: nil)]
        let attacked = try attacker.attack(attacks, images, labels: labels)
        let losses = try [loss(images)] + attacked.map(loss)
        #expect(losses[1] > losses[0])
        #expect(losses[2] > losses[0])
    }

    @Test(arguments: TestTrainingBackends.others)
    func attacksEqualTheReferences(_ backend: TestTrainingBackend) throws {
        for example in NetworkGradientTests.examples.prefix(3) {
            func attacked(_ backend: some TrainingBackend) throws -> (InputGradient, InputGradient, Tensor) {
                let (attacker, architecture) = try Self.attacker(example.json, backend, batch: 4)
                let images = try Self.images(architecture, count: 3)
                let labels = Self.labels(architecture, 3)
                return (
                    try attacker.gradient(of: images, labels: labels),
                    try attacker.gradient(of: images, labels: labels, gateGradient: .straightThrough),
                    try attacker.attack(.pgd(epsilon: 0.1, steps: 1, seed: 4), images, labels: labels)
                )
            }
            let (expected, found) = (try attacked(ReferenceTrainingBackend()), try attacked(backend.make()))
            #expect(found.0.gates == expected.0.gates)
            expectClose(found.0.gradient.values, expected.0.gradient.values, example.testDescription)
            expectClose(
                found.1.gradient.values, expected.1.gradient.values, "\(example.testDescription), through gates")
            let differing = zip(found.2.values, expected.2.values).count { abs($0 - $1) > 1e-5 }
            // Signs of gradients near 0.
            #expect(differing <= expected.2.values.count / 100)
        }
    }

    @Test func batchesChangeNothing() throws {
        let json = NetworkGradientTests.examples[0].json
        let (whole, architecture) = try Self.attacker(json, ReferenceTrainingBackend(), batch: 5)
        let (parts, _) = try Self.attacker(json, ReferenceTrainingBackend(), batch: 2)
        let images = try Self.images(architecture, count: 5)
        let labels = Self.labels(architecture, 5)
        let attack = Attack.pgd(epsilon: 0.05, steps: 3, seed: 6)
        let expected = try whole.attack(attack, images, labels: labels, firstImage: 10)
        #expect(try parts.attack(attack, images, labels: labels, firstImage: 10) == expected)
        #expect(try whole.attack(attack, images, labels: labels, firstImage: 11) != expected)
    }

    /// A network so sure of itself that the gradient of an image which it gets right is 0, and so steep that any other
    /// gradient overflows: wherever such an image lies among the batches, and with any kind of attack, it is named, and
    /// nothing comes back.
    @Test(arguments: [0, 1, 4], TestTrainingBackends.all)
    func gradientsThatAreNotFinite(_ image: Int, _ backend: TestTrainingBackend) throws {
        let architecture = try Architecture(json: NetworkGradientTests.examples[0].json)
        var tensors = try Weights.random(for: architecture, seed: 5).tensors()
        for (name, factor) in [("conv1.weight", 1e16), ("linear.weight", 1e30)] as [(String, Float)] {
            let tensor = try #require(tensors[name])
            tensors[name] = try Tensor(shape: tensor.shape, values: tensor.values.map { factor * $0 })
        }
        let weights = try Weights(architecture: architecture, tensors: tensors)
        func attacker(_ backend: some TrainingBackend) throws -> Attacker {
            Attacker(
                try TrainingNetwork(weights: weights, backend: backend, batch: 2, purpose: .attack),
                normalization: Self.scale(architecture))
        }
        let made = try attacker(backend.make())
        let shape = try Self.images(architecture, count: 5).shape
        let values = try Self.images(architecture, count: 5).values.map { 1e-16 * $0 }
        let images = try Tensor(shape: shape, values: values)
        let count = architecture.input.count
        var labels = try (0..<5).map { image in
            let one = try Tensor(
                shape: [1] + shape.dropFirst(), values: Array(values[image * count..<(image + 1) * count]))
            let right = (0..<architecture.classes).filter { label in
                (try? made.gradient(of: one, labels: [label])) != nil
            }
            try #require(right.count == 1)
            return right[0]
        }
        let attacks = [
            Attack.fgsm(epsilon: 0.02), .fgsm(epsilon: 0.02, gateGradient: .straightThrough),
            .pgd(epsilon: 0.02, steps: 3, seed: nil),
        ]
        #expect(try made.attack(attacks, images, labels: labels) == [images, images, images])
        labels[image] = (labels[image] + 1) % architecture.classes
        for attack in attacks {
            #expect(throws: AttackError.gradientNotFinite(image: 100 + image)) {
                try made.attack(attack, images, labels: labels, firstImage: 100)
            }
        }
        #expect(AttackError.gradientNotFinite(image: 104).description.contains("picture 104"))
        var broken = values
        broken[image * count + 5] = .nan
        #expect(throws: AttackError.imageNotFinite(image: 100 + image)) {
            try made.attack(attacks[0], Tensor(shape: shape, values: broken), labels: labels, firstImage: 100)
        }
    }

    @Test func impossibleAttacksAreRefused() throws {
        let (attacker, architecture) = try Self.attacker(
            NetworkGradientTests.examples[0].json, ReferenceTrainingBackend(), batch: 2)
        let images = try Self.images(architecture, count: 2)
        #expect(throws: AttackError.epsilon(1.5)) {
            try attacker.attack(.fgsm(epsilon: 1.5), images, labels: [0, 1])
        }
        #expect(throws: AttackError.steps(0)) {
            try attacker.attack(.pgd(epsilon: 0.1, steps: 0), images, labels: [0, 1])
        }
        #expect(throws: AttackError.labels(found: 1, images: 2)) {
            try attacker.attack(.fgsm(epsilon: 0.1), images, labels: [0])
        }
        #expect(throws: AttackError.label(found: 3, classes: 3)) {
            try attacker.attack(.fgsm(epsilon: 0.1), images, labels: [0, 3])
        }
        #expect(throws: AttackError.self) {
            try attacker.attack(.fgsm(epsilon: 0.1), Tensor(shape: [1, 3, 2, 2]), labels: [0])
        }
    }
}
