import Foundation

extension TuningReport {
    /// The report as text.
    ///
    /// - Parameter all: every candidate, instead of the fastest and the default.
    func lines(all: Bool) -> [String] {
        var table = Table([.left, .right, .left, .right, .right, .left])
        table.add(["convolution", "times", "algorithm", "ms", "GFLOP/s", ""])
        for convolution in convolutions {
            for (index, candidate) in convolution.candidates.enumerated()
            where all || index == 0 || candidate.isDefault {
                let gigaflops = 2 * Double(convolution.macs) / candidate.milliseconds / 1e6
                table.add([
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

    /// What does not work, and the first line of why.
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
