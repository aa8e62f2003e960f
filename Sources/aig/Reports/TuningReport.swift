import ConvNetAIG
import Foundation
import OpenCL
import Terminal

/// The output of `aig tune`.
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
        /// How often the network has this convolution.
        let occurrences: Int
        /// Multiply-accumulates of a launch.
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
    /// Why the results could not be kept for later runs; nil if they were.
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
    /// The convolution in one line.
    var summary: String {
        let (input, kernel, stride) = (convolution.input, convolution.kernel, convolution.stride)
        let extents = [input.channels, input.height, input.width].extents
        return "\(kernel) x \(kernel)" + (stride > 1 ? " / \(stride)" : "")
            + ", \(extents) to \(convolution.outputChannels)" + (addsToOutput ? ", added" : "")
            + (sumsRows ? ", summed" : "")
    }
}

extension TuningReport {
    /// The report as text.
    ///
    /// - Parameter all: every candidate, instead of the fastest and the default.
    func lines(all: Bool) -> [String] {
        var table = TextTable([.left, .right, .left, .right, .right, .left])
        table.append(["convolution", "times", "algorithm", "ms", "GFLOP/s", ""])
        for convolution in convolutions {
            for (index, candidate) in convolution.candidates.enumerated()
            where all || index == 0 || candidate.isDefault {
                let gigaflops = 2 * Double(convolution.macs) / candidate.milliseconds / 1e6
                table.append([
                    index == 0 ? convolution.problem : "", index == 0 ? convolution.occurrences.grouped : "",
                    candidate.algorithm, String(format: "%.3f", candidate.milliseconds),
                    String(format: "%.0f", gigaflops),
                    [index == 0 ? notKept == nil ? "kept" : "fastest" : nil, candidate.isDefault ? "default" : nil]
                        .compactMap { $0 }.joined(separator: ", "),
                ])
            }
        }
        let rows = table.lines
        let total = String(
            format: "All convolutions: %.3f ms, without tuning %.3f ms (%.2f times as long).", tunedMilliseconds,
            defaultMilliseconds, defaultMilliseconds / tunedMilliseconds)
        return [Console.bold("\(architecture), batch \(batch), on \(device)"), ""]
            + rows.prefix(1).map(Console.faint) + rows.dropFirst()
            + [
                "", total + (isDefaultLeftOut ? " Defaults that do not work count as the fastest." : ""),
                "GFLOP/s counts 2 operations for each multiply-accumulate of direct convolution: Winograd "
                    + "convolution does fewer.",
            ] + leftOutLines + (notKept.map { ["", "The results are not kept, as \($0)."] } ?? [])
    }

    private var isDefaultLeftOut: Bool { convolutions.contains { $0.leftOut.contains(where: \.isDefault) } }

    /// The candidates that do not work, with the first line of the reason.
    private var leftOutLines: [String] {
        let lines = convolutions.flatMap { convolution in
            convolution.leftOut.map { candidate in
                let reason = candidate.reason.split(whereSeparator: \.isNewline).first.map(String.init) ?? ""
                let name = candidate.algorithm + (candidate.isDefault ? " (default)" : "")
                return "  \(convolution.problem): \(name): \(reason.printable())"
            }
        }
        return lines.isEmpty ? [] : ["", "Left out, as they do not work on this device:"] + lines
    }
}
