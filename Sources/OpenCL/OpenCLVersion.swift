/// The number in an OpenCL version string.
struct OpenCLVersion: Comparable {
    let major: Int
    let minor: Int

    init(major: Int, minor: Int) {
        self.major = major
        self.minor = minor
    }

    /// From a string of the form "OpenCL <major>.<minor> …"; nil if it has another form.
    init?(_ text: String) {
        let words = text.split(separator: " ")
        guard words.count >= 2, words[0] == "OpenCL" else { return nil }
        let numbers = words[1].split(separator: ".").map { Int($0) }
        guard numbers.count >= 2, let major = numbers[0], let minor = numbers[1] else { return nil }
        self.init(major: major, minor: minor)
    }

    static func < (left: OpenCLVersion, right: OpenCLVersion) -> Bool {
        (left.major, left.minor) < (right.major, right.minor)
    }
}
