/// What to prefer where one costs the other.
public enum OptimizationGoal: String, Sendable, Hashable, CaseIterable, Codable {
    /// The fastest algorithms, although some of them keep more weights: Winograd convolution has up to four times as many.
    case speed
    /// Algorithms that keep no more weights than the network has, among them what a ``ConvolutionTuner`` found. A session is
    /// ready sooner, too.
    case memory
}
