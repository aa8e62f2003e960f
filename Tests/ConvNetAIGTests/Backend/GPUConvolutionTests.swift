import OpenCL
import Testing

@testable import ConvNetAIG
@testable import Operators

extension DeviceTraits {
    /// The same with more compute units.
    func with(computeUnits: Int) -> DeviceTraits {
        var traits = self
        traits.computeUnits = computeUnits
        return traits
    }

    /// An H100, a Radeon RX 7900 and an Arc A770, as their drivers present them.
    static let gpus: [String: DeviceTraits] = [
        "nvidia": gpu(132, localMemory: 49152, .nvidia),
        "amd": gpu(48, localMemory: 65536, .amd),
        "intel": gpu(32, localMemory: 65536, .intel),
    ]

    private static func gpu(_ units: Int, localMemory: Int, _ unit: ComputeUnit) -> DeviceTraits {
        DeviceTraits(
            vectorWidth: 4, vectorRegisters: 6, hasFMA: true, groupSize: 64, localMemory: localMemory,
            computeUnits: units, unit: unit)
    }
}

/// Convolutions of devices with many compute units: what is chosen for them, and that it computes the same.
@Suite struct GPUConvolutionTests {
    // MARK: Choices

    static let networks = [
        ("resnet-50", 1), ("resnet-50", 8), ("convnet-aig-50", 1), ("convnet-aig-50", 8), ("resnet-cifar-20", 1),
        ("resnet-cifar-20", 128),
    ]

    static func convolutions(_ name: String) throws -> [FusedConvolutionSettings] {
        NetworkPlan(try Architecture(named: name)).operators.compactMap {
            guard case .convolution(let settings) = $0 else { return nil }
            return settings
        }
    }

    /// Every launch of a first stage has two groups a unit, or 512 items, where the output has values enough.
    @Test(arguments: DeviceTraits.gpus.keys.sorted(), networks)
    func convolutionsFillTheDevice(_ device: String, _ network: (name: String, images: Int)) throws {
        let traits = try #require(DeviceTraits.gpus[device])
        let convolutions = try Self.convolutions(network.name)
        #expect(convolutions.count > 15)
        for settings in Set(convolutions) {
            let estimates = traits.estimates(of: settings, images: network.images)
            let first = try #require(estimates.first, "\(settings)")
            #expect(first.passes >= 1 && first.waves(on: traits) >= 1)
            #expect(first.localMemory <= traits.localMemory)
            guard
                settings.convolution.output.pixels * settings.convolution.output.channels * network.images
                    >= 64 * traits.computeUnits
            else { continue }
            #expect(first.fills(traits), "\(first), \(settings)")
        }
    }

    @Test func gradientsFillTheDevice() throws {
        for (device, traits) in DeviceTraits.gpus {
            for settings in Set(try Self.convolutions("resnet-cifar-20").map(\.convolution))
            where settings.source == .features {
                let estimates = traits.estimates(ofInputGradient: settings, images: 128)
                let first = try #require(estimates.first, "\(settings)")
                #expect(first.fills(traits), "\(device): \(first), \(settings)")
            }
        }
    }

    /// Estimates by ``LaunchEstimate/seconds(on:)`` for an H100's rates, of all convolutions of a network.
    @Test(arguments: [
        ("resnet-50", 1, 0.6e-3), ("resnet-50", 8, 2e-3), ("convnet-aig-50", 1, 0.6e-3), ("convnet-aig-50", 8, 2e-3),
    ])
    func estimatedTimes(_ network: (name: String, images: Int, limit: Double)) throws {
        let traits = try #require(DeviceTraits.gpus["nvidia"])
        let seconds = try Self.convolutions(network.name).reduce(0) {
            $0 + traits.estimates(of: $1, images: network.images).seconds(on: traits)
        }
        #expect(seconds < network.limit)
        #expect(seconds > 0.05e-3)
    }

