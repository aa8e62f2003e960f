import Archives
import ArgumentParser
import ConvNetAIG
import FileSystem
import Foundation
import Terminal

/// `aig cache`
struct CacheCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cache",
        abstract: "Show or remove what is kept between runs: compiled kernels, tuning results, unpacked archives.",
        discussion: """
            The folder is the one that the environment variable AIG_CACHE names, or convnet-aig in XDG_CACHE_HOME, or in \
            ~/.cache; AIG_CACHE=off keeps nothing. Compiled kernels take 256 MB at most. Archives that had to be \
            unpacked to be read take what they take, until they are removed.

            Examples:
              aig cache                         what there is
              aig cache clear --archives
            """,
        subcommands: [Show.self, Clear.self], defaultSubcommand: Show.self)

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show what is kept, and what it takes.")

        func run() throws {
            guard let contents = try CacheContents.current() else {
                return try Console.write("Nothing is kept: AIG_CACHE is off, or there is no home folder.")
            }
            try Console.write(contents.folder.printable())
            for part in contents.parts {
                try Console.write("  \(part.name): \(part.files.count.counted("file")), \(part.byteCount.byteCount)")
            }
        }
    }

    struct Clear: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Remove what is kept. It is made again where it is needed.")

        @Flag(help: "Only unpacked archives.")
        var archives = false

        func run() throws {
            guard let contents = try CacheContents.current() else {
                return try Console.write("Nothing is kept: AIG_CACHE is off, or there is no home folder.")
            }
            for part in contents.parts where !archives || part.isArchives {
                for file in part.files {
                    let code = file.path.withPathBytes { unlink($0) } == 0 ? 0 : errno
                    guard code == 0 || code == ENOENT else {
                        throw CommandFailure("\(file.path) cannot be removed: \(systemErrorText(code)).")
                    }
                }
                try Console.write(
                    "Removed \(part.name): \(part.files.count.counted("file")), \(part.byteCount.byteCount)")
            }
        }
    }
}

/// The files in the cache folder that this program made. Others are left alone.
struct CacheContents {
    struct Part {
        let name: String
        let isArchives: Bool
        let files: [(path: String, byteCount: Int)]
        var byteCount: Int { files.reduce(0) { $0 + $1.byteCount } }
    }

    let folder: String
    let parts: [Part]

    /// - Returns: nil where nothing is kept.
    static func current(environment: [String: String] = ProcessInfo.processInfo.environment) throws -> CacheContents? {
        guard let folder = CacheFolder.path(environment: environment) else { return nil }
        return CacheContents(
            folder: folder,
            parts: [
                Part(
                    name: "compiled kernels and tuning results", isArchives: false,
                    files: ProgramBinaryStore.kept(in: folder)),
                Part(name: "unpacked archives", isArchives: true, files: UnpackedArchive.kept(in: folder)),
            ])
    }
}
