/// The images of a batch that a launch works on.
package enum ActiveSet: Sendable, Hashable {
    /// Images 0 ..< count.
    case all(count: Int)
    /// These images, known to the host. A batch uses every slot once, so that a list may be on its way to the device while
    /// the next is made: there are two per gate.
    case listed([Int32], slot: Int)
    /// Those of images 0 ..< count for which `gate` opened, known to the device only: the launch covers all of them, and
    /// has nothing to do for the others.
    case decided(gate: Int, count: Int)

    /// Images that a launch has to cover.
    package var launchedCount: Int {
        switch self {
        case .all(let count), .decided(_, let count): count
        case .listed(let images, _): images.count
        }
    }
}
