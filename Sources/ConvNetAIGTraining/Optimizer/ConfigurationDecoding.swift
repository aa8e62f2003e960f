import ConvNetAIG

/// Decoding of configurations: keys may be left out, but not misspelt, and every error names its key.
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
    /// The key's value; `fallback` if the key is not there.
    func value<Value: Decodable>(_ key: Key, or fallback: Value) throws -> Value {
        guard contains(key) else { return fallback }
        return try value(key)
    }

    /// The key's value, where null means none; `fallback` if the key is not there.
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
            // JSONDecoder's own words do not always name the key, and for numbers that do not fit are no DecodingError.
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
