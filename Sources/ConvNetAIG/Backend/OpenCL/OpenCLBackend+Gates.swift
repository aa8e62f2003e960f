import Kernels
import OpenCL

extension OpenCLBackend {
    public final class GateChain {
        let problem: GateProblem
        let firstGate: Int
        let count: Int
        let kernel: Kernel
        /// Work-items that share an image.
        let groupSize: Int
        let parameters: Buffer
        let scratch: Buffer?

        init(
            problem: GateProblem, firstGate: Int, count: Int, kernel: Kernel, groupSize: Int, parameters: Buffer,
            scratch: Buffer?
        ) {
            self.problem = problem
            self.firstGate = firstGate
            self.count = count
            self.kernel = kernel
            self.groupSize = groupSize
            self.parameters = parameters
            self.scratch = scratch
        }
    }

    public func makeGateChain(
        _ problem: GateProblem, firstGate: Int, _ gates: [GateWeights], images: Int
    ) throws -> GateChain {
        let descriptor = GateKernel(problem, traits)
        return GateChain(
            problem: problem, firstGate: firstGate, count: gates.count,
            kernel: try runtime.programs.kernel("decide", descriptor.program), groupSize: descriptor.groupSize,
            parameters: try constant(gates.flatMap { packed($0, problem) }),
            scratch: descriptor.usesLocalMemory
                ? nil
                : try allocate(Float.self, perImage: problem.features.paddedChannels, images: images))
    }

    /// fc1 [channels][hidden], its bias, fc2 [hidden] and its bias, zero where they are padding.
    private func packed(_ gate: GateWeights, _ problem: GateProblem) -> [Float] {
        let (channels, hidden) = (problem.features.channels, problem.hidden)
        let (channelsPadded, hiddenPadded) = (problem.features.paddedChannels, ChannelBlock.padded(hidden))
        let matrix = channelsPadded * hiddenPadded
        var values = [Float](repeating: 0, count: matrix + 2 * hiddenPadded + ChannelBlock.size)
        for unit in 0..<hidden {
            for channel in 0..<channels {
                values[channel * hiddenPadded + unit] = gate.fc1[unit * channels + channel]
            }
            values[matrix + unit] = gate.fc1Bias[unit]
            values[matrix + hiddenPadded + unit] = gate.fc2[unit]
        }
        values[matrix + 2 * hiddenPadded] = gate.fc2Bias
        return values
    }

    public func decide(
        _ chain: GateChain, from gate: Int, features: Activations, decisions: Decisions, on active: ActiveSet
    ) throws {
        let images = try activeImages(active, decisions)
        let kernel = chain.kernel
        let shape = chain.problem.features
        // Pooled features, in whichever memory the kernel was built for.
        let pooled: any KernelArgument =
            chain.scratch ?? LocalMemory(byteCount: shape.paddedChannels * MemoryLayout<Float>.stride)
        try kernel.setArguments(
            features.rowSums ?? unused, chain.parameters, decisions.thresholds, decisions.open, decisions.logOdds,
            decisions.progress, pooled, images.buffer, images.offset, Int32(gate),
            Int32(chain.firstGate), Int32(chain.firstGate + chain.count), Int32(decisions.capacity),
            Int32(shape.paddedChannels), Int32(shape.height), Int32(shape.pixels))
        try queue.enqueue(
            kernel, global: NDRange(chain.groupSize, active.launchedCount), local: NDRange(chain.groupSize, 1))
    }
}
