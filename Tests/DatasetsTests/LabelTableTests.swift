import Archives
import FileSystem
import Foundation
import TestSupport
import Testing

@testable import Datasets

/// Tables of labels as other programs and other people write them.
@Suite struct LabelTableTests {
    private static let paths = ["a 0.png", "a 1.png", "b0.png", "b1.png"]

    /// The data set is called flat, as in some of the tables.
    private func source(
        _ table: [UInt8], _ paths: [String] = Self.paths
    ) throws -> (source: DataSource, folder: TemporaryFolder) {
        let folder = try DataSourceTests.makeFolder(paths.map { "flat/" + $0 })
        let labels = try folder.file("labels", table)
        return (try DataSource(path: folder.file("flat"), labels: labels), folder)
    }

    /// Names of images and their classes.
    private func labels(_ source: DataSource) throws -> [String: String] {
        let set = try source.evaluation
        let pairs = (0..<set.count).map { (set.name($0), set.classes[set.label($0)]) }
        return Dictionary(uniqueKeysWithValues: pairs)
    }

    @Test(arguments: [
        // Spreadsheets where the comma is in numbers; with and without a word on what separates.
        "file;class\r\na 0.png;cat\r\na 1.png;dog\r\n", "sep=;\r\na 0.png;cat\r\na 1.png;dog\r\n",
        "\u{FEFF}\"a 0.png\";\"cat\"\r\n\"a 1.png\";\"dog\"\r\n",
        // From another computer, with the whole path.
        "C:\\data\\flat\\a 0.png,cat\r\nC:\\data\\flat\\a 1.png,dog\r\n",
        "/home/me/flat/a 0.png,cat\n/home/me/flat/a 1.png,dog\n", "flat/a 0.png,cat\nflat/a 1.png,dog\n",
        // As addresses, and with spaces beside the commas.
        "a%200.png,cat\na%201.png,dog\n", "a 0.png, cat\n a 1.png , dog \n",
        // pandas' numbers of rows; labels first; a label that the heading has elsewhere.
        ",image,label\n0,a 0.png,cat\n1,a 1.png,dog\n", "label,image\ncat,a 0.png\ndog,a 1.png\n",
        "image,width,height,label\na 0.png,60,40,cat\na 1.png,50,30,dog\n",
        "label,image,width\ncat,a 0.png,60\ndog,a 1.png,50\n",
        "# made by hand\na 0.png,cat\na 1.png,dog\n",
    ])
    func everyWayToWriteThem(_ table: String) throws {
        let (source, folder) = try source(Array(table.utf8))
        defer { withExtendedLifetime(folder) {} }
        #expect(try labels(source) == ["a 0.png": "cat", "a 1.png": "dog"])
        #expect(source.notes.map(\.kind) == [.unlabelled])
    }

    @Test(arguments: [String.Encoding.utf16LittleEndian, .utf16BigEndian])
    func unicodeText(_ encoding: String.Encoding) throws {
        let text = try #require("\u{FEFF}file\tclass\r\nb0.png\tchat\u{E9}\r\n".data(using: encoding))
        let (source, folder) = try source(Array(text))
        defer { withExtendedLifetime(folder) {} }
        #expect(try labels(source) == ["b0.png": "chat\u{E9}"])
    }

    @Test(arguments: ["b0.png 3\nb1.png 11\n", "b0.png  3 \nb1.png 11", "b0.png,3.0\nb1.png,11.0\n"])
    func listsAndNumbers(_ table: String) throws {
        let (source, folder) = try source(Array(table.utf8))
        defer { withExtendedLifetime(folder) {} }
        #expect(try source.train.classes == ["3", "11"])
        #expect(try labels(source) == ["b0.png": "3", "b1.png": "11"])
    }

    @Test func labelsThatAreNoWholeNumbersStay() throws {
        let (source, folder) = try source(Array("b0.png,3.0\nb1.png,3.5\n".utf8))
        defer { withExtendedLifetime(folder) {} }
        #expect(try labels(source) == ["b0.png": "3.0", "b1.png": "3.5"])
    }

    @Test func imagesWithoutOneLabelAreLeftOutWithAWord() throws {
        let (source, folder) = try source(
            Array("a 0.png,cat\na 0.png,dog\na 1.png,\nb0.png,cat\nb0.png,cat\nb1.png,dog\n".utf8))
        defer { withExtendedLifetime(folder) {} }
        #expect(try labels(source) == ["b0.png": "cat", "b1.png": "dog"])
        #expect(
            source.notes.map(\.description) == [
                "1 picture left out: with several labels (a 0.png)", "1 picture left out: without a label (a 1.png)",
            ])
    }

    /// A table of the training images must not label test images that are called alike.
    @Test(arguments: [
        "train/b0.png,cat\ntrain/b1.png,dog\n", "https://example.com/b0.png,cat\nhttps://example.com/b1.png,dog\n",
    ])
    func otherImagesOfTheSameNameAreNotTaken(_ table: String) throws {
        let folder = try DataSourceTests.makeFolder(["flat/b0.png", "flat/b1.png"])
        let labels = try folder.file("labels", Array(table.utf8))
        #expect(throws: DatasetError.noLabelledImage(path: folder.file("flat"), labels: labels)) {
            try DataSource(path: folder.file("flat"), labels: labels)
        }
    }

    @Test func aQuoteWithoutAnEndIsAnError() throws {
        let folder = try DataSourceTests.makeFolder(["b0.png", "b1.png"])
        let labels = try folder.file("labels", Array("b0.png,cat\nb1.png,\"dog\n".utf8))
        #expect(throws: DatasetError.unreadable(path: labels, reason: "a quote that begins in line 2 has no end")) {
            try DataSource(path: folder.path, labels: labels)
        }
    }

    @Test func spreadsheetsAreNoTables() throws {
        let folder = try DataSourceTests.makeFolder(["b0.png"])
        let sheet = try folder.file("labels.xlsx", [0x50, 0x4B, 0x03, 0x04, 0x14, 0x00])
        let error = try #require(throws: DatasetError.self) { try DataSource(path: folder.path, labels: sheet) }
        #expect(error.description.contains("save the table as CSV"))
    }

    @Test func percentSignsAreNamesToo() throws {
        let (source, folder) = try source(Array("50%25.png,half\n100%.png,whole\n".utf8), ["50%25.png", "100%.png"])
        defer { withExtendedLifetime(folder) {} }
        #expect(try labels(source) == ["50%25.png": "half", "100%.png": "whole"])
    }
}
