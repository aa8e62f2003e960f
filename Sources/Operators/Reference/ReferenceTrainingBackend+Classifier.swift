import Foundation

extension ReferenceTrainingBackend {
    package func classify(_ classifier: Classifier, features: Vectors, targets: LossTargets) {
        let (settings, parameters) = (classifier.settings, self[.parameters])
        let smoothing = Double(targets.labelSmoothing)
        let (weight, temperature) = (Double(targets.teacherWeight), Double(targets.teacherTemperature))
        classifier.logits.removeAll(keepingCapacity: true)
        classifier.losses.removeAll(keepingCapacity: true)
        classifier.gradient.removeAll(keepingCapacity: true)
        for image in 0..<images {
            let logits = (0..<settings.classes).map { row in
                var sum = Double(parameters[settings.bias + row])
                for channel in 0..<settings.channels {
                    sum +=
                        Double(parameters[settings.weight + row * settings.channels + channel])
                        * Double(features.values[image * settings.channels + channel])
                }
                return sum
            }
            var loss = 0.0
            var gradient: [Double] = []
            for (row, logProbability) in Self.logSoftmax(logits).enumerated() {
                let target =
                    (row == Int(targets.labels[image]) ? 1 - smoothing : 0) + smoothing / Double(settings.classes)
                loss -= target * logProbability
                gradient.append(exp(logProbability) - target)
            }
            if weight > 0 {
                let teacher = targets.teacherLogits[image * settings.classes..<(image + 1) * settings.classes]
                let wanted = Self.logSoftmax(teacher.map { Double($0) / temperature })
                let own = Self.logSoftmax(logits.map { $0 / temperature })
                let divergence = zip(wanted, own).reduce(0) { $0 + exp($1.0) * ($1.0 - $1.1) }
                loss = (1 - weight) * loss + weight * temperature * temperature * divergence
                for row in gradient.indices {
                    gradient[row] =
                        (1 - weight) * gradient[row] + weight * temperature * (exp(own[row]) - exp(wanted[row]))
                }
            }
            classifier.gradient += gradient.map { $0 / Double(images) }
            classifier.logits += logits.map { Float($0) }
            classifier.losses.append(Float(loss))
        }
    }

    /// Logarithms of the softmax.
    private static func logSoftmax(_ logits: [Double]) -> [Double] {
        // The largest logit is taken out: its exponential might exceed every number.
        let largest = logits.max() ?? 0
        let logSum = largest + log(logits.reduce(0) { $0 + exp($1 - largest) })
        return logits.map { $0 - logSum }
    }

    package func backward(_ classifier: Classifier, features: Vectors, to gradient: Vectors) {
        let (settings, parameters, gradients) = (classifier.settings, self[.parameters], self[.gradients])
        let (channels, classes) = (settings.channels, settings.classes)
        for row in 0..<classes {
            let g = (0..<images).map { classifier.gradient[$0 * classes + row] }
            gradients[settings.bias + row] = Float(g.reduce(0, +))
            for channel in 0..<channels {
                gradients[settings.weight + row * channels + channel] = Float(
                    (0..<images).reduce(0) { $0 + g[$1] * Double(features.values[$1 * channels + channel]) })
            }
        }
        for image in 0..<images {
            for channel in 0..<channels {
                gradient.values[image * channels + channel] = Float(
                    (0..<classes).reduce(0) { sum, row in
                        sum + classifier.gradient[image * classes + row]
                            * Double(parameters[settings.weight + row * channels + channel])
                    })
            }
        }
    }
}
