/// What an operator will be asked to compute: for backends that get ready for a whole network at once.
public enum OperatorProblem: Sendable, Hashable {
    case convolution(ConvolutionProblem)
    case pooling(PoolingProblem)
    case zeroPaddedShortcut(ZeroPaddedShortcutProblem)
    case gate(GateProblem)
    case classifier(ClassifierProblem)
    case batchNormalization(BatchNormalizationProblem)
}
