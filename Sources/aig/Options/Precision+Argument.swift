import ArgumentParser
import ConvNetAIG

extension Precision: ExpressibleByArgument {}
