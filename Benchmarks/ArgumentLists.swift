import ArgumentParser
import ConvNetAIG

/// Reading of comma-separated lists. A value that makes no sense is a usage error that names it.
enum ArgumentLists {
    static func models(_ text: String) throws -> [BenchmarkModel] {
        var models: [BenchmarkModel] = []
        for name in try items(text) {
            let model: BenchmarkModel
            do {
                model = try BenchmarkModel(name)
            } catch {
                throw ValidationError(
                    "there is no network '\(name)'. Name a pair by its depth (18, 34, 50, 101, 152 or "
                        + "cifar-N with N = 6n + 2 from 8 on) or as convnet-aig-50, a ResNet "
                        + "alone as resnet-50."
                )
            }
            // "resnet-50,convnet-aig-50" names one pair twice, and the pair has its ResNet already.
            if let known = models.firstIndex(where: { $0.depthName == model.depthName }) {
                models[known].adaptive = models[known].adaptive ?? model.adaptive
            } else {
                models.append(model)
            }
        }
        return models
    }

    static func batches(_ text: String) throws -> [Int] {
        try unique(
            items(text).map { item in
                guard let batch = Int(item), (1...maximumBatch).contains(batch) else {
                    throw ValidationError(
                        "'\(item)' is not a batch size; give numbers from 1 to \(maximumBatch).")
                }
                return batch
            })
    }

    static func rates(_ text: String) throws -> [Float] {
        try unique(items(text).map { try rate($0) })
    }

    static func rate(_ text: String) throws -> Float {
        guard let rate = Float(text), (0...1).contains(rate) else {
            throw ValidationError("'\(text)' is not a rate; give a number from 0 to 1.")
        }
        return rate
    }

    static func seconds(_ text: String) throws -> Double {
        guard let seconds = Double(text), seconds > 0, seconds <= 3600 else {
            throw ValidationError("'\(text)' is not a time; give seconds, above 0 and at most 3600.")
        }
        return seconds
    }

    private static let maximumBatch = 4096

    private static func items(_ text: String) throws -> [String] {
        let items = text.split(separator: ",", omittingEmptySubsequences: false).map { item in
            String(item.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
        }
        guard !items.contains("") else { throw ValidationError("an entry of the list '\(text)' is empty.") }
        return items
    }

    private static func unique<Value: Hashable>(_ values: [Value]) -> [Value] {
        var seen: Set<Value> = []
        return values.filter { seen.insert($0).inserted }
    }
}
