/// Groups of classes that the paper tells apart, where a data set's classes are known: living things and things made.
enum KnownGroups {
    static let names = ["animals", "vehicles"]
    private static let animals: Set = ["bird", "cat", "deer", "dog", "frog", "horse"]
    private static let vehicles: Set = ["airplane", "automobile", "ship", "truck"]

    /// 0 for an animal, 1 for a vehicle; nil if a class is neither.
    static func of(_ classes: [String]) -> [Int]? {
        let groups = classes.map { animals.contains($0) ? 0 : vehicles.contains($0) ? 1 : nil }
        return groups.contains(nil) ? nil : groups.compactMap(\.self)
    }
}
