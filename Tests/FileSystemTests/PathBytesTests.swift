import Foundation
import Testing

@testable import FileSystem

@Suite struct PathBytesTests {
    @Test(
        arguments: [
            [], Array("plain.png".utf8), Array("é/ü.png".utf8), [0x63, 0x61, 0x66, 0xE9], [0xFF, 0xFE, 0x80],
            // Half a character, then a whole one; a surrogate; a character too long by a byte.
            [0xE2, 0x82, 0x41, 0xE2, 0x82, 0xAC], [0xED, 0xA0, 0x80], [0xF0, 0x82, 0x82, 0xAC],
            // The character that stands for 0xE9, as a name may have it itself.
            Array("\u{10FEE9}".utf8), Array("a\u{10FE80}\u{10FEFF}b".utf8), [0xF4, 0x8F, 0xBA],
        ] as [[UInt8]])
    func bytesComeBack(_ bytes: [UInt8]) {
        let text = String(pathBytes: bytes)
        #expect(text.pathBytes == bytes)
        #expect(text.withPathBytes { Array(UnsafeRawBufferPointer(start: $0, count: strlen($0))) } == bytes)
    }

    @Test func utf8StaysAsItIs() {
        let text = "straße/日本.png"
        #expect(String(pathBytes: Array(text.utf8)) == text)
        #expect(text.withEscapedBytes == text)
    }

    @Test func otherBytesAreShownEscaped() {
        #expect(String(pathBytes: Array("caf".utf8) + [0xE9] + Array(".png".utf8)).withEscapedBytes == "caf\\xE9.png")
    }
}
