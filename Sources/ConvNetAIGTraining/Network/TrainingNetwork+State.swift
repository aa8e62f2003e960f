import ConvNetAIG

extension TrainingNetwork {
    package func state() throws -> TrainingState {
        var weights = try tensors(.parameters, layout.parameters)
        weights.merge(try tensors(.statistics, layout.statistics)) { first, _ in first }
        return TrainingState(
            weights: weights, momentum: try tensors(.momentum, layout.parameters),
            average: keepsAverage ? try tensors(.average, layout.parameters) : [:])
    }

    package func gradients() throws -> [String: Tensor] { try tensors(.gradients, layout.parameters) }

    /// What the state leaves out is taken to be at its beginning: velocities 0, averages the parameters themselves.
    package func restore(_ state: TrainingState) throws {
        let parameters = try flat(state.weights, layout.parameters, count: layout.sizes.parameters)
        let statistics = try flat(state.weights, layout.statistics, count: layout.sizes.statistics)
        let momentum =
            state.momentum.isEmpty
            ? [Float](repeating: 0, count: layout.sizes.parameters)
            : try flat(state.momentum, layout.parameters, count: layout.sizes.parameters)
        let average =
            state.average.isEmpty
            ? parameters : try flat(state.average, layout.parameters, count: layout.sizes.parameters)
        try backend.write(parameters, to: .parameters)
        try backend.write(statistics, to: .statistics)
        try backend.write(momentum, to: .momentum)
        try backend.write(average, to: .average)
        keepsAverage = !state.average.isEmpty
        if purpose == .attack { try useRunningStatistics() }
    }

    private func useRunningStatistics() throws {
        var layers = [stem] + blocks.flatMap(\.layers)
        for block in blocks {
            if case .projection(let layer) = block.shortcut { layers.append(layer) }
        }
        for layer in layers { try backend.useRunningStatistics(layer.normalization) }
        for gate in gates { try backend.useRunningStatistics(gate) }
    }

    private func tensors(_ array: ParameterArray, _ entries: [ParameterLayout.Entry]) throws -> [String: Tensor] {
        let values = try backend.read(array)
        var tensors: [String: Tensor] = [:]
        for entry in entries {
            tensors[entry.name] = try Tensor(shape: entry.shape, values: Array(values[entry.range]))
        }
        return tensors
    }

    private func flat(
        _ tensors: [String: Tensor], _ entries: [ParameterLayout.Entry], count: Int
    ) throws -> [Float] {
        var values = [Float](repeating: 0, count: count)
        for entry in entries {
            guard let tensor = tensors[entry.name] else { throw TrainingStateError.missing(name: entry.name) }
            guard tensor.shape == entry.shape else {
                throw TrainingStateError.wrongShape(name: entry.name, expected: entry.shape, found: tensor.shape)
            }
            values.replaceSubrange(entry.range, with: tensor.values)
        }
        return values
    }
}
