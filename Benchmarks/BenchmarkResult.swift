/// One network on one kind of routes at one batch size: a row of the table, an object of the JSON file.
struct BenchmarkResult: Codable, Hashable {
    let architecture: String
    let batch: Int
    let device: String
    let routes: String
    let parameters: Int
    /// Multiply-accumulates per image with every block run.
    let macsDense: Int
    /// Mean multiply-accumulates per image of the runs that were timed.
    let macsExecuted: Double
    /// Mean share of all blocks that ran, 0...1.
    let blocksExecuted: Double
    /// Of a whole batch, in milliseconds.
    let latencyMsP50: Double
    let latencyMsP90: Double
    /// At the median latency.
    let imagesPerSecond: Double
    /// Two operations per executed multiply-accumulate, at the median latency.
    let gflops: Double
    /// The ResNet's median latency at this batch size over this one's.
    let speedup: Double
    /// The ResNet's multiply-accumulates over those executed.
    let speedupByMACs: Double

    enum CodingKeys: String, CodingKey, CaseIterable {
        case architecture, batch, device, routes, parameters
        case macsDense = "macs_dense"
        case macsExecuted = "macs_executed"
        case blocksExecuted = "blocks_executed"
        case latencyMsP50 = "latency_ms_p50"
        case latencyMsP90 = "latency_ms_p90"
        case imagesPerSecond = "images_per_second"
        case gflops
        case speedup
        case speedupByMACs = "speedup_by_macs"
    }
}
