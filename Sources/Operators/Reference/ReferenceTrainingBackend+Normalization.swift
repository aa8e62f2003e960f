extension ReferenceTrainingBackend {
    package func measure(_ normalization: Normalization, _ y: FeatureMaps) {
        let settings = normalization.settings
        let (values, statistics) = (y.values, self[.statistics])
        let count = Double(images * y.shape.pixels)
        for channel in 0..<y.shape.channels {
            var sum = 0.0
            for image in 0..<images {
                for pixel in y.range(image: image, channel: channel) { sum += Double(values[pixel]) }
            }
            let mean = sum / count
            var squares = 0.0
            for image in 0..<images {
                for pixel in y.range(image: image, channel: channel) {
                    let difference = Double(values[pixel]) - mean
                    squares += difference * difference
                }
            }
            normalization.mean[channel] = mean
            normalization.inverseDeviation[channel] = Self.inverseDeviation(variance: squares / count)
            Self.move(&statistics[settings.runningMean + channel], towards: mean)
            Self.move(&statistics[settings.runningVariance + channel], towards: squares / max(count - 1, 1))
        }
    }

    package func useRunningStatistics(_ normalization: Normalization) {
        let (settings, statistics) = (normalization.settings, self[.statistics])
        for channel in 0..<settings.features.channels {
            normalization.mean[channel] = Double(statistics[settings.runningMean + channel])
            normalization.inverseDeviation[channel] = Self.inverseDeviation(
                variance: Double(statistics[settings.runningVariance + channel]))
            // What the mean and the variance would have passed on.
            normalization.betaGradient[channel] = 0
            normalization.gammaGradient[channel] = 0
        }
    }

    static func inverseDeviation(variance: Double) -> Double {
        1 / (variance + Double(TrainingNormalizationSettings.epsilon)).squareRoot()
    }

    /// running = (1 - momentum) running + momentum value
    static func move(_ running: inout Float, towards value: Double) {
        let momentum = Double(TrainingNormalizationSettings.momentum)
        running = Float((1 - momentum) * Double(running) + momentum * value)
    }

    /// BN(y) = factor y + offset for a channel.
    private func affine(_ normalization: Normalization, _ channel: Int) -> (factor: Double, offset: Double) {
        let (settings, parameters) = (normalization.settings, self[.parameters])
        let factor = Double(parameters[settings.gamma + channel]) * normalization.inverseDeviation[channel]
        return (factor, Double(parameters[settings.beta + channel]) - factor * normalization.mean[channel])
    }

    package func activate(
        _ normalization: Normalization, _ y: FeatureMaps, factors: BranchFactors?,
        shortcut: TrainingShortcut<FeatureMaps, Normalization>?, to output: FeatureMaps, pooled: Vectors?
    ) {
        let (values, out) = (y.values, output.values)
        for image in 0..<images {
            let z = factors?.values[image] ?? 1
            for channel in 0..<y.shape.channels {
                let (factor, offset) = affine(normalization, channel)
                let range = y.range(image: image, channel: channel)
                var added: (maps: UnsafeMutableBufferPointer<Float>, factor: Double, offset: Double)?
                switch shortcut {
                case nil: break
                case .maps(let maps): added = (maps.values, 1, 0)
                case .normalized(let normalization, let maps):
                    let (factor, offset) = affine(normalization, channel)
                    added = (maps.values, factor, offset)
                }
                for pixel in range {
                    var sum = z == 0 ? 0 : z * (factor * Double(values[pixel]) + offset)
                    if let added { sum += added.factor * Double(added.maps[pixel]) + added.offset }
                    out[pixel] = Float(max(sum, 0))
                }
            }
        }
        if let pooled { pool(output, to: pooled) }
    }

    /// Mean over the pixels of each channel.
    func pool(_ maps: FeatureMaps, to vectors: Vectors) {
        let values = maps.values
        for image in 0..<images {
            for channel in 0..<maps.shape.channels {
                var sum = 0.0
                for pixel in maps.range(image: image, channel: channel) { sum += Double(values[pixel]) }
                vectors.values[image * maps.shape.channels + channel] = Float(sum / Double(maps.shape.pixels))
            }
        }
    }

    /// What each pixel of a channel gets from the gradient of its mean.
    func share(_ pooledGradient: Vectors?, _ shape: FeatureShape, image: Int, channel: Int) -> Double {
        guard let pooledGradient else { return 0 }
        return Double(pooledGradient.values[image * shape.channels + channel]) / Double(shape.pixels)
    }

    // MARK: Backward

    package func backwardThroughOutput(
        _ gradient: FeatureMaps, isEmpty: Bool, pooledGradient: Vectors?, output: FeatureMaps,
        branch: (Normalization, FeatureMaps), shortcut: (Normalization, FeatureMaps)?
    ) {
        let (g, out) = (gradient.values, output.values)
        for image in 0..<images {
            for channel in 0..<gradient.shape.channels {
                let share = share(pooledGradient, gradient.shape, image: image, channel: channel)
                for pixel in gradient.range(image: image, channel: channel) {
                    g[pixel] = out[pixel] > 0 ? Float((isEmpty ? 0 : Double(g[pixel])) + share) : 0
                }
            }
        }
        for (normalization, y) in [branch, shortcut].compactMap({ $0 }) {
            sum(normalization, y) { _, _, pixel in Double(g[pixel]) }
        }
    }

    package func sumGradient(
        _ normalization: Normalization, _ y: FeatureMaps, gradient: FeatureMaps, pooledGradient: Vectors?
    ) {
        let rectified = rectified(normalization, y, gradient, pooledGradient)
        sum(normalization, y, rectified)
    }

    /// The gradient before a ReLU that follows the batch norm, from the one behind it.
    private func rectified(
        _ normalization: Normalization, _ y: FeatureMaps, _ gradient: FeatureMaps, _ pooledGradient: Vectors?
    ) -> (_ image: Int, _ channel: Int, _ pixel: Int) -> Double {
        let (values, g) = (y.values, gradient.values)
        let affine = (0..<y.shape.channels).map { self.affine(normalization, $0) }
        return { image, channel, pixel in
            let (factor, offset) = affine[channel]
            guard factor * Double(values[pixel]) + offset > 0 else { return 0 }
            return Double(g[pixel]) + self.share(pooledGradient, y.shape, image: image, channel: channel)
        }
    }

    /// Sums of g and g y over the pixels.
    private func sum(
        _ normalization: Normalization, _ y: FeatureMaps,
        _ gradient: (_ image: Int, _ channel: Int, _ pixel: Int) -> Double
    ) {
        let values = y.values
        for image in 0..<images {
            for channel in 0..<y.shape.channels {
                var (sum, product) = (0.0, 0.0)
                for pixel in y.range(image: image, channel: channel) {
                    let g = gradient(image, channel, pixel)
                    sum += g
                    product += g * Double(values[pixel])
                }
                normalization.gradientSums[image * y.shape.channels + channel] = sum
                normalization.productSums[image * y.shape.channels + channel] = product
            }
        }
    }

    /// With n = (y - mean) / sqrt(variance + epsilon): g(gamma) = sum of z g n, g(beta) = sum of z g.
    package func finishSums(_ normalization: Normalization, factors: BranchFactors?) {
        let (settings, gradients) = (normalization.settings, self[.gradients])
        let channels = settings.features.channels
        for channel in 0..<channels {
            var (sum, product) = (0.0, 0.0)
            for image in 0..<images {
                let z = factors?.values[image] ?? 1
                guard z != 0 else { continue }
                sum += z * normalization.gradientSums[image * channels + channel]
                product += z * normalization.productSums[image * channels + channel]
            }
            normalization.betaGradient[channel] = sum
            normalization.gammaGradient[channel] =
                (product - normalization.mean[channel] * sum) * normalization.inverseDeviation[channel]
            gradients[settings.beta + channel] = Float(sum)
            gradients[settings.gamma + channel] = Float(normalization.gammaGradient[channel])
        }
    }

    /// With n as above and N values in the batch, mean and variance depending on each of them (Ioffe and Szegedy 2015,
    /// section 3): g(y) = gamma / sqrt(variance + epsilon) (z g - g(beta) / N - n g(gamma) / N).
    package func backwardThroughNormalization(
        _ normalization: Normalization, _ y: FeatureMaps, gradient: FeatureMaps, factors: BranchFactors?,
        rectified: Bool,
        pooledGradient: Vectors?, to result: FeatureMaps
    ) {
        let (values, g, out) = (y.values, gradient.values, result.values)
        let masked = self.rectified(normalization, y, gradient, pooledGradient)
        let count = Double(images * y.shape.pixels)
        for image in 0..<images {
            let z = factors?.values[image] ?? 1
            for channel in 0..<y.shape.channels {
                let (factor, _) = affine(normalization, channel)
                let (mean, inverse) = (normalization.mean[channel], normalization.inverseDeviation[channel])
                let shift = normalization.betaGradient[channel] / count
                let slope = normalization.gammaGradient[channel] / count
                for pixel in y.range(image: image, channel: channel) {
                    let behind = rectified ? masked(image, channel, pixel) : Double(g[pixel])
                    let normalized = (Double(values[pixel]) - mean) * inverse
                    out[pixel] = Float(factor * ((z == 0 ? 0 : z * behind) - shift - slope * normalized))
                }
            }
        }
    }
}
