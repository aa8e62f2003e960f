import Foundation

/// The data set at a path, whatever it is: a folder of CIFAR's binary files, a folder of class folders, or a tar archive of
/// class folders.
///
/// Pictures are expected as `train/CLASS/NAME.jpg` and `test/CLASS/NAME.jpg`, or .png; instead of `test` the folder may be
/// called `val` or `validation`. Class folders at the top are a training set only.
public struct DataSource: Sendable {
    public let path: String
    /// What a network learns from.
    public let train: any LabelledPictures
    /// What it is measured on, with the classes of ``train``; nil if the data set has no such part (see
    /// ``holdOut(fraction:seed:)``).
    public let test: (any LabelledPictures)?

    /// Other names for the test pictures' folder. The first that has pictures counts: ImageNet's `test` has no class
    /// folders, but its `val` has.
    private static let testFolders = ["test", "val", "validation"]

    /// - Throws: ``DataSetError``, also if there are no pictures to train with.
    public init(path: String) throws {
        self.path = path
        if try CIFARSet.isSet(path) {
            train = try CIFARSet(path: path, split: .train)
            test = try CIFARSet(path: path, split: .test)
            return
        }
        let listing = try PictureListing(path: path)
        guard listing.hasPictures(in: DataSplit.train.rawValue) else {
            let testFolder = Self.testFolders.first(where: listing.hasPictures)
            // Only test pictures: what is missing are the others, not class folders at the top.
            let isTraining = listing.hasPictures(in: "") || testFolder == nil
            train = try PictureSet(listing, split: isTraining ? "" : DataSplit.train.rawValue)
            test = nil
            return
        }
        let train = try PictureSet(listing, split: DataSplit.train.rawValue)
        self.train = train
        test = try Self.testFolders.first(where: listing.hasPictures).map {
            try PictureSet(listing, split: $0, classes: train.classes)
        }
    }

    /// Names of the classes; a label is an index into these.
    public var classes: [String] { train.classes }
}
