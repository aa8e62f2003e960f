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
