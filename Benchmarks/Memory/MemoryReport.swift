import ConvNetAIG
import Terminal

/// The report of `--memory`.
struct MemoryReport {
    let conditions: Conditions
    let results: [MemoryResult]

    var report: BenchmarkReport {
        BenchmarkReport(
            title: "Start and memory of aig run, one image", conditions: conditions,
            settings: [conditions.schedulingFact, conditions.seedFact],
            tables: [.init(table: Self.starts(results)), .init(table: Self.plans(results))], notes: Self.notes)
    }

    static func starts(_ results: [MemoryResult]) -> TextTable {
        var table = TextTable([
            ("network", .left), ("prefers", .left), ("first start s", .right), ("later s", .right),
            ("first peak MB", .right), ("later peak MB", .right),
        ])
        for result in results {
            table.append([
                result.architecture, result.goal, result.firstSeconds.threeDigits, result.laterSeconds.threeDigits,
                megabytes(result.firstPeakBytes), megabytes(result.laterPeakBytes),
            ])
        }
        return table
    }

    static func plans(_ results: [MemoryResult]) -> TextTable {
        var table = TextTable([
            ("network", .left), ("prefers", .left), ("batch", .right), ("weights MB", .right), ("maps MB", .right),
            ("unshared", .right),
        ])
        for result in results {
            for plan in result.plans {
                table.append([
                    result.architecture, result.goal, "\(plan.batch)", megabytes(plan.weightBytes),
                    megabytes(plan.activationBytes), megabytes(plan.activationBytesUnshared),
                ])
            }
        }
        return table
    }

    private static let notes = [
        """
        first start: the time and peak resident memory of aig run with empty caches, from the start of the process to its
        end; every kernel is compiled. later: the same with filled caches, the fastest of 3. Every block runs.
        """,
        """
        weights MB, maps MB: memory that a session for the given batch plans. unshared: what feature maps would take if
        those never needed at the same time did not share memory.
        """,
    ]

    private static func megabytes(_ bytes: Int) -> String { (Double(bytes) / 1e6).threeDigits }
}

/// Start and memory of a network: a row of the first table, an object of the JSON file.
struct MemoryResult: Codable, Hashable {
    /// The memory that a session plans for batches of one size: a row of the second table.
    struct Plan: Codable, Hashable {
        let batch: Int
        let weightBytes: Int
        /// The input and all feature maps of a batch.
        let activationBytes: Int
        /// The same if no feature map shared memory with another.
        let activationBytesUnshared: Int

        enum CodingKeys: String, CodingKey {
            case batch
            case weightBytes = "weight_bytes"
            case activationBytes = "activation_bytes"
            case activationBytesUnshared = "activation_bytes_unshared"
        }
    }

    let architecture: String
    /// "speed" or "memory".
    let goal: String
    let device: String
    /// The time of a process, in seconds, with empty caches.
    let firstSeconds: Double
    /// Likewise with filled caches.
    let laterSeconds: Double
    let firstPeakBytes: Int
    let laterPeakBytes: Int
    let plans: [Plan]

    enum CodingKeys: String, CodingKey, CaseIterable {
        case architecture, goal, device, plans
        case firstSeconds = "first_seconds"
        case laterSeconds = "later_seconds"
        case firstPeakBytes = "first_peak_bytes"
        case laterPeakBytes = "later_peak_bytes"
    }
}
