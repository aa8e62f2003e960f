import Foundation

/// What a ``ConvolutionTuner`` tried for a convolution.
public struct ConvolutionTuningResult: Sendable, Hashable {
    /// An algorithm with its parameters.
    public struct Candidate: Sendable, Hashable {
        public let name: String
        /// Time of a launch: the lower quartile of several.
        public let seconds: Double
        /// Whether it is what a session takes without tuning.
        public let isStandard: Bool
    }

    /// An algorithm that does not work on the device.
    public struct LeftOut: Sendable, Hashable {
        public enum Reason: Sendable, Hashable, CustomStringConvertible {
            /// It does not build or run, in the words of the error.
            case failed(String)
            /// It computes something else than direct convolution, from which it is that far: see
            /// ``ConvolutionTuner/tolerance``.
            case wrong(deviation: Double)

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

        public let name: String
        /// Whether it is what a session takes without tuning.
        public let isStandard: Bool
        public let reason: Reason
    }

    public let settings: FusedConvolutionSettings
    /// How often the network has it.
    public let occurrences: Int
    public let images: Int
    /// Fastest first, at least one: this one is kept.
    public let candidates: [Candidate]
    /// What was not timed, as it fails or computes something else.
    public let leftOut: [LeftOut]
    /// Why the fastest is not kept for other processes; nil if it is.
    public let notKept: TuningStoreError?

    /// Multiply-accumulates of a launch, by direct convolution.
    public var macs: Int {
        images * settings.convolution.macs
    }

    /// Time of a launch with what a session takes without tuning; nil if that does not work.
    public var standardSeconds: Double? { candidates.first(where: \.isStandard)?.seconds }
    public var bestSeconds: Double? { candidates.first?.seconds }
}
