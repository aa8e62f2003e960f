import Foundation

/// A file that a run writes its results to.
struct ResultFile {
    let path: String

    enum Failure: Error, CustomStringConvertible {
        case unwritable(path: String, problem: String)

        var description: String {
            switch self {
            case .unwritable(let path, let problem): "cannot write \(path): \(problem)"
            }
        }
    }

    /// Checks, before minutes of measuring, that the file can be written.
    func check() throws(Failure) {
        let files = FileManager.default
        var isFolder: ObjCBool = false
        if files.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue {
            throw .unwritable(path: path, problem: "it is a folder; name a file")
        }
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
        guard files.fileExists(atPath: folder, isDirectory: &isFolder), isFolder.boolValue else {
            throw .unwritable(path: path, problem: "there is no folder \(folder)")
        }
        guard files.isWritableFile(atPath: folder) else {
            throw .unwritable(path: path, problem: "no permission to write into \(folder)")
        }
    }

    /// Writes an array of results as JSON.
    func write(_ results: [some Encodable]) throws(Failure) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        do {
            try replace(by: encoder.encode(results))
        } catch {
            throw .unwritable(path: path, problem: error.localizedDescription)
        }
    }

    /// Writes a text.
    func write(_ text: String) throws(Failure) {
        do {
            try replace(by: Data(text.utf8))
        } catch {
            throw .unwritable(path: path, problem: error.localizedDescription)
        }
    }

    /// Writes beside the file and renames, so that it appears complete or not at all.
    private func replace(by contents: Data) throws {
        try (contents + [UInt8(ascii: "\n")]).write(to: URL(fileURLWithPath: path), options: .atomic)
    }
}
