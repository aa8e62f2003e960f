import ConvNetAIG
import OpenCL

/// What `aig tune` tried.
struct TuningReport: Encodable {
    struct Candidate: Encodable {
        let algorithm: String
        let milliseconds: Double
        /// Whether it is what runs without tuning.
        let isDefault: Bool
    }

    /// A candidate that does not work on the device.
    struct LeftOut: Encodable {
        let algorithm: String
        let reason: String
        let isDefault: Bool
    }

    struct Convolution: Encodable {
        let problem: String
        /// How often the network has it.
        let occurrences: Int
        /// Of a launch.
        let macs: Int
        /// Fastest first.
        let candidates: [Candidate]
        let leftOut: [LeftOut]
    }

    let architecture: String
    let device: String
    let batch: Int
    let convolutions: [Convolution]
    /// Sums over the network's convolutions.
    let tunedMilliseconds: Double
    let defaultMilliseconds: Double
    /// Why later runs will not find what is fastest; nil if they will.
    let notKept: String?

    init(_ architecture: Architecture, device: Device, images: Int, _ results: [ConvolutionTuningResult]) {
        self.architecture = architecture.name
        self.device = device.description
        batch = images
        convolutions = results.map { result in
            Convolution(
                problem: result.settings.summary, occurrences: result.occurrences, macs: result.macs,
                candidates: result.candidates.map {
                    Candidate(algorithm: $0.name, milliseconds: $0.seconds * 1e3, isDefault: $0.isStandard)
                },
                leftOut: result.leftOut.map {
                    LeftOut(algorithm: $0.name, reason: $0.reason.description, isDefault: $0.isStandard)
                })
        }
        func total(_ seconds: (ConvolutionTuningResult) -> Double?) -> Double {
            results.map { Double($0.occurrences) * (seconds($0) ?? 0) * 1e3 }.reduce(0, +)
        }
        tunedMilliseconds = total(\.bestSeconds)
        // A default that does not work has no time of its own.
        defaultMilliseconds = total { $0.standardSeconds ?? $0.bestSeconds }
        notKept = results.lazy.compactMap(\.notKept).first?.description
    }
}

extension FusedConvolutionSettings {
    /// In one line.
    var summary: String {
        let (input, kernel, stride) = (convolution.input, convolution.kernel, convolution.stride)
        let extents = [input.channels, input.height, input.width].extents
        return "\(kernel) x \(kernel)" + (stride > 1 ? " / \(stride)" : "")
            + ", \(extents) to \(convolution.outputChannels)" + (addsToOutput ? ", added" : "")
            + (sumsRows ? ", summed" : "")
    }
}
