import OpenCL

extension OpenCLBackend {
    package func groups(_ convolution: Convolution) -> Int {
        convolution.operation.groupsPerImage
    }

    /// Measured once for a runtime, on a queue of its own and a convolution with nothing to do; takes some milliseconds.
    package func schedulingCosts() -> SchedulingCosts? {
        runtime.schedulingCosts.withLock { costs in
            // Whoever asks meanwhile waits: two measurements at once would disturb each other.
            if costs == nil { costs = try? OpenCLBackend(runtime).measureSchedulingCosts() }
            return costs
        }
    }

    private func measureSchedulingCosts() throws -> SchedulingCosts {
        let shape = FeatureShape(channels: ChannelBlock.size, height: 16, width: 16)
        let settings = FusedConvolutionSettings(
            ConvolutionSettings(input: shape, outputChannels: ChannelBlock.size, kernel: 1))
        let convolution = try makeConvolution(
            settings,
            ConvolutionWeights(
                weights: [Float](repeating: 0, count: ChannelBlock.size * ChannelBlock.size),
                bias: [Float](repeating: 0, count: ChannelBlock.size)), images: 64)
        let manyImages = 64
        let (input, output) = (
            try makeFeatureMaps(shape, pooled: false, images: 1), try makeFeatureMaps(shape, pooled: false, images: 1)
        )
        let decisions = try makeDecisions(gates: 1, images: manyImages)
        try begin(decisions, open: [Bool](repeating: false, count: manyImages), images: manyImages)
        let groups = self.groups(convolution)

        func launch(_ images: Int) throws {
            try convolve(
                convolution, input, to: output, on: .decided(gate: 0, count: images), decisions: decisions, gate: nil)
        }
        func median(_ body: () throws -> Void) throws -> Double {
            var times: [Double] = []
            for _ in 0..<15 {
                let start = ContinuousClock.now
                try body()
                let seconds = (ContinuousClock.now - start) / .seconds(1)
                times.append(seconds)
            }
            return times.sorted()[times.count / 2]
        }

        let chain = 20
        try launch(1)
        try queue.finish()
        let chained = try median {
            for _ in 0..<chain { try launch(1) }
            try queue.finish()
        }
        let single = try median {
            try launch(1)
            try queue.finish()
        }
        let many = try median {
            for _ in 0..<chain { try launch(manyImages) }
            try queue.finish()
        }
        let read = try median {
            try launch(1)
            _ = try readProgress(decisions, images: 1)
        }
        let perLaunch = max(chained - single, 0) / Double(chain - 1)
        return SchedulingCosts(
            launch: perLaunch,
            idleGroup: max(many - chained, 0) / Double(chain * groups * (manyImages - 1)),
            read: max(read - perLaunch, 0))
    }
}
