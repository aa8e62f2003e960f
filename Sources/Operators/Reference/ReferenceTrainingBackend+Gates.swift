import Foundation

extension ReferenceTrainingBackend {
    package func useRunningStatistics(_ gate: Gate) { gate.usesRunningStatistics = true }

    package func decide(_ gate: Gate, features: Vectors, noise: [Float], temperature: Float) {
        let (settings, parameters, statistics) = (gate.settings, self[.parameters], self[.statistics])
        let count = Double(images)
        for unit in 0..<settings.hidden {
            let sums = (0..<images).map { image in
                var sum = Double(parameters[settings.fc1Bias + unit])
                for channel in 0..<settings.channels {
                    sum +=
                        Double(parameters[settings.fc1Weight + unit * settings.channels + channel])
                        * Double(features.values[image * settings.channels + channel])
                }
                return sum
            }
            let mean: Double
            if gate.usesRunningStatistics {
                mean = Double(statistics[settings.runningMean + unit])
                gate.inverseDeviation[unit] = Self.inverseDeviation(
                    variance: Double(statistics[settings.runningVariance + unit]))
            } else {
                mean = sums.reduce(0, +) / count
                let squares = sums.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
                gate.inverseDeviation[unit] = Self.inverseDeviation(variance: squares / count)
                Self.move(&statistics[settings.runningMean + unit], towards: mean)
                Self.move(&statistics[settings.runningVariance + unit], towards: squares / max(count - 1, 1))
            }
            for image in 0..<images {
                let normalized = (sums[image] - mean) * gate.inverseDeviation[unit]
                let value =
                    Double(parameters[settings.gamma + unit]) * normalized + Double(parameters[settings.beta + unit])
                gate.normalized[image * settings.hidden + unit] = normalized
                gate.hidden[image * settings.hidden + unit] = max(value, 0)
            }
        }

        gate.temperature = Double(temperature)
        for image in 0..<images {
            let logits = (0..<2).map { row in
                var sum = Double(parameters[settings.fc2Bias + row]) + Double(noise[2 * image + row])
                for unit in 0..<settings.hidden {
                    sum +=
                        Double(parameters[settings.fc2Weight + row * settings.hidden + unit])
                        * gate.hidden[image * settings.hidden + unit]
                }
                return sum
            }
            gate.soft[image] = 1 / (1 + exp((logits[0] - logits[1]) / gate.temperature))
            gate.decisions.values[image] = logits[1] > logits[0] ? 1 : 0
        }
    }

    package func backward(
        _ gate: Gate, normalization: Normalization, targetRate: Float, rateGradient: Float, features: Vectors,
        to gradient: Vectors
    ) {
        let (settings, parameters, gradients) = (gate.settings, self[.parameters], self[.gradients])
        let (channels, hidden, count) = (settings.channels, settings.hidden, Double(images))

        // What the loss says of the soft decision it is taken to say of the logits through the softmax:
        // g(execute) = -g(skip) = g(z) soft (1 - soft) / temperature.
        let rate = gate.decisions.values[0..<images].reduce(0, +) / count
        let rateShare = Double(rateGradient) * 2 * (rate - Double(targetRate)) / count
        let execute = (0..<images).map { image in
            (branchGradient(normalization, image: image) + rateShare) * gate.soft[image] * (1 - gate.soft[image])
                / gate.temperature
        }
        for (row, sign) in [-1.0, 1].enumerated() {
            gradients[settings.fc2Bias + row] = Float(sign * execute.reduce(0, +))
            for unit in 0..<hidden {
                let sum = (0..<images).reduce(0) { $0 + execute[$1] * gate.hidden[$1 * hidden + unit] }
                gradients[settings.fc2Weight + row * hidden + unit] = Float(sign * sum)
            }
        }

        var featureGradients = [Double](repeating: 0, count: images * channels)
        for unit in 0..<hidden {
            let weight =
                Double(parameters[settings.fc2Weight + hidden + unit]) - Double(parameters[settings.fc2Weight + unit])
            // Behind batch norm, and before its ReLU.
            let behind = (0..<images).map { image in
                gate.hidden[image * hidden + unit] > 0 ? execute[image] * weight : 0
            }
            let normalized = (0..<images).map { gate.normalized[$0 * hidden + unit] }
            let betaGradient = behind.reduce(0, +)
            let gammaGradient = zip(behind, normalized).reduce(0) { $0 + $1.0 * $1.1 }
            gradients[settings.beta + unit] = Float(betaGradient)
            gradients[settings.gamma + unit] = Float(gammaGradient)
            // As in `backwardThroughNormalization`; running statistics pass nothing on.
            let factor = Double(parameters[settings.gamma + unit]) * gate.inverseDeviation[unit]
            let share = gate.usesRunningStatistics ? 0 : 1 / count
            let before = zip(behind, normalized).map { g, n in
                factor * (g - betaGradient * share - n * gammaGradient * share)
            }

            gradients[settings.fc1Bias + unit] = Float(before.reduce(0, +))
            for channel in 0..<channels {
                let index = settings.fc1Weight + unit * channels + channel
                var sum = 0.0
                for image in 0..<images {
                    sum += before[image] * Double(features.values[image * channels + channel])
                    featureGradients[image * channels + channel] += before[image] * Double(parameters[index])
                }
                gradients[index] = Float(sum)
            }
        }
        for (index, sum) in featureGradients.enumerated() { gradient.values[index] = Float(sum) }
    }

    /// g(z) of an image: the sum over channels and pixels of g BN(y), from the sums of g and g y.
    private func branchGradient(_ normalization: Normalization, image: Int) -> Double {
        let (settings, parameters) = (normalization.settings, self[.parameters])
        let channels = settings.features.channels
        return (0..<channels).reduce(0) { total, channel in
            let sum = normalization.gradientSums[image * channels + channel]
            let product = normalization.productSums[image * channels + channel]
            let normalized = (product - normalization.mean[channel] * sum) * normalization.inverseDeviation[channel]
            return total + Double(parameters[settings.gamma + channel]) * normalized
                + Double(parameters[settings.beta + channel]) * sum
        }
    }
}
