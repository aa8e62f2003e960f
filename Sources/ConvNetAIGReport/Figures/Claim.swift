/// Something that the paper says of these networks, and what these figures say to it.
public struct Claim: Sendable, Hashable, Codable {
    public enum Verdict: String, Sendable, Hashable, Codable, CaseIterable {
        case holds
        case fails
        /// There were no figures to tell, or too few: their 95 % interval holds both.
        case unknown
    }

    /// What the paper says.
    public var text: String
    public var verdict: Verdict
    /// The figures that say so, in a sentence.
    public var evidence: String

    public init(text: String, verdict: Verdict, evidence: String) {
        self.text = text
        self.verdict = verdict
        self.evidence = evidence
    }
}
