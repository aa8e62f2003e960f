import Foundation

/// What is wrong with a JSON text, in words that complete "it cannot be used:".
package enum JSONProblem {
    /// Where the text stops being JSON, which JSONDecoder does not say; nil if it is JSON.
    package static func syntax(_ json: String) -> String? {
        do {
            _ = try JSONSerialization.jsonObject(with: Data(json.utf8), options: .fragmentsAllowed)
            return nil
        } catch {
            let text = (error as NSError).userInfo[NSDebugDescriptionErrorKey] as? String
            return "it is not well-formed" + (text.map { " (\($0.prefix(200)))" } ?? "")
        }
    }

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
