import Kernels
import OpenCL

extension OpenCLBackend {
    package final class GateChain {
        let settings: GateSettings
        let firstGate: Int
        let count: Int
        let kernel: BoundKernel
        /// Work-items that share an image.
        let groupSize: Int
        let parameters: Buffer
        let scratch: Buffer?

        init(
            settings: GateSettings, firstGate: Int, count: Int, kernel: BoundKernel, groupSize: Int, parameters: Buffer,
            scratch: Buffer?
        ) {
            self.settings = settings
            self.firstGate = firstGate
            self.count = count
            self.kernel = kernel
            self.groupSize = groupSize
            self.parameters = parameters
            self.scratch = scratch
        }
    }

    package func makeGateChain(
        _ settings: GateSettings, firstGate: Int, _ gates: [GateWeights], images: Int
    ) throws -> GateChain {
        let descriptor = GateKernel(settings, traits)
        return GateChain(
            settings: settings, firstGate: firstGate, count: gates.count,
            kernel: BoundKernel(try runtime.programs.kernel("decide", descriptor.program)),
            groupSize: descriptor.groupSize,
            parameters: try constant(gates.flatMap { packed($0, settings) }),
            scratch: descriptor.usesLocalMemory
                ? nil
                : try allocate(Float.self, perImage: settings.features.paddedChannels, images: images))
    }

    /// fc1 [channels][hidden], its bias, fc2 [hidden] and its bias, zero where they are padding.
    private func packed(_ gate: GateWeights, _ settings: GateSettings) -> [Float] {
        let (channels, hidden) = (settings.features.channels, settings.hidden)
        let (channelsPadded, hiddenPadded) = (settings.features.paddedChannels, ChannelBlock.padded(hidden))
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

    package func decide(
        _ chain: GateChain, from gate: Int, features: FeatureMaps, decisions: Decisions, on active: ActiveSet
    ) throws {
        let images = try activeImages(active, decisions)
        let kernel = chain.kernel
        let shape = chain.settings.features
        try kernel.bind(0, rowSums(features, needed: true))
        try kernel.bind(1, chain.parameters)
        try kernel.bind(2, decisions.thresholds)
        try kernel.bind(3, decisions.open)
        try kernel.bind(4, decisions.logOdds)
        try kernel.bind(5, decisions.progress)
        // Pooled features, in whichever memory the kernel was built for.
        if let scratch = chain.scratch {
            try kernel.bind(6, scratch)
        } else {
            try kernel.bind(6, LocalMemory(byteCount: shape.paddedChannels * MemoryLayout<Float>.stride))
        }
        try kernel.bind(7, images.buffer)
        try kernel.bind(8, images.offset)
        try kernel.bind(9, Int32(gate))
        try kernel.bind(10, Int32(chain.firstGate))
        try kernel.bind(11, Int32(chain.firstGate + chain.count))
        try kernel.bind(12, Int32(decisions.capacity))
        try kernel.bind(13, Int32(shape.paddedChannels))
        try kernel.bind(14, Int32(shape.height))
        try kernel.bind(15, Int32(shape.pixels))
        try queue.enqueue(
            kernel.kernel, global: NDRange(chain.groupSize, active.launchedCount), local: NDRange(chain.groupSize, 1))
    }
}
