/// Which part of a data set.
public enum DataSplit: String, Sendable, Hashable, Codable, CaseIterable {
    /// What a network learns from.
    case train
    /// What it is measured on.
    case test
}
