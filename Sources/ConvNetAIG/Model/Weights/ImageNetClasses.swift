/// The 1000 classes of ImageNet-1k (ILSVRC 2012), in the order of their WordNet ids, which is that of the logits of networks
/// trained on it.
public enum ImageNetClasses {
    /// The classes' names, as in torchvision. All differ.
    public static let names: [String] = entries.map(\.name)

    /// The classes' ids in WordNet 3.0, such as `n01440764`, which are the names of ImageNet's folders.
    public static let wordNetIDs: [String] = entries.map(\.wordNetID)

    /// Other names that a network's classes may have in a dataset, in the order of its logits.
    ///
    /// - Parameter count: Number of classes of the network. A network of 1000 is taken to be for ImageNet.
    package static func otherNames(classes count: Int) -> [[String]] { count == names.count ? [wordNetIDs] : [] }

    /// The lines of the file, one for each class: its id, a space, its name.
    private static let entries: [(wordNetID: String, name: String)] =
        String(decoding: PackageResources.ImageNetClasses_txt, as: UTF8.self).split(separator: "\n").map { line in
            let parts = line.split(separator: " ", maxSplits: 1)
            return (String(parts.first ?? ""), String(parts.last ?? ""))
        }
}
