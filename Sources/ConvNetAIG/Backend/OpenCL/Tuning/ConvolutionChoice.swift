/// What the choice of an algorithm depends on, for one device.
struct ConvolutionChoice: Sendable, Hashable, Codable {
    let problem: ConvolutionProblem
    /// Of a launch, at most.
    let images: Int
}
