/// An error in the words that the user gets to read.
struct CommandFailure: Error, CustomStringConvertible {
    let description: String

    /// - Parameter message: what is wrong with which file or value, and what to do.
    init(_ message: String) {
        description = message.printable(keepingLines: true)
    }

    /// Any error by its description.
    init(_ error: any Error) {
        self.init(String(describing: error))
    }
}
