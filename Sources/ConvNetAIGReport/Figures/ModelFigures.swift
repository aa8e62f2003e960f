/// The network that a report is about.
public struct ModelFigures: Sendable, Hashable, Codable {
    /// A residual block.
    public struct Block: Sendable, Hashable, Codable {
        /// Such as `layer2.1`.
        public var name: String
        /// From 1.
        public var stage: Int
        public var isGated: Bool
        /// Multiply-accumulates of its branch and its gate.
        public var macs: Int

        public init(name: String, stage: Int, isGated: Bool, macs: Int) {
            self.name = name
            self.stage = stage
            self.isGated = isGated
            self.macs = macs
        }
    }

    /// Of the architecture, such as `convnet-aig-cifar-20`.
    public var name: String
    public var parameters: Int
    /// Multiply-accumulates if every block runs.
    public var denseMACs: Int
    public var blocks: [Block]
    /// Names of the classes, in the order of every list by class.
    public var classes: [String]
    /// How gates decided, such as `argmax`.
    public var policy: String
    /// What ran it.
    public var device: String

    public init(
        name: String, parameters: Int, denseMACs: Int, blocks: [Block], classes: [String], policy: String,
        device: String
    ) {
        self.name = name
        self.parameters = parameters
        self.denseMACs = denseMACs
        self.blocks = blocks
        self.classes = classes
        self.policy = policy
        self.device = device
    }
}
