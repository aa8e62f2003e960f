import Foundation
import TestSupport
import Testing

@testable import FileSystem

@Suite struct FoldersTests {
    @Test(arguments: [
        ("a", "."), ("a/", "."), ("/", "/"), ("/a", "/"), ("a/b", "a"), ("/a/b//", "/a"), ("../x", ".."), ("é/日", "é"),
    ])
    func foldersOfPaths(_ path: String, _ expected: String) { #expect(folder(of: path) == expected) }

    @Test func namesOfAnyBytesComeBack() throws {
        let top = try TemporaryFolder()
        let name = String(pathBytes: [0x61, 0xFF, 0x0A])
        try createFolders(top.file("x/" + name + "/y"))
        #expect(try folderContents(top.file("x")) == [name])
        #expect(resolvedPath(top.file("x/./" + name + "/y/.."))?.hasSuffix("/x/" + name) == true)
        #expect(resolvedPath(top.file("none")) == nil && resolvedPath("a\0b") == nil)
        #expect(throws: FileError.self) { try folderContents(top.file("none")) }
        #expect(throws: FileError.self) { try folderContents("a\0b") }
    }

    @Test func filesAreReadToTheirEndOrALimit() throws {
        let top = try TemporaryFolder()
        let bytes = (0..<200_000).map { UInt8(truncatingIfNeeded: $0 * 7) }
        let path = try top.file("a", bytes)
        #expect(try readBytes(path) == bytes)
        #expect(try readBytes(path, limit: 100_001) == Array(bytes.prefix(100_001)))
        #expect(try readBytes(try top.file("empty", [])).isEmpty)
        #expect(throws: FileError.unreadable(path: top.path, problem: "is a directory")) { try readBytes(top.path) }
    }
}
