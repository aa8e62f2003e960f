/// What the choice of an algorithm depends on, for one device.
struct ConvolutionChoice: Sendable, Hashable, Codable {
    let settings: FusedConvolutionSettings
    /// Of a launch, at most.
    let images: Int

    // As stored measurements have it.
    private enum CodingKeys: String, CodingKey {
        case settings = "problem"
        case images
    }
}
