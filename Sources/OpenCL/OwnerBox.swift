/// Gives any value the reference count that a C callback's context pointer needs.
final class OwnerBox: Sendable {
    private let owner: any Sendable

    init(_ owner: any Sendable) { self.owner = owner }
}
