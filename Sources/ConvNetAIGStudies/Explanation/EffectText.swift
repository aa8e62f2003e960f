import Foundation

/// What a gate's deciding otherwise changes, as text.
package enum EffectText {
    /// The change of a probability, in points with their sign.
    package static func points(_ change: Double) -> String {
        let text = String(format: "%+.1f", 100 * change)
        return text == "-0.0" || text == "+0.0" ? "0.0" : text
    }

    /// A divergence, with fewer digits where it is large.
    package static func nats(_ value: Double) -> String { String(format: value < 10 ? "%.3f" : "%.1f", value) }
}
