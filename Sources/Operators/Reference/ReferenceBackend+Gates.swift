extension ReferenceBackend {
    package func begin(_ decisions: Decisions, thresholds: [Float], images: Int) {
        for image in 0..<images {
            decisions.progress[image] = GateProgress(decided: 0, isOpen: false)
            for gate in 0..<decisions.gates {
                decisions.thresholds[gate * decisions.capacity + image] = thresholds[gate * images + image]
                decisions.open[gate * decisions.capacity + image] = false
            }
        }
    }

    package func begin(_ decisions: Decisions, open: [Bool], images: Int) {
        for image in 0..<images {
            for gate in 0..<decisions.gates {
                decisions.open[gate * decisions.capacity + image] = open[gate * images + image]
            }
        }
    }

    package func decide(
        _ chain: GateChain, from gate: Int, features: FeatureMaps, decisions: Decisions, on active: ActiveSet
    ) {
        for image in images(active, decisions: decisions) {
            guard decisions.progress[image].decided <= gate else { continue }
            let means = Self.pooled(features, image: image)
            for next in gate..<chain.firstGate + chain.gates.count {
                let logOdds = Self.logOdds(chain.settings, chain.gates[next - chain.firstGate], means)
                let entry = next * decisions.capacity + image
                let isOpen = logOdds > decisions.thresholds[entry]
                decisions.logOdds[entry] = logOdds
                decisions.open[entry] = isOpen
                decisions.progress[image] = GateProgress(decided: next + 1, isOpen: isOpen)
                if isOpen { break }
            }
        }
    }

    private static func logOdds(_ settings: GateSettings, _ gate: GateWeights, _ features: [Float]) -> Float {
        let channels = settings.features.channels
        var logOdds = gate.fc2Bias
        for unit in 0..<settings.hidden {
            var sum = gate.fc1Bias[unit]
            for channel in 0..<channels { sum += features[channel] * gate.fc1[unit * channels + channel] }
            logOdds += max(sum, 0) * gate.fc2[unit]
        }
        return logOdds
    }

    package func requestProgress(_ decisions: Decisions, images: Int) {}

    package func readProgress(_ decisions: Decisions, images: Int) -> [GateProgress] {
        Array(decisions.progress[0..<images])
    }

    package func finish(_ classifier: Classifier, _ decisions: Decisions, images: Int) -> InferenceResult {
        let entries = (0..<images).flatMap { image in
            (0..<decisions.gates).map { $0 * decisions.capacity + image }
        }
        return InferenceResult(
            logits: classifier.logits,
            decisions: entries.map { decisions.open[$0] },
            logOdds: entries.map { decisions.logOdds[$0] })
    }
}
