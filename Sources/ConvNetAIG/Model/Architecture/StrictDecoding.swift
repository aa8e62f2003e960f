import Foundation

extension Decoder {
    /// A container that has no keys but those of `type`: a misspelt optional key would otherwise pass unnoticed.
    ///
    /// - Parameter unknown: The error for an unknown key, given with its path.
    /// - Throws: What `unknown` returns, or `DecodingError`.
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
    /// Decodes a whole number. `JSONDecoder` does not say which number does not fit.
    ///
    /// - Throws: ``ArchitectureError/invalidValue(property:problem:)``, or `DecodingError`.
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

    /// Decodes a whole number, or nil where the key is missing or its value null.
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

/// A coding key that takes any text.
private struct AnyCodingKey: CodingKey {
    let stringValue: String
    let intValue: Int?

    init(stringValue: String) {
        self.stringValue = stringValue
        intValue = nil
    }

    init(intValue: Int) {
        stringValue = String(intValue)
        self.intValue = intValue
    }
}

/// What is wrong with a JSON text, as the end of a sentence: "… cannot be used: it is not well-formed".
package enum JSONProblem {
    /// Where the text stops being JSON, which `JSONDecoder` does not say, or nil if all of it is JSON.
    package static func syntax(_ json: String) -> String? {
        do {
            _ = try JSONSerialization.jsonObject(with: Data(json.utf8), options: .fragmentsAllowed)
            return nil
        } catch {
            let text = (error as NSError).userInfo[NSDebugDescriptionErrorKey] as? String
            return "it is not well-formed" + (text.map { " (\($0.prefix(200)))" } ?? "")
        }
    }

    /// What a decoder misses in a text that is JSON.
    package static func explanation(of error: DecodingError) -> String {
        switch error {
        case .keyNotFound(let key, let context):
            "the key \(quoted(context.codingPath + [key])) is missing"
        case .typeMismatch(_, let context), .valueNotFound(_, let context):
            "\(quoted(context.codingPath)) has the wrong type: \(context.debugDescription)"
        case .dataCorrupted(let context) where context.codingPath.isEmpty:
            "it is not well-formed"
        case .dataCorrupted(let context):
            "\(quoted(context.codingPath)) cannot be understood: \(context.debugDescription)"
        @unknown default:
            "\(error)"
        }
    }

    private static func quoted(_ path: [any CodingKey]) -> String { "\"\(path.dotted)\"" }
}
