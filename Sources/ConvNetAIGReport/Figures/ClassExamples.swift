/// Images of a class that the network finds easiest and hardest: those with the lowest and the highest loss.
public struct ClassExamples: Sendable, Hashable, Codable {
    /// An image, and what became of it.
    public struct Example: Sendable, Hashable, Codable {
        /// The image's name in its data set.
        public var name: String
        /// The image itself as a `data:` URL.
        public var image: String
        /// The likeliest class.
        public var prediction: String
        /// What the network gives the right class.
        public var probability: Double
        /// Whether each block ran.
        public var route: [Bool]
        /// Multiply-accumulates spent on it.
        public var macs: Int

        private enum CodingKeys: String, CodingKey {
            case name, prediction, probability, route, macs
            case image = "picture"
        }

        public init(
            name: String, image: String, prediction: String, probability: Double, route: [Bool], macs: Int
        ) {
            self.name = name
            self.image = image
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
