import ConvNetAIG

/// What `aig inspect` says of a file.
struct InspectionReport: Encodable {
    struct Tensor: Encodable {
        let name: String
        let dtype: String
        let shape: [Int]
    }

    let file: String
    let metadata: [String: String]
    let tensors: [Tensor]
    /// Numbers in all tensors.
    let values: Int
    /// Those that are trained: not the batch norms' running statistics and counters. Of a file that holds more than the
    /// network, those of the network.
    let parameters: Int
    /// The name of the architecture, where one is known.
    let architecture: String?
    /// What the tensors' names look like, where no architecture is known.
    let resembles: String?
    /// Whether the tensors are the weights of the architecture, where one is known.
    let fits: Bool?
    /// Why not.
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
