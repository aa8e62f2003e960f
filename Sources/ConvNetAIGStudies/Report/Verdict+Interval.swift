import ConvNetAIGReport

/// Verdicts that a 95 % interval allows: a claim holds where all of the interval agrees with it, fails where none of it
/// does, and is unknown where some does, or where there is no interval.
extension Claim.Verdict {
    /// That a figure is more than `bound`.
    static func above(_ bound: Double, _ interval: ConfidenceInterval?) -> Claim.Verdict {
        guard let interval else { return .unknown }
        return interval.low > bound ? .holds : interval.high <= bound ? .fails : .unknown
    }

    /// That a figure is less than `bound`.
    static func below(_ bound: Double, _ interval: ConfidenceInterval?) -> Claim.Verdict {
        guard let interval else { return .unknown }
        return interval.high < bound ? .holds : interval.low >= bound ? .fails : .unknown
    }

    /// That a figure is `bound` or more.
    static func atLeast(_ bound: Double, _ interval: ConfidenceInterval?) -> Claim.Verdict {
        guard let interval else { return .unknown }
        return interval.low >= bound ? .holds : interval.high < bound ? .fails : .unknown
    }

    /// That a test finds a difference in one direction.
    /// - Parameters:
    ///   - p: the chance of a difference in that direction at least as large, were there none.
    ///   - level: chances below this are taken to be none.
    static func oneSided(_ p: Double, level: Double) -> Claim.Verdict {
        p < level ? .holds : p > 1 - level ? .fails : .unknown
    }

    /// That several claims hold together.
    static func all(_ verdicts: [Claim.Verdict]) -> Claim.Verdict {
        if verdicts.contains(.fails) { return .fails }
        return verdicts.contains(.unknown) ? .unknown : .holds
    }
}
