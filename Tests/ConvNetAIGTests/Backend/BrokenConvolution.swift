import OpenCL

@testable import ConvNetAIG
@testable import Operators

/// An algorithm on a device whose driver does not get it right.
struct BrokenConvolution: ConvolutionDescriptor {
    enum Fault: CaseIterable {
        // It fails.
        case doesNotBuild, doesNotRun, runsOnce
        // It computes something else.
        case wrongWeight, lacksAnImage, doesNothing, computesTwice, wrongRowSums, writesIntoTheHalo, notANumber
    }

    let base: any ConvolutionDescriptor
    let fault: Fault

    var settings: FusedConvolutionSettings { base.settings }
    var traits: DeviceTraits { base.traits }
    var programs: Set<ProgramDescriptor> { base.programs }
    var sumsRows: Bool { base.sumsRows }
    var supportsHalfStorage: Bool { base.supportsHalfStorage }

    func makeOperation(
        _ weights: ConvolutionWeights, images: Int, on backend: OpenCLBackend
    ) throws -> any ConvolutionOperation {
        var weights = weights
        switch fault {
        case .doesNotBuild: _ = try Program(context: backend.runtime.context, source: "__kernel void a() { missing }")
        case .wrongWeight: weights.weights[weights.weights.count / 2] += 0.01
        case .notANumber: weights.bias[0] = .nan
        default: break
        }
        return BrokenOperation(try base.makeOperation(weights, images: images, on: backend), fault)
    }
}

private final class BrokenOperation: ConvolutionOperation {
    private let base: any ConvolutionOperation
    private let fault: BrokenConvolution.Fault
    private var launches = 0

    init(_ base: any ConvolutionOperation, _ fault: BrokenConvolution.Fault) {
        self.base = base
        self.fault = fault
    }

    var groupsPerImage: Int { base.groupsPerImage }

    func enqueue(_ launch: ConvolutionLaunch, on backend: OpenCLBackend) throws {
        launches += 1
        switch fault {
        case .doesNothing: return
        case .lacksAnImage:
            try base.enqueue(
                ConvolutionLaunch(
                    input: launch.input, output: launch.output, active: launch.active, images: launch.images - 1,
                    decisions: launch.decisions, gate: launch.gate), on: backend)
            return
        case .doesNotRun: throw Self.failure
        case .runsOnce where launches > 1: throw Self.failure
        default: break
        }
        try base.enqueue(launch, on: backend)
        switch fault {
        case .computesTwice: try base.enqueue(launch, on: backend)
        case .wrongRowSums: try backend.queue.fill(backend.rowSums(launch.output, needed: true), with: 1)
        case .writesIntoTheHalo:
            try backend.queue.finish()
            try backend.queue.write(to: launch.output.values, values: [Float(0.5)])
        default: break
        }
    }

    static let failure = OpenCLError(code: -5, call: "clEnqueueNDRangeKernel")
}
