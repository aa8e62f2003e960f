/// Decoding that refuses keys it does not know: a misspelt optional key would otherwise pass unnoticed.
extension Decoder {
    /// - Parameter unknown: the error for a key, given with its path, that is none of the known ones.
    package func strictContainer<Key: CodingKey & CaseIterable>(
        keyedBy type: Key.Type,
        unknown: (_ key: String, _ known: [String]) -> any Error = ArchitectureError.unknownKey
    ) throws -> KeyedDecodingContainer<Key> {
        let present = try container(keyedBy: AnyCodingKey.self).allKeys
        let others = present.filter { Key(stringValue: $0.stringValue) == nil }
        if let key = others.min(by: { $0.stringValue < $1.stringValue }) {
            throw unknown((codingPath + [key]).dotted, Key.allCases.map(\.stringValue))
        }
        return try container(keyedBy: type)
    }
}

extension KeyedDecodingContainer {
    /// Decodes a whole number; the decoder itself does not say which number it is that does not fit.
    func integer(forKey key: Key) throws -> Int {
        do {
            return try decode(Int.self, forKey: key)
        } catch let error as DecodingError {
            if case .dataCorrupted = error { throw notWhole(key) }
            throw error
        } catch {
            // JSONDecoder throws an error of its own here, and only wraps it on the way out.
            throw notWhole(key)
        }
    }

    private func notWhole(_ key: Key) -> ArchitectureError {
        .invalidValue(property: (codingPath + [key]).dotted, problem: "is not a whole number, or too large")
    }

    func integerIfPresent(forKey key: Key) throws -> Int? {
        guard contains(key), try !decodeNil(forKey: key) else { return nil }
        return try integer(forKey: key)
    }
}

extension [any CodingKey] {
    /// The path as it would be written in code: `stages[0].width`.
    package var dotted: String {
        reduce("") { path, key in
            if let index = key.intValue { return path + "[\(index)]" }
            return path.isEmpty ? key.stringValue : path + "." + key.stringValue
        }
    }
}
