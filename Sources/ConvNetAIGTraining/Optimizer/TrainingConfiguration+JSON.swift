import ConvNetAIG
import FileSystem
import Foundation

extension TrainingConfiguration: Codable {
    private enum CodingKeys: String, CodingKey, CaseIterable {
        case epochs, batch, seed, learningRate, schedule, momentum, nesterov, weightDecay, normalizationDecay
        case gateLearningRateFactor, gateWeightDecay, clipNorm, labelSmoothing, averageDecay, temperature
        case gateNoise, targetRateWeight, targetRates, augmentation, erasing, sizes, stochasticDepth, distillation
        case initialWeights, initialWeightsKey
    }

    /// Decodes and validates; keys that are left out have the values of ``init()``.
    ///
    /// - Throws: ``TrainingConfigurationError`` naming the key.
    public init(from decoder: any Decoder) throws {
        try self.init(from: decoder, base: TrainingConfiguration())
    }

    private init(from decoder: any Decoder, base: TrainingConfiguration) throws {
        let container = try decoder.configuration(keyedBy: CodingKeys.self)
        epochs = try container.value(.epochs, or: base.epochs)
        batch = try container.value(.batch, or: base.batch)
        seed = try container.value(.seed, or: base.seed)
        learningRate = try container.value(.learningRate, or: base.learningRate)
        schedule = try container.value(.schedule, or: base.schedule)
        momentum = try container.value(.momentum, or: base.momentum)
        nesterov = try container.value(.nesterov, or: base.nesterov)
        weightDecay = try container.value(.weightDecay, or: base.weightDecay)
        normalizationDecay = try container.optional(.normalizationDecay, or: base.normalizationDecay)
        gateLearningRateFactor = try container.value(.gateLearningRateFactor, or: base.gateLearningRateFactor)
        gateWeightDecay = try container.optional(.gateWeightDecay, or: base.gateWeightDecay)
        clipNorm = try container.optional(.clipNorm, or: base.clipNorm)
        labelSmoothing = try container.value(.labelSmoothing, or: base.labelSmoothing)
        averageDecay = try container.optional(.averageDecay, or: base.averageDecay)
        temperature = try container.value(.temperature, or: base.temperature)
        gateNoise = try container.optional(.gateNoise, or: base.gateNoise)
        targetRateWeight = try container.value(.targetRateWeight, or: base.targetRateWeight)
        targetRates = try container.optional(.targetRates, or: base.targetRates)
        augmentation = try container.optional(.augmentation, or: base.augmentation)
        erasing = try container.optional(.erasing, or: base.erasing)
        sizes = try container.optional(.sizes, or: base.sizes)
        stochasticDepth = try container.optional(.stochasticDepth, or: base.stochasticDepth)
        distillation = try container.optional(.distillation, or: base.distillation)
        initialWeights = try container.optional(.initialWeights, or: base.initialWeights)
        initialWeightsKey = try container.optional(.initialWeightsKey, or: base.initialWeightsKey)
        try validate()
    }

    /// Encodes every property; those that are nil are left out.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(epochs, forKey: .epochs)
        try container.encode(batch, forKey: .batch)
        try container.encode(seed, forKey: .seed)
        try container.encode(learningRate, forKey: .learningRate)
        try container.encode(schedule, forKey: .schedule)
        try container.encode(momentum, forKey: .momentum)
        try container.encode(nesterov, forKey: .nesterov)
        try container.encode(weightDecay, forKey: .weightDecay)
        try container.encodeIfPresent(normalizationDecay, forKey: .normalizationDecay)
        try container.encode(gateLearningRateFactor, forKey: .gateLearningRateFactor)
        try container.encodeIfPresent(gateWeightDecay, forKey: .gateWeightDecay)
        try container.encodeIfPresent(clipNorm, forKey: .clipNorm)
        try container.encode(labelSmoothing, forKey: .labelSmoothing)
        try container.encodeIfPresent(averageDecay, forKey: .averageDecay)
        try container.encode(temperature, forKey: .temperature)
        try container.encodeIfPresent(gateNoise, forKey: .gateNoise)
        try container.encode(targetRateWeight, forKey: .targetRateWeight)
        try container.encodeIfPresent(targetRates, forKey: .targetRates)
        try container.encodeIfPresent(augmentation, forKey: .augmentation)
        try container.encodeIfPresent(erasing, forKey: .erasing)
        try container.encodeIfPresent(sizes, forKey: .sizes)
        try container.encodeIfPresent(stochasticDepth, forKey: .stochasticDepth)
        try container.encodeIfPresent(distillation, forKey: .distillation)
        try container.encodeIfPresent(initialWeights, forKey: .initialWeights)
        try container.encodeIfPresent(initialWeightsKey, forKey: .initialWeightsKey)
    }

    /// The configuration as indented JSON with sorted keys.
    public func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }

    /// Reads JSON text.
    ///
    /// - Parameter base: what keys that are left out stand for.
    /// - Throws: ``TrainingConfigurationError``.
    public init(
        json: String, base: TrainingConfiguration = TrainingConfiguration()
    ) throws(TrainingConfigurationError) {
        let decoder = JSONDecoder()
        if let key = Based.key { decoder.userInfo[key] = base }
        do {
            self = try decoder.decode(Based.self, from: Data(json.utf8)).configuration
        } catch let error as TrainingConfigurationError {
            throw error
        } catch let error as DecodingError {
            throw .invalidJSON(JSONProblem.syntax(json) ?? JSONProblem.explanation(of: error))
        } catch {
            throw .invalidJSON("\(error)")
        }
    }

    /// Reads a JSON file.
    ///
    /// - Parameter base: what keys that are left out stand for.
    /// - Throws: ``TrainingConfigurationError``.
    public init(
        path: String, base: TrainingConfiguration = TrainingConfiguration()
    ) throws(TrainingConfigurationError) {
        let bytes: [UInt8]
        do {
            bytes = try readBytes(path)
        } catch {
            throw .unreadableFile(path: path, problem: error.problem)
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw .unreadableFile(path: path, problem: "it is not UTF-8 text")
        }
        try self.init(json: text, base: base)
    }

    /// A configuration whose missing keys are those of another one.
    private struct Based: Decodable {
        static let key = CodingUserInfoKey(rawValue: "base")
        let configuration: TrainingConfiguration

        init(from decoder: any Decoder) throws {
            let base = Self.key.flatMap { decoder.userInfo[$0] } as? TrainingConfiguration
            configuration = try TrainingConfiguration(from: decoder, base: base ?? TrainingConfiguration())
        }
    }
}
