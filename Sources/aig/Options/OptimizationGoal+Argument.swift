import ArgumentParser
import ConvNetAIG

extension OptimizationGoal: ExpressibleByArgument {}
