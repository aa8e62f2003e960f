import Foundation

/// The sample images as a labelled set.
package enum SampleImages {
    package static let path = Fixtures.path("samples")

    /// A folder test/CLASS/NAME of sample images, something that is no image, and an image that is broken.
    package static func makeFolder() throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        for (name, label) in [("chelsea.png", "cat"), ("rocket.jpg", "airplane"), ("coffee.png", "cat")] {
            let target = folder.file("test/\(label)")
            try FileManager.default.createDirectory(atPath: target, withIntermediateDirectories: true)
            try FileManager.default.copyItem(atPath: "\(path)/\(name)", toPath: "\(target)/\(name)")
        }
        _ = try folder.file("test/cat/notes.txt", [65])
        _ = try folder.file("test/cat/broken.png", [0x89, 0x50])
        return folder
    }

    /// The same as a tar archive.
    package static func makeArchive(_ folder: TemporaryFolder, _ options: [String] = []) throws -> String {
        let archive = folder.file("set.tar")
        let packed = try ShellCommand.run(["tar"] + options + ["-C", folder.path, "-cf", archive, "test"])
        guard packed.status == 0 else { throw CocoaError(.fileWriteUnknown, userInfo: ["tar": packed.output]) }
        return archive
    }
}
