import Foundation
import FileSystem
import TestSupport
import Testing

@testable import Archives

/// Archives of every kind, made by the tools that people make them with.
@Suite struct ArchiveTests {
    /// A folder set/ of five files in folders, which each hold their own paths.
    private static func makeSet(_ folder: TemporaryFolder) throws {
        for path in ["a/1", "a/2", "b/c/3", "b/4", "é/5"] {
            let target = folder.file("set/" + path)
            try FileManager.default.createDirectory(
                atPath: (target as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
            _ = try folder.file("set/" + path, Array(path.utf8))
        }
    }

    private static func shell(_ command: String, in folder: TemporaryFolder) throws {
        let done = try ShellCommand.run(["env", "-C", folder.path, "bash", "-c", command])
        try #require(done.status == 0, "\(done.output)")
    }

    private func text(_ tree: FileTree, _ path: String) throws -> String? {
        guard let file = tree.files.first(where: { $0.path == path }) else { return nil }
        return try tree.contents(of: file).withBytes { String(decoding: $0, as: UTF8.self) }
    }

    private static let zip =
        "python3 -c 'import shutil; shutil.make_archive(\"set\", \"zip\", root_dir=\".\", base_dir=\"set\")'"

    @Test(arguments: [
        "tar --format=gnu -cf set.tar set", "tar --format=pax -cf set.tar set", "tar --format=ustar -cf set.tar set",
        "tar --format=v7 -cf set.tar set", "tar -czf set.tar.gz set", "tar -cJf set.tar.xz set",
        "tar -cf - set | gzip > set.tgz", "tar -cf - set | bzip2 > set.tar.bz2", Self.zip, "true",
        // Incremental: with entries that list folders.
        "tar --listed-incremental=state -cf set.tar set",
    ])
    func everyKindHasTheSameFiles(_ command: String) throws {
        let folder = try TemporaryFolder()
        try Self.makeSet(folder)
        try Self.shell(command, in: folder)
        let made = try folder.contents.first { $0.hasPrefix("set.") } ?? "set"
        let tree = try FileTree(folder.file(made), cache: nil)
        let top = made == "set" ? "" : "set/"
        #expect(tree.files.map(\.path) == ["a/1", "a/2", "b/4", "b/c/3", "é/5"].map { top + $0 })
        for path in ["a/1", "b/c/3", "é/5"] { #expect(try text(tree, top + path) == path) }
        #expect(tree.problems.isEmpty)
    }

    /// Each of the archives ends with blocks of zeros, at which reading would stop.
    @Test(arguments: [
        "cat 1.tar 2.tar > both.tar", "cat 1.tar 2.tar | gzip > both.tar.gz", "cat 1.tar 2.tar | xz > both.tar.xz",
        "gzip -c 1.tar > both.tar.gz && gzip -c 2.tar >> both.tar.gz",
        // What follows the end of the last one is no archive.
        "(cat 1.tar 2.tar; echo checked) > both.tar", "(cat 1.tar 2.tar; yes | head -c 2000) > both.tar",
        "(cat 1.tar 2.tar; echo checked) | gzip > both.tar.gz", "(cat 1.tar 2.tar; yes | head -c 2048) > both.tar",
    ])
    func concatenatedArchivesAreReadToTheEnd(_ command: String) throws {
        let folder = try TemporaryFolder()
        try Self.makeSet(folder)
        try Self.shell("tar -cf 1.tar set/a && tar -cf 2.tar set/b set/é && \(command)", in: folder)
        let made = try #require(try folder.contents.first { $0.hasPrefix("both.") })
        let tree = try FileTree(folder.file(made), cache: nil)
        #expect(tree.files.map(\.path) == ["a/1", "a/2", "b/4", "b/c/3", "é/5"].map { "set/" + $0 })
        for path in ["a/1", "b/c/3", "é/5"] { #expect(try text(tree, "set/" + path) == path) }
    }

    @Test(arguments: [true, false])
    func linksAreFollowed(_ isArchive: Bool) throws {
        let folder = try TemporaryFolder()
        try Self.makeSet(folder)
        try Self.shell(
            """
            cd set && ln a/1 a/hard && ln -s 1 a/soft && ln -s b/c d && mkdir e && ln -s ../../set/a/2 e/up \
            && ln -s soft a/chain && ln -s nowhere a/broken && ln -s .. b/loop && cd .. && tar -cf set.tar -C set .
            """, in: folder)
        let tree = try FileTree(folder.file(isArchive ? "set.tar" : "set"), cache: nil)
        var expected = ["a/1", "a/2", "a/chain", "a/hard", "a/soft", "b/4", "b/c/3", "d/3", "é/5"]
        if !isArchive {
            // Outside of what was packed there is nothing.
            expected.insert("e/up", at: 8)
        }
        #expect(tree.files.map(\.path) == expected)
        for name in ["a/hard", "a/soft", "a/chain"] { #expect(try text(tree, name) == "a/1") }
        #expect(try text(tree, "d/3") == "b/c/3")
        #expect(tree.problems.contains { $0.path == "a/broken" && $0.problem == .brokenLink })
        #expect(tree.problems.contains { $0.path == "b/loop" && $0.problem == .loop })
        #expect(tree.problems.count == (isArchive ? 3 : 2))
    }

    /// A link within an archive may be absolute or lead above its root: it stays in the archive.
    @Test func linksStayInTheArchive() throws {
        let folder = try TemporaryFolder()
        try Self.makeSet(folder)
        try Self.shell(
            "cd set && ln -s /etc/passwd a/out && ln -s /a/1 a/in && ln -s ../../../../a/2 b/far && tar -cf ../set.tar .",
            in: folder)
        let tree = try FileTree(folder.file("set.tar"), cache: nil)
        #expect(try text(tree, "a/in") == "a/1")
        #expect(try text(tree, "b/far") == "a/2")
        #expect(tree.problems.map(\.path) == ["a/out"])
    }

    @Test func ofNamesThatComeTwiceTheLastCounts() throws {
        let folder = try TemporaryFolder()
        try Self.makeSet(folder)
        try Self.shell("tar -cf set.tar set && echo -n new > set/a/1 && tar -rf set.tar set/a/1", in: folder)
        let tree = try FileTree(folder.file("set.tar"), cache: nil)
        #expect(tree.files.map(\.path).count { $0 == "set/a/1" } == 1)
        #expect(try text(tree, "set/a/1") == "new")
    }

    @Test(arguments: ["gnu", "pax --sparse-version=0.1", "pax --sparse-version=1.0"])
    func sparseFilesAreWhole(_ format: String) throws {
        let folder = try TemporaryFolder()
        try FileManager.default.createDirectory(atPath: folder.file("set"), withIntermediateDirectories: true)
        try Self.shell(
            "printf begin > set/s && truncate -s 300000 set/s && printf end >> set/s && tar --sparse -cf set.tar --format="
                + format + " set", in: folder)
        let tree = try FileTree(folder.file("set.tar"), cache: nil)
        let file = try #require(tree.files.first)
        let bytes = try tree.contents(of: file).withBytes { [UInt8]($0) }
        #expect(bytes.count == 300_003)
        #expect(bytes.prefix(6) == Array("begin\0".utf8)[...])
        #expect(bytes.suffix(4) == Array("\0end".utf8)[...])
        #expect(bytes.count { $0 != 0 } == 8)
    }

    /// As ImageNet is published: a tar archive of a tar archive for each class.
    @Test(arguments: [true, false])
    func archivesInsideStandForFolders(_ isArchive: Bool) throws {
        let folder = try TemporaryFolder()
        try Self.makeSet(folder)
        try Self.shell(
            """
            mkdir all && tar -C set/a -cf all/n01440764.tar . && tar -C set/b -cf all/n01443537.tar . && cp set/a/1 all/z \
            && tar -C all -cf all.tar .
            """, in: folder)
        let tree = try FileTree(folder.file(isArchive ? "all.tar" : "all"), cache: nil)
        #expect(
            tree.files.map(\.path) == ["n01440764/1", "n01440764/2", "n01443537/4", "n01443537/c/3", "z"])
        #expect(try text(tree, "n01443537/c/3") == "b/c/3")
        #expect(try text(tree, "z") == "a/1")
    }

    /// What was unpacked often lies beside its archive: its images are not there twice, and it is no class.
    @Test func anArchiveOfFoldersBesideFoldersIsLeftOut() throws {
        let folder = try TemporaryFolder()
        try Self.makeSet(folder)
        try Self.shell(
            """
            tar -cf set/copy.tar -C set a b && tar -cf set/flat.tar -C set/a 1 && echo text > set/notes.tar \
            && mkdir other && cp set/copy.tar other/train.tar && cp set/flat.tar other/z.tar
            """, in: folder)
        let set = try FileTree(folder.file("set"), cache: nil)
        #expect(set.files.map(\.path) == ["a/1", "a/2", "b/4", "b/c/3", "flat/1", "notes.tar", "é/5"])
        #expect(set.unpacked == ["copy.tar"])
        let other = try FileTree(folder.file("other"), cache: nil)
        #expect(other.files.map(\.path) == ["train/a/1", "train/a/2", "train/b/4", "train/b/c/3", "z/1"])
    }

    @Test func namesKeepTheirBytes() throws {
        let folder = try TemporaryFolder()
        try Self.makeSet(folder)
        // Latin-1, and an accent in two spellings that are the same text and two files.
        try Self.shell(
            "printf one > $'set/caf\\xe9' && printf two > $'set/e\\xcc\\x81' && printf three > $'set/\\xc3\\xa9x' && tar -cf set.tar set",
            in: folder)
        for path in ["set", "set.tar"] {
            let tree = try FileTree(folder.file(path), cache: nil)
            let top = path == "set" ? "" : "set/"
            #expect(try text(tree, top + String(pathBytes: Array("caf".utf8) + [0xE9])) == "one")
            #expect(tree.files.map { $0.path.withEscapedBytes }.contains(top + "caf\\xE9"))
        }
    }

    // MARK: What is unpacked

    @Test func compressedArchivesAreUnpackedOnce() throws {
        let folder = try TemporaryFolder()
        try Self.makeSet(folder)
        try Self.shell("tar -czf set.tar.gz set", in: folder)
        let cache = folder.file("cache")
        var reports = 0
        let first = try FileTree(folder.file("set.tar.gz"), cache: cache) { _ in reports += 1 }
        #expect(reports > 0)
        let kept = UnpackedArchive.kept(in: cache)
        #expect(kept.count == 1)
        let second = try FileTree(folder.file("set.tar.gz"), cache: cache) { _ in Issue.record("unpacked again") }
        #expect(first.files.map(\.path) == second.files.map(\.path))
        // Another archive in its place is another one.
        try Self.shell("echo more > set/a/9 && tar -czf set.tar.gz set", in: folder)
        let third = try FileTree(folder.file("set.tar.gz"), cache: cache)
        #expect(third.files.count == first.files.count + 1)
        #expect(UnpackedArchive.kept(in: cache).count == 2)
    }

    @Test func withoutACacheNothingStays() throws {
        let folder = try TemporaryFolder()
        try Self.makeSet(folder)
        try Self.shell("tar -czf set.tar.gz set", in: folder)
        let tree = try FileTree(folder.file("set.tar.gz"), cache: nil)
        #expect(try text(tree, "set/a/1") == "a/1")
        let temporary = try TemporaryFolder()
        let file = try UnpackedArchive.file(of: folder.file("set.tar.gz"), cache: nil, temporary: temporary.path) { _ in
        }
        // The name is gone, and the bytes are there.
        #expect(try temporary.contents.isEmpty)
        #expect(try ArchiveIndex(file.bytes, path: "set")?.files.count == 5)
    }

    @Test func damagedArchivesAreErrorsAndLeaveNothing() throws {
        let folder = try TemporaryFolder()
        try Self.makeSet(folder)
        // Incompressible, so that half an archive is half the files.
        try Self.shell(
            "head -c 300000 /dev/urandom > set/noise && tar -czf set.tar.gz set && tar -cf set.tar set", in: folder)
        let cache = folder.file("cache")
        for name in ["set.tar.gz", "set.tar"] {
            let whole = [UInt8](try Data(contentsOf: URL(fileURLWithPath: folder.file(name))))
            let cut = try folder.file("cut-" + name, Array(whole.prefix(whole.count / 2)))
            let error = #expect(throws: ArchiveError.self) { try FileTree(cut, cache: cache) }
            guard case .malformed(cut, _) = error else {
                Issue.record("\(String(describing: error))")
                continue
            }
        }
        #expect(UnpackedArchive.kept(in: cache).isEmpty)
        let text = try folder.file("notes.txt", Array("not an archive".utf8))
        #expect(throws: ArchiveError.notAnArchive(path: text)) { try FileTree(text, cache: cache) }
        #expect(throws: ArchiveError.self) { try FileTree(folder.file("empty", []), cache: cache) }
        #expect(throws: ArchiveError.unreadable(path: folder.file("none"), problem: "no such file or directory")) {
            try FileTree(folder.file("none"), cache: cache)
        }
    }

    /// A name too long for a header stands in an entry of its own before that header, where an archive can be cut as well.
    @Test(arguments: ["posix", "gnu"], [false, true])
    func tarsCutAnywhereAreErrors(_ format: String, isCompressed: Bool) throws {
        let folder = try TemporaryFolder()
        let name = String(repeating: "long", count: 40)
        try Self.shell(
            "mkdir set && for i in 1 2 3; do head -c 700 /dev/urandom > set/\(name)$i; done"
                + " && tar --format=\(format) -cf set.tar set/*", in: folder)
        let whole = [UInt8](try Data(contentsOf: URL(fileURLWithPath: folder.file("set.tar"))))
        let end = try #require(whole.lastIndex { $0 != 0 }) / 512 * 512 + 512
        let complete = try FileTree(folder.file("set.tar"), cache: nil).files.count
        #expect(complete == 3)
        // Nothing tells of entries behind a cut between two of them, which none of these lengths is.
        for length in stride(from: 512, to: end, by: 170) {
            var path = try folder.file("cut.tar", Array(whole.prefix(length)))
            if isCompressed {
                try Self.shell("gzip -f cut.tar", in: folder)
                path = folder.file("cut.tar.gz")
            }
            #expect(throws: ArchiveError.self, "\(length) of \(end) bytes") { try FileTree(path, cache: nil) }
        }
    }

    /// A few bytes that say they are gigabytes: nothing is written for them.
    @Test func sizesThatAreNotThereAreErrors() throws {
        let folder = try TemporaryFolder()
        var zip = [UInt8](try Data(contentsOf: URL(fileURLWithPath: Fixtures.path("archives/set.zip"))))
        let central = try #require(zip.indices.first { zip[$0...].starts(with: [0x50, 0x4B, 1, 2]) })
        #expect(try FileTree(folder.file("sound.zip", zip), cache: nil).files.count == 3)
        // The size of the first file, where it lies and in the list at the end.
        for index in 0..<4 {
            zip[central + 24 + index] = 0x7E
            zip[22 + index] = 0x7E
        }
        let path = try folder.file("set.zip", zip)
        let error = #expect(throws: ArchiveError.self) { try FileTree(path, cache: nil) }
        guard case .malformed(path, _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        try Self.makeSet(folder)
        try Self.shell(
            "truncate -s 3G set/hole && tar --sparse -cf hole.tar set && tar --sparse -czf hole.tar.gz set", in: folder)
        for name in ["hole.tar", "hole.tar.gz"] {
            #expect(throws: ArchiveError.self) { try FileTree(folder.file(name), cache: nil) }
        }
    }

    /// Links to folders of links to folders: a few hundred bytes that name any number of files.
    @Test func linksThatMultiplyAreRefused() throws {
        let folder = try TemporaryFolder()
        try Self.makeSet(folder)
        try Self.shell(
            """
            mkdir bomb && cd bomb && mkdir 0 && touch 0/x && for i in $(seq 1 25); do mkdir $i; \
            ln -s ../$((i - 1)) $i/a; ln -s ../$((i - 1)) $i/b; done && tar -cf ../bomb.tar .
            """, in: folder)
        #expect(throws: ArchiveError.self) { try FileTree(folder.file("bomb.tar"), cache: nil) }
    }
}
