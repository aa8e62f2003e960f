/// Some of the pictures of a set.
enum PictureSample {
    /// Pictures of 0 ..< count, at most so many, evenly spread: sets are in the order of their classes.
    static func evenly(_ count: Int, limit: Int?) -> [Int] {
        guard let limit, limit < count else { return Array(0..<count) }
        return (0..<max(limit, 0)).map { $0 * count / limit }
    }
}
