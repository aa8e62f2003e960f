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
    var packing: WeightPacking { base.packing }

    func makeOperation(
        weights: Buffer, bias: Buffer, images: Int, on executor: OpenCLExecutor
    ) throws -> any ConvolutionOperation {
        try base.makeOperation(weights: weights, bias: bias, images: images, on: executor)
    }

    func makeOperation(
        _ weights: ConvolutionWeights, images: Int, on executor: OpenCLExecutor
    ) throws -> any ConvolutionOperation {
        var weights = weights
        switch fault {
        case .doesNotBuild: _ = try Program(context: executor.queue.context, source: "__kernel void a() { missing }")
        case .wrongWeight: weights.weights[weights.weights.count / 2] += 0.01
        case .notANumber: weights.bias[0] = .nan
        default: break
        }
        return BrokenOperation(try base.makeOperation(weights, images: images, on: executor), fault)
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

    func enqueue(_ launch: ConvolutionLaunch, on executor: OpenCLExecutor) throws {
        launches += 1
        switch fault {
        case .doesNothing: return
        case .lacksAnImage:
            try base.enqueue(
                ConvolutionLaunch(
                    input: launch.input, output: launch.output, rowSums: launch.rowSums, active: launch.active,
                    images: launch.images - 1, decisions: launch.decisions), on: executor)
            return
        case .doesNotRun: throw Self.failure
        case .runsOnce where launches > 1: throw Self.failure
        default: break
        }
        try base.enqueue(launch, on: executor)
        switch fault {
        case .computesTwice: try base.enqueue(launch, on: executor)
        case .wrongRowSums: try executor.queue.fill(launch.rowSums, with: 1)
        case .writesIntoTheHalo:
            try executor.queue.finish()
            try executor.queue.write(to: launch.output, values: [Float(0.5)])
        default: break
        }
    }

    static let failure = OpenCLError(code: -5, call: "clEnqueueNDRangeKernel")
}
