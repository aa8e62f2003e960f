/// The 1000 classes of ImageNet-1k (ILSVRC 2012), in the order of the logits of networks that were trained on it, which is
/// the order of their WordNet ids.
public enum ImageNetClasses {
    /// What the classes are called, as torchvision calls them. Each name is there once.
    public static let names: [String] = entries.map(\.name)

    /// The classes' ids in WordNet 3.0, such as `n01440764`, which ImageNet's folders are named by.
    public static let wordNetIDs: [String] = entries.map(\.wordNetID)

    /// Other names that the classes of a network may go by in a data set, in the order of its logits.
    /// - Parameter count: classes of the network, which is taken to be ImageNet's if there are as many.
    package static func otherNames(classes count: Int) -> [[String]] { count == names.count ? [wordNetIDs] : [] }

    /// A line for each class: its id, a space, its name.
    private static let entries: [(wordNetID: String, name: String)] =
        String(decoding: PackageResources.ImageNetClasses_txt, as: UTF8.self).split(separator: "\n").map { line in
            let parts = line.split(separator: " ", maxSplits: 1)
            return (String(parts.first ?? ""), String(parts.last ?? ""))
        }
}
