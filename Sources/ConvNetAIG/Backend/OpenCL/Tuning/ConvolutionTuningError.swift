import Foundation

/// Why a network cannot be tuned on a device.
public enum ConvolutionTuningError: Error, Hashable, Sendable, CustomStringConvertible, LocalizedError {
    /// Every algorithm was left out: the device computes this convolution in no way, or rightly in none.
    case nothingWorks(ConvolutionProblem, device: String, [ConvolutionTuningResult.LeftOut])

    public var description: String {
        switch self {
        case .nothingWorks(let problem, let device, let leftOut):
            let (input, output) = (problem.input, problem.output)
            let title =
                "No algorithm computes the \(problem.kernel) x \(problem.kernel) convolution of \(input.channels) x "
                + "\(input.height) x \(input.width) to \(output.channels) x \(output.height) x \(output.width) on "
                + "\(device). Update its driver, or choose another device."
            // What ails the device ails all of them: once is enough.
            var known: Set<ConvolutionTuningResult.LeftOut.Reason> = []
            let reasons = leftOut.filter { known.insert($0.reason).inserted }.map { "\($0.name): \($0.reason)" }
            return ([title] + reasons).joined(separator: "\n")
        }
    }

    public var errorDescription: String? { description }
}
