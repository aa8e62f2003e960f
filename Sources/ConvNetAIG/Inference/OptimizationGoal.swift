/// What to prefer where one costs the other.
public enum OptimizationGoal: String, Sendable, Hashable, CaseIterable, Codable {
    /// The fastest algorithms, although some of them keep more weights: Winograd convolution has up to four times as many.
    /// What a ``ConvolutionTuner`` found counts only here.
    case speed
    /// Algorithms that keep no more weights than the network has. A session is ready sooner, too.
    case memory
}
