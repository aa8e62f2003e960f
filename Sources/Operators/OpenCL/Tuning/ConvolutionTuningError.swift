import Foundation

/// Why a network cannot be tuned on a device.
public enum ConvolutionTuningError: Error, Hashable, Sendable, CustomStringConvertible, LocalizedError {
    /// Every algorithm was left out: the device computes this convolution in no way, or rightly in none.
    case nothingWorks(FusedConvolutionSettings, device: String, [ConvolutionTuningResult.LeftOut])

    public var description: String {
        switch self {
        case .nothingWorks(let settings, let device, let leftOut):
            let convolution = settings.convolution
            let (input, output) = (convolution.input, convolution.output)
            let title =
                "No algorithm computes the \(convolution.kernel) x \(convolution.kernel) convolution of \(input.channels) x "
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
