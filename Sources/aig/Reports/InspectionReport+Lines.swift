import Charts
import ConvNetAIG

extension InspectionReport {
    /// The report as text.
    ///
    /// - Parameter recognised: the architecture that the tensors fit.
    func lines(_ recognised: Architecture?) -> [String] {
        var lines = [Console.bold(file.printable()), ""]

        var table = Table([.left, .left, .left])
        table.add(["tensor", "type", "shape"])
        for tensor in tensors {
            table.add([
                tensor.name.printable(), tensor.dtype, tensor.shape.isEmpty ? "scalar" : tensor.shape.extents,
            ])
        }
        let tableLines = table.lines
        lines += tableLines.prefix(1).map(Console.faint) + tableLines.dropFirst() + [""]

        if !metadata.isEmpty {
            var entries = Table([.left, .left])
            entries.add(["metadata"])
            for (key, value) in metadata.sorted(by: { $0.key < $1.key }) {
                entries.add(["  " + key.printable(), Self.shortened(value.printable())])
            }
            lines += entries.lines + [""]
        }

        var totals = Table([.left, .left])
        totals.add(["tensors", tensors.count.grouped])
        totals.add(["parameters", "\(parameters.grouped) (\(values.grouped) values with running statistics)"])
        if let recognised, let cost {
            totals.add(["architecture", recognised.summary])
            totals.add(["weights", "fit the architecture"])
            totals.add([
                "MACs",
                cost.macs.grouped + (cost.gatedBlocks > 0 ? ", of which gates \(cost.gateMacs.grouped)" : ""),
            ])
        } else if fits == false {
            totals.add(["architecture", Self.shortened((architecture ?? "unknown").printable())])
            totals.add(["weights", "do not fit the architecture"])
        } else {
            let likeness =
                resembles.map { "; the tensors' names are those of \($0): try --architecture \($0)" } ?? ""
            totals.add(["architecture", "not named in the file" + likeness])
        }
        return lines + totals.lines
    }

    /// Architectures as JSON and the like are long.
    private static func shortened(_ text: String) -> String {
        TextWidth.shortened(text, to: 160)
    }
}
