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

    /// Decodes and validates a configuration; missing keys get the values of ``init()``.
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

    /// Encodes every property except those that are nil.
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
    ///
    /// - Throws: `EncodingError` for numbers that JSON does not have, such as infinity.
    public func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }

    /// Reads a configuration from JSON text.
    ///
    /// - Parameters:
    ///   - json: an object; see the keys of ``TrainingConfiguration``.
    ///   - base: the values of missing keys.
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

    /// Reads a configuration from a JSON file.
    ///
    /// - Parameters:
    ///   - path: of the file, in UTF-8.
    ///   - base: the values of missing keys.
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

    /// A configuration whose missing keys are taken from another one.
    private struct Based: Decodable {
        static let key = CodingUserInfoKey(rawValue: "base")
        let configuration: TrainingConfiguration

        init(from decoder: any Decoder) throws {
            let base = Self.key.flatMap { decoder.userInfo[$0] } as? TrainingConfiguration
            configuration = try TrainingConfiguration(from: decoder, base: base ?? TrainingConfiguration())
        }
    }
}

// MARK: - Decoding

/// Decoding of configurations: keys may be missing but not misspelt, and every error names its key.
extension Decoder {
    func configuration<Key: CodingKey & CaseIterable>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        do {
            return try strictContainer(keyedBy: type, unknown: TrainingConfigurationError.unknownKey)
        } catch let error as DecodingError {
            guard !codingPath.isEmpty, case .typeMismatch = error else { throw error }
            throw TrainingConfigurationError.invalidValue(
                key: codingPath.dotted,
                problem: "must be an object with the keys "
                    + Key.allCases.map(\.stringValue).joined(separator: ", "))
        }
    }
}

extension KeyedDecodingContainer {
    /// The key's value, or `fallback` if the key is missing.
    func value<Value: Decodable>(_ key: Key, or fallback: Value) throws -> Value {
        guard contains(key) else { return fallback }
        return try value(key)
    }

    /// The key's value, where null means nil, or `fallback` if the key is missing.
    func optional<Value: Decodable>(_ key: Key, or fallback: Value?) throws -> Value? {
        guard contains(key) else { return fallback }
        return try decodeNil(forKey: key) ? nil : value(key) as Value
    }

    private func value<Value: Decodable>(_ key: Key) throws -> Value {
        do {
            return try decode(Value.self, forKey: key)
        } catch let error as TrainingConfigurationError {
            throw error
        } catch {
            // JSONDecoder's messages do not always name the key, and its error for numbers that do not fit is no
            // DecodingError.
            throw TrainingConfigurationError.invalidValue(
                key: (codingPath + [key]).dotted, problem: "is not \(Self.wanted(Value.self))")
        }
    }

    private static func wanted(_ type: (some Decodable).Type) -> String {
        switch type {
        case is Int.Type, is UInt64.Type: "a whole number, or it is too large"
        case is Float.Type, is Double.Type: "a number"
        case is Bool.Type: "true or false"
        case is String.Type: "a text"
        case is [Int].Type: "a list of whole numbers"
        default: "what is expected there"
        }
    }
}
