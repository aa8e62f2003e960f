import ArgumentParser
import ConvNetAIG

extension Scheduling: ExpressibleByArgument {}
