extension ReferenceTrainingBackend {
    /// Velocities and averages stay as they are too where the gradients are not finite: a velocity that is not a number
    /// would never be one again.
    package func update(_ settings: OptimizerSettings) {
        let squares = self[.gradients].reduce(0) { $0 + Double($1) * Double($1) }
        gradientNorm = Float(squares.squareRoot())
        guard gradientNorm.isFinite else { return }
        var scale = 1.0
        if let clipNorm = settings.clipNorm, gradientNorm > clipNorm {
            scale = Double(clipNorm) / squares.squareRoot()
        }
        for (group, range) in groups {
            if let own = settings.groups[group] { update(range, own, scale: scale, settings) }
        }
    }

    private func update(
        _ range: Range<Int>, _ group: OptimizerSettings.Group, scale: Double, _ settings: OptimizerSettings
    ) {
        let (parameters, gradients, velocities) = (self[.parameters], self[.gradients], self[.momentum])
        let momentum = Double(settings.momentum)
        for index in range {
            let parameter = Double(parameters[index])
            let gradient = scale * Double(gradients[index]) + Double(group.weightDecay) * parameter
            let velocity = momentum * Double(velocities[index]) + gradient
            velocities[index] = Float(velocity)
            parameters[index] = Float(
                parameter - Double(group.learningRate) * (settings.nesterov ? gradient + momentum * velocity : velocity)
            )
        }
        guard let decay = settings.averageDecay.map(Double.init) else { return }
        let averages = self[.average]
        for index in range {
            averages[index] = Float(decay * Double(averages[index]) + (1 - decay) * Double(parameters[index]))
        }
    }
}

extension ReferenceTrainingBackend {
    package func perturb(
        _ input: FeatureMaps, from original: FeatureMaps, along gradient: FeatureMaps, _ perturbation: Perturbation
    ) {
        let (x, start, g) = (input.values, original.values, gradient.values)
        for image in 0..<images {
            for channel in 0..<input.shape.channels {
                let (step, bound) = (perturbation.step[channel], perturbation.bound[channel])
                for pixel in input.range(image: image, channel: channel) {
                    let moved = x[pixel] + (g[pixel] > 0 ? step : g[pixel] < 0 ? -step : 0)
                    let lowest = max(start[pixel] - bound, perturbation.lowest[channel])
                    let highest = min(start[pixel] + bound, perturbation.highest[channel])
                    x[pixel] = min(max(moved, lowest), highest)
                }
            }
        }
    }
}
