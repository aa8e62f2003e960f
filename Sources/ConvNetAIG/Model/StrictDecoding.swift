/// Decoding that refuses keys it does not know: a misspelt optional key would otherwise pass unnoticed.
extension Decoder {
    func strictContainer<Key: CodingKey & CaseIterable>(
        keyedBy type: Key.Type
    ) throws -> KeyedDecodingContainer<Key> {
        let present = try container(keyedBy: AnyCodingKey.self).allKeys
        let unknown = present.filter { Key(stringValue: $0.stringValue) == nil }
        if let key = unknown.min(by: { $0.stringValue < $1.stringValue }) {
            throw ArchitectureError.unknownKey(
                (codingPath + [key]).dotted, known: Key.allCases.map(\.stringValue))
        }
        return try container(keyedBy: type)
    }
}

extension [any CodingKey] {
    /// The path as it would be written in code: `stages[0].width`.
    var dotted: String {
        reduce("") { path, key in
            if let index = key.intValue { return path + "[\(index)]" }
            return path.isEmpty ? key.stringValue : path + "." + key.stringValue
        }
    }
}
