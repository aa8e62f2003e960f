import ConvNetAIG
import Operators
import OpenCL

extension OpenCLTrainingBackend {
    package final class BranchFactors {
        /// Of each image.
        let values: Buffer
        /// nil for a gate's decisions, which the device makes.
        private let staged: StagedValues<Float>?

        init(values: Buffer, staged: StagedValues<Float>? = nil) {
            self.values = values
            self.staged = staged
        }

        func send(_ factors: [Float]) throws {
            guard let staged else { throw BackendError.notAnInput }
            try staged.send(factors, to: values)
        }
    }

    package func makeBranchFactors(images: Int) throws -> BranchFactors {
        BranchFactors(
            values: try allocate(images, images: images),
            staged: StagedValues(repeating: 0, count: images, queue: queue))
    }

    package func upload(_ values: [Float], to factors: BranchFactors) throws { try factors.send(values) }

    package func decisions(of gate: Gate) -> BranchFactors { BranchFactors(values: gate.decisions) }
}
