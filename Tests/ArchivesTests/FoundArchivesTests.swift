import FileSystem
import Foundation
import TestSupport
import Testing

@testable import Archives

/// Archives as they are found: called something else, made on other systems, cut, encrypted, or none at all.
@Suite struct FoundArchivesTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func shell(_ command: String) throws {
        let done = try ShellCommand.run(["env", "-C", folder.path, "bash", "-c", command])
        try #require(done.status == 0, "\(done.output)")
    }

    /// Runs Python in the folder, where `z` is the module of zip archives.
    private func python(_ program: String) throws {
        let done = try ShellCommand.run(["env", "-C", folder.path, "python3", "-c", "import zipfile as z\n" + program])
        try #require(done.status == 0, "\(done.output)")
    }

    private func paths(_ name: String) throws -> [String] {
        try FileTree(folder.file(name), cache: nil).files.map { $0.path.withEscapedBytes }
    }

    @Test(arguments: [
        "tar -czf set.tar s", "tar -cJf set.tar.gz s", "tar -cf set.zip s", "tar -cf set s", "tar -cjf set.dat s",
        "tar -cf real.tar s && ln -s real.tar set.lnk", "tar -czf real.tgz s && ln -s real.tgz set.tar",
    ])
    func archivesAreToldByWhatIsInThem(_ command: String) throws {
        try shell("mkdir -p s/cat s/dog && echo 1 > s/cat/1 && echo 2 > s/dog/2 && \(command)")
        let name = try #require(try folder.contents.first { $0.hasPrefix("set") })
        #expect(try paths(name) == ["s/cat/1", "s/dog/2"])
    }

    @Test func whatMacOSAddsIsHidden() throws {
        try python(
            """
            with z.ZipFile("mac.zip", "w") as a:
                for n in ("s/cat/1.png", "__MACOSX/s/cat/._1.png", "__MACOSX/._s", "s/.DS_Store", "s/cat/Thumbs.db"):
                    a.writestr(n, n)
            """)
        #expect(try paths("mac.zip") == ["s/cat/1.png", "s/cat/Thumbs.db"])
    }

    @Test func namesInZip() throws {
        // UTF-8 with its flag; bytes of another code page without; and an entry that needs the fields of zip64.
        try python(
            """
            with z.ZipFile("utf8.zip", "w") as a: a.writestr("é/日.png", "x")
            with z.ZipFile("old.zip", "w") as a: a.writestr("catX/1.png", "x")
            data = open("old.zip", "rb").read().replace(b"catX", b"cat\\x82")
            open("old.zip", "wb").write(data)
            with z.ZipFile("64.zip", "w", z.ZIP_DEFLATED) as a:
                with a.open("cat/1.png", "w", force_zip64=True) as f: f.write(b"x" * 100000)
            """)
        #expect(try paths("utf8.zip") == ["é/日.png"])
        #expect(try paths("old.zip") == ["cat\\x82/1.png"])
        let tree = try FileTree(folder.file("64.zip"), cache: nil)
        #expect(try tree.files.map { try tree.contents(of: $0).count } == [100_000])
    }

    @Test func whatIsCutIsAnError() throws {
        try python(
            """
            with z.ZipFile("whole.zip", "w") as a:
                for i in range(3): a.writestr(f"cat/{i}.png", "x" * 1000)
            data = open("whole.zip", "rb").read()
            # Behind whole entries, in the middle of one, and in the table of contents.
            open("entries.zip", "wb").write(data[:data.index(b"PK\\x03\\x04", 4)])
            open("middle.zip", "wb").write(data[:1500])
            open("table.zip", "wb").write(data[:-30])
            """)
        try shell(
            "mkdir s && head -c 5000 /dev/urandom > s/1 && tar -cf whole.tar s && head -c 3000 whole.tar > last.tar")
        for name in ["entries.zip", "middle.zip", "table.zip", "last.tar"] {
            let error = try #require(throws: ArchiveError.self) { try paths(name) }
            guard case .malformed = error else {
                Issue.record("\(name): \(error)")
                continue
            }
        }
    }

    /// As zip marks them: what follows is of no use without the password.
    @Test func encryptedArchivesAreCalledSo() throws {
        try python(
            """
            with z.ZipFile("a.zip", "w") as a: a.writestr("cat/1.png", "x" * 100)
            data = bytearray(open("a.zip", "rb").read())
            data[data.index(b"PK\\x03\\x04") + 6] |= 1
            data[data.index(b"PK\\x01\\x02") + 8] |= 1
            open("a.zip", "wb").write(data)
            """)
        #expect(throws: ArchiveError.encrypted(path: folder.file("a.zip"))) { try paths("a.zip") }
    }

    @Test(arguments: [
        ("", ArchiveError.Content.nothing), ("\n<!DOCTYPE html><html>", .webPage),
        ("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n", .gitLFSPointer),
        ("7z\u{BC}\u{AF}'\u{1C}\u{0}\u{4}", .sevenZip), ("Rar!\u{1A}\u{7}\u{1}\u{0}", .rar),
        ("PK\u{7}\u{8}PK\u{3}\u{4}", .partOfZip),
        ("end of the table PK\u{5}\u{6}\u{2}\u{0}\u{2}\u{0}" + String(repeating: "\u{0}", count: 14), .partOfZip),
        ("\u{FF}\u{D8}\u{FF}\u{E0}", .picture),
        ("\u{89}PNG\r\n\u{1A}\n", .picture),
    ])
    func whatIsNoArchiveIsNamed(_ text: String, _ content: ArchiveError.Content) throws {
        let path = try folder.file("set.zip", text.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) })
        #expect(throws: ArchiveError.otherContent(path: path, content)) { try FileTree(path, cache: nil) }
    }

    @Test func aCompressedImageIsNoArchive() throws {
        let path = try folder.file("one.png", [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A])
        try shell("gzip one.png")
        #expect(throws: ArchiveError.notAnArchive(path: path + ".gz")) { try FileTree(path + ".gz", cache: nil) }
    }

    @Test func aCacheThatCannotBeIsNone() throws {
        try shell("mkdir -p s/cat && echo 1 > s/cat/1 && tar -czf set.tar.gz s && touch file")
        for cache in ["/proc/none", folder.file("file") + "/cache"] {
            #expect(try FileTree(folder.file("set.tar.gz"), cache: cache).files.map(\.path) == ["s/cat/1"])
        }
        // In a folder of any bytes, where others' files are left alone.
        let cache = folder.file(String(pathBytes: [0x63, 0xE9]))
        #expect(try FileTree(folder.file("set.tar.gz"), cache: cache).files.map(\.path) == ["s/cat/1"])
        let other = cache + "/" + UnpackedArchive.folderName + "/notes.txt"
        try FileDescriptor.open(path: other, .writeOnly, options: .create).close()
        #expect(UnpackedArchive.kept(in: cache).count == 1)
        #expect(FileStatus(other) != nil)
    }

    /// What is mapped is what was there, whatever is put in its place.
    @Test func anArchiveThatIsReplacedMeanwhile() throws {
        try shell(
            "mkdir -p s/cat && echo one > s/cat/1 && tar -cf set.tar s && echo two > s/cat/1 && tar -cf new.tar s")
        let tree = try FileTree(folder.file("set.tar"), cache: nil)
        try shell("mv new.tar set.tar")
        let file = try #require(tree.files.first)
        #expect(try tree.contents(of: file).withBytes { String(decoding: $0, as: UTF8.self) } == "one\n")
    }
}
