/// Numbers of work-items in one, two or three dimensions; the first varies fastest.
///
/// Can be written as a number or as a list: `1024`, `[64, 32]`, `NDRange(64, 32, 8)`. A list of another
/// length than 1 to 3, or a size below 1, is reported when a kernel is enqueued with it.
public struct NDRange: Sendable, Hashable, CustomStringConvertible {
    /// Number of dimensions.
    public let dimensions: Int

    // In line rather than in an array, so that launching kernels allocates nothing.
    let x, y, z: Int

    /// A range of one dimension.
    public init(_ x: Int) { (dimensions, self.x, y, z) = (1, x, 1, 1) }

    /// A range of two dimensions.
    public init(_ x: Int, _ y: Int) { (dimensions, self.x, self.y, z) = (2, x, y, 1) }

    /// A range of three dimensions.
    public init(_ x: Int, _ y: Int, _ z: Int) { (dimensions, self.x, self.y, self.z) = (3, x, y, z) }

    /// A range with a size for each dimension; 1 to 3 of them are valid.
    public init(_ sizes: [Int]) {
        dimensions = sizes.count
        x = sizes.count > 0 ? sizes[0] : 1
        y = sizes.count > 1 ? sizes[1] : 1
        z = sizes.count > 2 ? sizes[2] : 1
    }

    /// The size of each dimension.
    public var sizes: [Int] { Array([x, y, z].prefix(dimensions)) }

    /// Number of work-items, the product of the sizes; `Int.max` if it's more than that.
    public var count: Int {
        let (plane, planeOverflows) = x.multipliedReportingOverflow(by: y)
        let (volume, volumeOverflows) = plane.multipliedReportingOverflow(by: z)
        return planeOverflows || volumeOverflows ? .max : volume
    }

    /// The range with each size rounded up to a multiple of the other range's, as a global size has to be
    /// a multiple of the local size; sizes of `local` below 1 count as 1.
    public func roundedUp(toMultipleOf local: NDRange) -> NDRange {
        func rounded(_ size: Int, _ step: Int) -> Int {
            let step = max(1, step)
            let rest = size % step
            guard size > 0, rest > 0 else { return size }
            let (sum, overflows) = size.addingReportingOverflow(step - rest)
            return overflows ? size : sum
        }
        return NDRange(
            dimensions: dimensions, rounded(x, local.x), rounded(y, local.y), rounded(z, local.z))
    }

    public var description: String { sizes.map(String.init).joined(separator: "×") }

    private init(dimensions: Int, _ x: Int, _ y: Int, _ z: Int) {
        (self.dimensions, self.x, self.y, self.z) = (dimensions, x, y, z)
    }

    /// Calls with the sizes in memory, as the C functions want them.
    @inline(__always)
    func withSizes<Result>(_ body: (UnsafePointer<Int>?) throws -> Result) rethrows -> Result {
        try withUnsafeBytes(of: (x, y, z)) { try body($0.baseAddress?.assumingMemoryBound(to: Int.self)) }
    }
}

extension NDRange: ExpressibleByIntegerLiteral {
    public init(integerLiteral value: Int) { self.init(value) }
}

extension NDRange: ExpressibleByArrayLiteral {
    public init(arrayLiteral sizes: Int...) { self.init(sizes) }
}
