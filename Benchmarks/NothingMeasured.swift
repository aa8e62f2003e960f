/// No network could be run at any of the batch sizes.
struct NothingMeasured: Error, CustomStringConvertible {
    let omissions: [String]

    var description: String {
        "nothing could be measured:\n" + omissions.map { "  " + $0 }.joined(separator: "\n")
    }
}
