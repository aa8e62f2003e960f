/// Where values that come and go lie in memory that they share: two that are alive at the same time never overlap.
///
/// The largest are placed first, each in the smallest gap that is left between those alive with it (greedy by size:
/// Pisarchyk and Lee, arXiv 2001.03288). For the networks of this library that takes no more memory than is alive at once.
struct MemoryPlan: Sendable, Hashable {
    struct Item: Sendable, Hashable {
        var byteCount: Int
        /// Steps at which the value must keep.
        var lifetime: ClosedRange<Int>
    }

    struct Place: Sendable, Hashable {
        /// Index of the buffer.
        var buffer: Int
        /// Bytes of the buffer; its start is aligned.
        var range: Range<Int>
    }

    let items: [Item]
    /// Of each item.
    let places: [Place]
    /// Bytes of each buffer.
    let buffers: [Int]
    /// Bytes of all items if each had memory to itself, with the gaps that alignment takes.
    let unsharedByteCount: Int

    /// - Parameters:
    ///   - items: of 1 byte or more.
    ///   - alignment: of every place, in bytes.
    ///   - largestBuffer: bytes that a buffer may have; an item that is larger has one to itself.
    ///   - minSaving: share memory only where it saves as many bytes.
    init(_ items: [Item], alignment: Int, largestBuffer: Int, minSaving: Int = 0) {
        let sizes = items.map { ($0.byteCount + alignment - 1) / alignment * alignment }
        let unshared = sizes.reduce(0, +)
        self.items = items
        unsharedByteCount = unshared
        let order = items.indices.sorted { (sizes[$1], $0) < (sizes[$0], $1) }
        let shared = Self.place(items, sizes, order, largestBuffer) { $0.lifetime.overlaps($1.lifetime) }
        if unshared - shared.buffers.reduce(0, +) >= minSaving {
            (places, buffers) = shared
        } else {
            (places, buffers) = Self.place(items, sizes, order, largestBuffer) { _, _ in true }
        }
    }

    var byteCount: Int { buffers.reduce(0, +) }

    /// Whether some of the item's memory is another's at other steps.
    func isShared(_ index: Int) -> Bool {
        places.indices.contains { other in
            other != index && places[other].buffer == places[index].buffer
                && places[other].range.overlaps(places[index].range)
        }
    }

    private static func place(
        _ items: [Item], _ sizes: [Int], _ order: [Int], _ largestBuffer: Int, conflict: (Item, Item) -> Bool
    ) -> (places: [Place], buffers: [Int]) {
        var places = [Place?](repeating: nil, count: items.count)
        var buffers: [Int] = []
        for index in order {
            let rivals = order.compactMap { other in
                places[other].flatMap { conflict(items[index], items[other]) ? $0 : nil }
            }
            // A new buffer has room for anything.
            for buffer in 0...buffers.count {
                let occupied = rivals.filter { $0.buffer == buffer }.map(\.range)
                let start = start(of: sizes[index], among: occupied)
                guard buffer == buffers.count || start + sizes[index] <= largestBuffer else { continue }
                places[index] = Place(buffer: buffer, range: start..<start + sizes[index])
                if buffer == buffers.count { buffers.append(0) }
                buffers[buffer] = max(buffers[buffer], start + sizes[index])
                break
            }
        }
        return (places.compactMap { $0 }, buffers)
    }

    /// The start of the smallest gap between `occupied` that has room, or else the end of them.
    private static func start(of size: Int, among occupied: [Range<Int>]) -> Int {
        var best: (gap: Int, start: Int)?
        var end = 0
        for range in occupied.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            let gap = range.lowerBound - end
            if gap >= size, gap < best?.gap ?? .max { best = (gap, end) }
            end = max(end, range.upperBound)
        }
        return best?.start ?? end
    }
}
