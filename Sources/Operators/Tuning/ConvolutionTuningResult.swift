import Foundation

/// The algorithms that a ``ConvolutionTuner`` tried for a convolution.
public struct ConvolutionTuningResult: Sendable, Hashable {
    /// An algorithm with its parameters, and its time.
    public struct Candidate: Sendable, Hashable {
        /// The algorithm and its parameters in words.
        public let name: String
        /// Time of a launch: the lower quartile of several.
        public let seconds: Double
        /// Whether a session takes it without tuning.
        public let isStandard: Bool
    }

    /// An algorithm that does not work on the device.
    public struct LeftOut: Sendable, Hashable {
        /// Why an algorithm was left out.
        public enum Reason: Sendable, Hashable, CustomStringConvertible {
            /// It does not build or run, in the words of the error.
            case failed(String)
            /// Its output differs from that of direct convolution by this much: see ``ConvolutionTuner/tolerance``.
            case wrong(deviation: Double)

            /// The reason in words.
            public var description: String {
                switch self {
                case .failed(let error): return error
                case .wrong(let deviation):
                    guard deviation.isFinite else { return "its output is not finite" }
                    let (off, allowed) = (Self.text(deviation), Self.text(ConvolutionTuner.tolerance))
                    return "its output is off by \(off) of the largest value; \(allowed) is allowed"
                }
            }

            private static func text(_ value: Double) -> String { String(format: "%.1e", value) }
        }

        /// The algorithm and its parameters in words.
        public let name: String
        /// Whether a session takes it without tuning.
        public let isStandard: Bool
        /// Why it was left out.
        public let reason: Reason
    }

    /// The convolution.
    public let settings: FusedConvolutionSettings
    /// How often the network has it.
    public let occurrences: Int
    /// Images of a launch.
    public let images: Int
    /// The algorithms that work, fastest first, at least one: this one is kept.
    public let candidates: [Candidate]
    /// The algorithms that were not timed, as they fail or compute something else.
    public let leftOut: [LeftOut]
    /// Why the fastest is not kept for other processes; nil if it is.
    public let notKept: TuningStoreError?

    /// Multiply-accumulates of a launch, by direct convolution.
    public var macs: Int { images * settings.convolution.macs }

    /// Time of a launch with the algorithm that a session takes without tuning; nil if that does not work.
    public var standardSeconds: Double? { candidates.first(where: \.isStandard)?.seconds }
    /// Time of a launch with the fastest algorithm.
    public var bestSeconds: Double? { candidates.first?.seconds }
}

/// Why a network cannot be tuned on a device.
public enum ConvolutionTuningError: Error, Hashable, Sendable, CustomStringConvertible, LocalizedError {
    /// Every algorithm was left out: the device computes this convolution in no way, or rightly in none.
    case nothingWorks(FusedConvolutionSettings, device: String, [ConvolutionTuningResult.LeftOut])

    /// The convolution, and why each algorithm was left out.
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

    /// As ``description``.
    public var errorDescription: String? { description }
}
