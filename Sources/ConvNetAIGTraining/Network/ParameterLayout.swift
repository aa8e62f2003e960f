import ConvNetAIG

/// Where the parameters of a network lie in one flat array, group after group, so that an optimizer updates each group in
/// one go; and where batch norm's running statistics lie in another.
package struct ParameterLayout: Sendable, Hashable {
    /// A tensor and its place.
    package struct Entry: Sendable, Hashable {
        /// The authors' name, see `Weights.layout(of:)`.
        package let name: String
        package let shape: [Int]
        /// Index of its first value.
        package let offset: Int
        package let count: Int

        package var range: Range<Int> { offset..<offset + count }
    }

    package let parameters: [Entry]
    /// Running means and variances.
    package let statistics: [Entry]
    /// Values of the arrays, and the part of the parameters' array that belongs to each group.
    package let sizes: ParameterSizes
    private let offsets: [String: Int]

    package init(_ architecture: Architecture) {
        let tensors = Weights.layout(of: architecture)
        var offsets: [String: Int] = [:]
        func place(_ tensor: (name: String, shape: [Int]), at end: inout Int) -> Entry {
            let entry = Entry(
                name: tensor.name, shape: tensor.shape, offset: end, count: tensor.shape.reduce(1, *))
            offsets[tensor.name] = end
            let alignment = ParameterSizes.alignment
            end += (entry.count + alignment - 1) / alignment * alignment
            return entry
        }

        var parameters: [Entry] = []
        var groups: [ParameterGroup: Range<Int>] = [:]
        var end = 0
        for group in ParameterGroup.allCases {
            let start = end
            for tensor in tensors where !Self.isStatistic(tensor.name) && Self.group(of: tensor.name) == group {
                parameters.append(place(tensor, at: &end))
            }
            groups[group] = start..<end
        }
        var statisticsEnd = 0
        statistics = tensors.filter { Self.isStatistic($0.name) }.map { place($0, at: &statisticsEnd) }
        self.parameters = parameters
        sizes = ParameterSizes(parameters: end, statistics: statisticsEnd, groups: groups)
        self.offsets = offsets
    }

    /// Where a tensor begins: in the parameters' array, or, for `running_mean` and `running_var`, in that of the
    /// statistics.
    /// - Precondition: the architecture has a tensor of that name.
    func offset(_ name: String) -> Int {
        guard let offset = offsets[name] else { preconditionFailure("no tensor \(name)") }
        return offset
    }

    private static func isStatistic(_ name: String) -> Bool { name.contains(".running_") }

    /// The group of a parameter, by its name.
    package static func group(of name: String) -> ParameterGroup {
        let parts = name.split(separator: ".")
        if parts.contains(where: { $0 == "fc1" || $0 == "fc1bn" || $0 == "fc2" }) { return .gates }
        let isMatrix =
            name == "linear.weight" || parts.dropLast().last?.hasPrefix("conv") == true
            || name.hasSuffix("shortcut.0.weight")
        return isMatrix ? .weights : .normalization
    }
}
