import ConvNetAIG
import Operators
import Kernels
import OpenCL

extension OpenCLTrainingBackend {
    package func perturb(
        _ input: FeatureMaps, from original: FeatureMaps, along gradient: FeatureMaps, _ perturbation: Perturbation
    ) throws {
        let shape = input.shape
        try launch(
            kernel("perturb", ProgramDescriptor(.attack, traits, [:])),
            NDRange(shape.height, shape.channels, images), .buffer(input.values), .buffer(original.values),
            .buffer(gradient.values), .buffer(try limits(perturbation)), .integer(shape.channels),
            .integer(shape.width), .integer(input.layout.halo))
    }

    /// A perturbation on the device. The steps of an attack are alike, so the last one is kept.
    private func limits(_ perturbation: Perturbation) throws -> Buffer {
        if let known = perturbationLimits, known.perturbation == perturbation { return known.buffer }
        let values = perturbation.step + perturbation.bound + perturbation.lowest + perturbation.highest
        let buffer = try Buffer(context: runtime.context, copying: values, access: .readOnly)
        perturbationLimits = (perturbation, buffer)
        return buffer
    }
}
