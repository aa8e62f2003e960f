import ArgumentParser
import ConvNetAIGStudies

extension Explanation.LaterGates: ExpressibleByArgument {}
