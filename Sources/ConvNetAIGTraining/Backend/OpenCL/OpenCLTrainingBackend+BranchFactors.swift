import ConvNetAIG
import OpenCL

extension OpenCLTrainingBackend {
    public final class BranchFactors {
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

    public func makeBranchFactors(images: Int) throws -> BranchFactors {
        BranchFactors(
            values: try allocate(images, images: images),
            staged: StagedValues(repeating: 0, count: images, queue: queue))
    }

    public func upload(_ values: [Float], to factors: BranchFactors) throws { try factors.send(values) }

    public func decisions(of gate: Gate) -> BranchFactors { BranchFactors(values: gate.decisions) }
}
