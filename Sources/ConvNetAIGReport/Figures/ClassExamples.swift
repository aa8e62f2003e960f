/// Pictures of a class that the network finds easiest and hardest: those with the lowest and the highest loss.
public struct ClassExamples: Sendable, Hashable, Codable {
    /// A picture, and what became of it.
    public struct Example: Sendable, Hashable, Codable {
        /// The picture's name in its data set.
        public var name: String
        /// The picture itself as a `data:` URL.
        public var picture: String
        /// The likeliest class.
        public var prediction: String
        /// What the network gives the right class.
        public var probability: Double
        /// Whether each block ran.
        public var route: [Bool]
        /// Multiply-accumulates spent on it.
        public var macs: Int

        public init(
            name: String, picture: String, prediction: String, probability: Double, route: [Bool], macs: Int
        ) {
            self.name = name
            self.picture = picture
            self.prediction = prediction
            self.probability = probability
            self.route = route
            self.macs = macs
        }
    }

    /// The class.
    public var name: String
    public var easiest: [Example]
    public var hardest: [Example]

    public init(name: String, easiest: [Example], hardest: [Example]) {
        self.name = name
        self.easiest = easiest
        self.hardest = hardest
    }
}
