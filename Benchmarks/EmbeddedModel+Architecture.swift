import ConvNetAIG

extension EmbeddedModel {
    /// The trained weights for an architecture, if the library carries some.
    init?(architecture: Architecture) {
        guard let model = Self.allCases.first(where: { $0.architectureName == architecture.name }) else {
            return nil
        }
        self = model
    }
}
