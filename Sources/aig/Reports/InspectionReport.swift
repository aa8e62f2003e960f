import Charts
import ConvNetAIG
import ConvNetAIGReport
import Terminal

/// The output of `aig inspect`.
struct InspectionReport: Encodable {
    struct Tensor: Encodable {
        let name: String
        let dtype: String
        let shape: [Int]
    }

    let file: String
    let metadata: [String: String]
    let tensors: [Tensor]
    /// The number of values in all tensors.
    let values: Int
    /// The number of trained values, without the running statistics and counters of batch normalization.
    let parameters: Int
    /// The architecture's name, if it is known.
    let architecture: String?
    /// The architecture that the tensors' names resemble, if none is known.
    let resembles: String?
    /// Whether the tensors fit the architecture, if one is known.
    let fits: Bool?
    /// Why they do not fit.
    let problem: String?
    let classNames: [String]?
    let cost: CostReport?

    init(
        _ file: any TensorFile, architecture: Architecture?, weights: Result<Weights, any Error>
    ) {
        self.file = file.path
        metadata = file.metadata
        let infos = file.names.compactMap { file.info($0) }
        tensors = infos.map { Tensor(name: $0.name, dtype: $0.dtype.rawValue, shape: $0.shape) }
        values = infos.reduce(0) { $0 + $1.count }
        let statistics = ["running_mean", "running_var", "num_batches_tracked"]
        parameters = infos.reduce(0) { total, info in
            statistics.contains { info.name.hasSuffix($0) } ? total : total + info.count
        }
        switch weights {
        case .success(let weights):
            self.architecture = weights.architecture.name
            resembles = nil
            fits = true
            problem = nil
            classNames = weights.classNames
            cost = CostReport(weights.architecture)
        case .failure(WeightsError.unknownArchitecture(_, let resembles)):
            self.architecture = nil
            self.resembles = resembles
            (fits, problem, classNames, cost) = (nil, nil, nil, nil)
        case .failure(let error):
            let named = file.metadata["architecture"].map { (try? Architecture(json: $0))?.name ?? $0 }
            self.architecture = architecture?.name ?? named
            resembles = nil
            fits = false
            problem = String(describing: error)
            (classNames, cost) = (nil, nil)
        }
    }
}

extension InspectionReport {
    /// The report as text.
    ///
    /// - Parameter recognised: the architecture that the tensors fit.
    func lines(_ recognised: Architecture?) -> [String] {
        var lines = [Console.bold(file.printable()), ""]

        var table = TextTable([.left, .left, .left])
        table.append(["tensor", "type", "shape"])
        for tensor in tensors {
            table.append([
                tensor.name.printable(), tensor.dtype, tensor.shape.isEmpty ? "scalar" : tensor.shape.extents,
            ])
        }
        let tableLines = table.lines
        lines += tableLines.prefix(1).map(Console.faint) + tableLines.dropFirst() + [""]

        if !metadata.isEmpty {
            var entries = TextTable([.left, .left])
            entries.append(["metadata"])
            for (key, value) in metadata.sorted(by: { $0.key < $1.key }) {
                entries.append(["  " + key.printable(), Self.shortened(value.printable())])
            }
            lines += entries.lines + [""]
        }

        var totals = TextTable([.left, .left])
        totals.append(["tensors", tensors.count.grouped])
        totals.append(["parameters", "\(parameters.grouped) (\(values.grouped) values with running statistics)"])
        if let recognised, let cost {
            totals.append(["architecture", recognised.summary])
            totals.append(["weights", "fit the architecture"])
            totals.append([
                "MACs",
                cost.macs.grouped + (cost.gatedBlocks > 0 ? ", of which gates \(cost.gateMacs.grouped)" : ""),
            ])
        } else if fits == false {
            totals.append(["architecture", Self.shortened((architecture ?? "unknown").printable())])
            totals.append(["weights", "do not fit the architecture"])
        } else {
            let likeness =
                resembles.map { "; the tensors' names are those of \($0): try --architecture \($0)" } ?? ""
            totals.append(["architecture", "not named in the file" + likeness])
        }
        return lines + totals.lines
    }

    /// Metadata may be long, such as an architecture as JSON.
    private static func shortened(_ text: String) -> String {
        TextWidth.shortened(text, to: 160)
    }
}
