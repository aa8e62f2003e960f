/// Which of a network's classes each class of a dataset is.
///
/// A class is the network's class of the same name, where the network has names: its own, or another name for the same
/// class, such as ImageNet's WordNet ids. Where not all are, capitals and what stands between words do not count. Classes called by numbers are indices, gaps kept: from 0, or from 1 where there is
/// no 0 and the number of classes is one of them. What remains is taken in order, if there are as many on both sides.
package struct ClassMatching: Sendable, Hashable {
    /// The network's class for each of the dataset's.
    package let indices: [Int]
    /// Whether nothing but the order of the names says which is which.
    package let isByOrder: Bool

    /// - Parameters:
    ///   - classes: the dataset's.
    ///   - names: the network's, in the order of its logits; nil if it has none.
    ///   - others: other names of the network's classes, in the same order.
    ///   - count: how many the network has.
    ///   - path: the dataset, for errors.
    /// - Throws: ``DatasetError`` if a class of the dataset is none of the network's, or if which it is is not known.
    package init(
        _ classes: [String], to names: [String]?, others: [[String]] = [], count: Int, path: String
    ) throws(DatasetError) {
        for names in [names].compactMap({ $0 }) + others {
            let places = Dictionary(zip(names, names.indices)) { first, _ in first }
            let found = classes.compactMap { places[$0] }
            if found.count == classes.count {
                indices = found
                isByOrder = false
                return
            }
        }
        if let numbers = Self.numbers(classes, count: count) {
            indices = numbers
            isByOrder = false
            return
        }
        for names in [names].compactMap({ $0 }) + others {
            guard let found = Self.alike(classes, names) else { continue }
            indices = found
            isByOrder = false
            return
        }
        if let names {
            throw .unknownClass(path: path, name: classes.first { !names.contains($0) } ?? "", classes: names)
        }
        guard classes.count <= count else { throw .tooManyClasses(path: path, found: classes.count, classes: count) }
        guard classes.count == count else {
            throw .unknownOrder(path: path, found: classes.count, classes: count)
        }
        indices = Array(classes.indices)
        isByOrder = true
    }

    /// The places of names that differ in capitals, and in what stands between words, alone; nil if one is not among them, or
    /// if two are then the same.
    private static func alike(_ classes: [String], _ names: [String]) -> [Int]? {
        func plain(_ name: String) -> String {
            name.lowercased().split { $0.isWhitespace || $0 == "_" || $0 == "-" }.joined(separator: " ")
        }
        let places = Dictionary(grouping: names.indices) { plain(names[$0]) }
        let found = classes.compactMap { name in places[plain(name)].flatMap { $0.count == 1 ? $0.first : nil } }
        return found.count == classes.count && Set(found).count == found.count ? found : nil
    }

    /// The indices that numbers stand for; nil if they are none, or beyond the classes.
    private static func numbers(_ classes: [String], count: Int) -> [Int]? {
        let numbers = classes.compactMap { Int($0) }
        guard numbers.count == classes.count, Set(numbers).count == numbers.count, let least = numbers.min(),
            let greatest = numbers.max(), least >= 0
        else { return nil }
        if greatest < count { return numbers }
        return least >= 1 && greatest == count ? numbers.map { $0 - 1 } : nil
    }

    /// Names in the order in which they number classes: by value if all are numbers, or else as text.
    static func sorted(_ names: some Collection<String>) -> [String] {
        let numbers = names.compactMap { Int($0) }
        guard numbers.count == names.count else { return names.sorted() }
        return names.sorted { left, right in
            let (first, second) = (Int(left) ?? 0, Int(right) ?? 0)
            return first == second ? left < right : first < second
        }
    }
}
