import Foundation
import Testing

@testable import ConvNetAIG
@testable import Operators

@Suite struct GatePolicyTests {
    @Test(arguments: [
        ("argmax", GatePolicy.argmax), ("always", .always), ("threshold:0.7", .threshold(0.7)),
        ("sample:42", .sample(seed: 42)), ("mask:0110", .mask([false, true, true, false])),
        ("log-odds:-1.5,inf,-inf", .logOdds([-1.5, .infinity, -.infinity])), ("budget:0.6", .budget(macs: 0.6)),
        ("budget:0.75:image", .budget(macs: 0.75, of: .image)), ("rate:0.6:7", .rate([0.6], seed: 7)),
        ("rate:1.0,0.5:0", .rate([1, 0.5], seed: 0)),
    ])
    func textRoundTrip(_ text: String, _ policy: GatePolicy) throws {
        #expect(try GatePolicy(parsing: text) == policy)
        #expect(try GatePolicy(parsing: policy.description) == policy)
    }

    @Test(arguments: [
        "", "arg", "argmax:1", "threshold", "threshold:x", "threshold:1.5", "threshold:nan", "sample:-1", "mask:",
        "mask:012", "log-odds:", "log-odds:1,", "log-odds:nan", "budget:", "budget:0", "budget:1.1", "budget:0.5:all",
        "rate:", "rate:2", "rate:0.5:x", "rate:0.5,:1", "rate:0.5:1:2",
    ])
    func badTextIsRefused(_ text: String) {
        #expect(throws: GatePolicyError.self) { try GatePolicy(parsing: text) }
    }

    @Test func policiesMustFitTheNetwork() throws {
        let architecture = try Architecture(named: "convnet-aig-cifar-8")
        let session = try Session(weights: .random(for: architecture, seed: 1), backend: .reference)
        let input = try Tensor(shape: [1, 3, 32, 32], repeating: 0)
        let bad: [GatePolicy] = [
            .mask([true]), .rate([0.5, 0.5], seed: 0), .rate([1.5], seed: 0), .threshold(-0.1), .threshold(.nan),
            .logOdds([0]), .logOdds([0, 0, .nan]), .budget(macs: 0.5), .budget(macs: 2),
        ]
        for policy in bad {
            #expect(throws: GatePolicyError.self) { try session.run(input, policy: policy) }
        }
    }

    /// The thresholds that a policy makes for one gate.
    private func thresholds(_ policy: GatePolicy, gates: Int = 1, images: Int, firstImage: Int = 0) throws -> [Float] {
        guard
            case .thresholds(let values) = GateTable(
                policy, gates: gates, images: images, firstImage: firstImage)
        else { throw TestBackendError.notOpenCL }
        return values
    }

    @Test func thresholdsAreLogOdds() throws {
        #expect(try thresholds(.argmax, images: 1) == [0])
        #expect(try thresholds(.threshold(0.5), images: 1) == [0])
        #expect(try abs(thresholds(.threshold(0.8), images: 1)[0] - log(Float(4))) < 1e-6)
        #expect(try thresholds(.threshold(0), images: 1) == [-.infinity])
        #expect(try thresholds(.threshold(1), images: 1) == [.infinity])
    }

    @Test func logOddsAreEachGatesThreshold() throws {
        #expect(try thresholds(.logOdds([0.5, -2]), gates: 2, images: 2) == [0.5, 0.5, -2, -2])
    }

    @Test func samplingOpensAsOftenAsTheGateSays() throws {
        let images = 20_000
        let thresholds = try thresholds(.sample(seed: 3), images: images)
        for logOdds in [-2, 0, 1] as [Float] {
            let share = Double(thresholds.count { logOdds > $0 }) / Double(images)
            // Four standard deviations of a binomial share.
            #expect(abs(share - Double(sigmoid(logOdds))) < 4 * (0.25 / Double(images)).squareRoot())
        }
    }

    @Test func ratesAreDrawnPerBlock() throws {
        let images = 20_000
        let values = try thresholds(.rate([0.2, 0.9], seed: 3), gates: 2, images: images)
        for (gate, rate) in [0.2, 0.9].enumerated() {
            let share = Double(values[gate * images..<(gate + 1) * images].count { $0 < 0 }) / Double(images)
            #expect(abs(share - rate) < 4 * (0.25 / Double(images)).squareRoot())
        }
    }

    @Test func drawsBelongToTheImageAndNotToTheBatch() throws {
        let whole = try thresholds(.sample(seed: 3), gates: 2, images: 5)
        let second = try thresholds(.sample(seed: 3), gates: 2, images: 2, firstImage: 3)
        #expect(second == [whole[3], whole[4], whole[8], whole[9]])
        #expect(try thresholds(.sample(seed: 4), gates: 2, images: 5) != whole)
    }

    @Test(arguments: [
        GatePolicy.sample(seed: 11), .rate([0.5], seed: 2), .threshold(0.4),
        .logOdds([0.1, -0.2, 0.3, -.infinity, 0, .infinity, -0.1, 0.2, 0]),
    ])
    func routesAreTheSameOnEveryBackend(_ policy: GatePolicy) throws {
        let (file, weights) = try ParityFixture.deep.load()
        let input = try file.tensor("input")
        let expected = try Session(weights: weights, backend: .reference, batch: 6).run(input, policy: policy)
        for backend in TestBackend.onOpenCL {
            let found = try Session(weights: weights, backend: backend.choice, batch: 4).run(input, policy: policy)
            #expect(try found.gates == expected.gates)
        }
    }
}