    /// Forward and to the input, for a batch of training.
    @Test func estimatedTimesOfATrainingStep() throws {
        let traits = try #require(DeviceTraits.gpus["nvidia"])
        let seconds = try Self.convolutions("resnet-cifar-20").map(\.convolution).reduce(0) { sum, convolution in
            let forward = traits.estimates(of: FusedConvolutionSettings(convolution), images: 128)
            let backward =
                convolution.source == .features ? traits.estimates(ofInputGradient: convolution, images: 128) : []
            return sum + forward.seconds(on: traits) + backward.seconds(on: traits)
        }
        #expect(seconds < 1e-3)
        #expect(seconds > 0.1e-3)
    }

    @Test func estimatesFollowTheFormula() throws {
        let traits = try #require(DeviceTraits.gpus["nvidia"])
        var launch = LaunchEstimate(
            kernel: "k", groups: 264, groupSize: 256, registers: 64, localMemory: 0, multiplyAdds: 0, bytes: 0,
            passes: 1)
        // Four groups of 256 items with 64 registers are all that 65,536 registers are.
        #expect(launch.waves(on: traits) == 1)
        #expect(abs(launch.seconds(on: traits) - 2.85e-6) < 1e-12)
        launch.groups = 132 * 4 + 1
        #expect(launch.waves(on: traits) == 2)
        launch.localMemory = 40000
        #expect(launch.waves(on: traits) == 3)
        launch.bytes = 2_800_000_000
        #expect(abs(launch.seconds(on: traits) - 1.0025e-3) < 1e-9)
        launch.multiplyAdds = 100_000_000_000
        #expect(abs(launch.seconds(on: traits) - 4.0025e-3) < 1e-9)
    }

    // MARK: Parity

    /// Splits that divide nothing, more than there are steps, with and without the sums of rows.
    @Test(arguments: [1, 2, 3, 5, 8, 16, 31, 32])
    func splits(_ splits: Int) throws {
        let backend = try OpenCLBackend(TestBackend.groups.runtime)
        let tiles = [
            ImplicitGEMMTile(
                groupPixels: 32, groupChannels: 32, depth: 32, itemPixels: 4, itemChannels: 4, splits: splits),
            ImplicitGEMMTile(
                groupPixels: 12, groupChannels: 24, depth: 8, itemPixels: 3, itemChannels: 8, splits: splits),
        ]
        for settings in ConvolutionAlgorithmParityTests.awkward {
            try ConvolutionAlgorithmParityTests.expectParity(
                settings, tiles.map { .implicitGEMM($0) }, images: 3, .listed([2, 0]), on: backend)
        }
    }

    /// Whatever the order in which groups run.
    @Test func sameBitsEveryTime() throws {
        let backend = try OpenCLBackend(TestBackend.groups.runtime)
        let settings = ConvolutionAlgorithmParityTests.awkward[0]
        let tile = ImplicitGEMMTile(
            groupPixels: 32, groupChannels: 32, depth: 16, itemPixels: 4, itemChannels: 4, splits: 7)
        let convolution = try backend.makeConvolution(
            ImplicitGEMMConvolution(settings, backend.traits, tile), OperatorParityTests.weights(settings, seed: 3),
            images: 3)
        func run() throws -> [UInt32] {
            try ConvolutionAlgorithmParityTests.convolve(
                settings, convolution, images: 3, .decided([0, 2]), on: backend
            ) { try backend.features($0, $1, pooled: $2, images: 3) }.values.map(\.bitPattern)
        }
        let first = try run()
        for _ in 0..<3 { #expect(try run() == first) }
    }

    /// What an H100 is given, on any device: whole layers, with fewer channels.
    @Test func layersAsManyUnitsHaveThem() throws {
        let device = try TestBackend.device.get()
        var traits = try #require(DeviceTraits.gpus["nvidia"])
        traits.localMemory = min(traits.localMemory, device.localMemory)
        traits.maxGroupSize = min(traits.maxGroupSize, device.maxWorkGroupSize)
        let backend = try OpenCLBackend(OpenCLRuntime(device: device, traits: traits, cache: nil))
        for settings in try ConvolutionAlgorithmParityTests.layers() + ConvolutionAlgorithmParityTests.awkward {
            try ConvolutionAlgorithmParityTests.expectParity(
                settings, [.standard(settings, traits, images: 2)], images: 2, .decided([1]), on: backend)
        }
    }
}
