import Archives
import Foundation
import Images
import TestSupport
import Testing

@testable import Datasets

/// Sets of images of every kind at once, with files among them that are called images and are none.
@Suite struct FoundImagesTests {
    private func copy(_ names: [String], to folder: TemporaryFolder) throws {
        try FileManager.default.createDirectory(atPath: folder.file("cat"), withIntermediateDirectories: true)
        for name in names {
            try FileManager.default.copyItem(
                atPath: Fixtures.path("pictures/\(name)"), toPath: folder.file("cat/\(name)"))
        }
    }

    private static let readable = [
        "animated.webp", "bilevel.png", "cmyk.jpg", "grey-alpha.png", "grey.jpg", "grey16.png", "one.png",
        "orientation-6.jpg", "palette-trns.png",
    ]

    /// Each of the others is left out for a reason of its own.
    @Test func everyKindIsReadOrNamed() throws {
        let folder = try TemporaryFolder()
        try copy(Self.readable, to: folder)
        let others: [(name: String, bytes: [UInt8], reason: String)] = [
            ("z-empty.png", [], "empty"), ("z-page.jpg", Array("<!DOCTYPE html><html>".utf8), "HTML"),
            ("z-phone.jpg", Array("\0\0\0\u{18}ftypheic\0\0\0\0".utf8), "HEIF"),
            ("z-pointer.png", Array("version https://git-lfs.github.com/spec/v1\n".utf8), "git lfs pull"),
            ("z-short.jpg", [0xFF, 0xD8, 0xFF], "truncated or damaged"), ("z-spinner.jpg", Array("GIF89a".utf8), "GIF"),
        ]
        for other in others { _ = try folder.file("cat/" + other.name, other.bytes) }
        let set = try DataSource(path: folder.path).train
        #expect((0..<set.count).map(set.name) == (Self.readable + others.map(\.name)).map { "cat/" + $0 })
        for index in 0..<set.count {
            let expected = others.first { set.name(index).hasSuffix($0.name) }?.reason
            do {
                let image = try set.image(index)
                #expect(expected == nil && image.width >= 1 && image.height >= 1, "\(set.name(index))")
            } catch {
                #expect(expected.map("\(error)".contains) == true, "\(error)")
                #expect("\(error)".contains(set.name(index)), "\(error)")
            }
        }
    }

    @Test func orientationIsAppliedUnlessItIsIgnored() throws {
        let folder = try TemporaryFolder()
        try copy(["orientation-6.jpg"], to: folder)
        let upright = try DataSource(path: folder.path).train.image(0)
        let stored = try DataSource(path: folder.path, options: .init(appliesOrientation: false)).train.image(0)
        #expect(upright.width == stored.height && upright.height == stored.width && upright.width != upright.height)
        // A quarter turn clockwise: the first row was the first column, from its end.
        let row = (0..<upright.width).map { x in upright.pixels[3 * x] }
        let column = (0..<stored.height).reversed().map { y in stored.pixels[3 * y * stored.width] }
        #expect(row == column)
    }

    /// What is no image in all classes but one costs that class nothing.
    @Test func damagedFilesKeepTheirPlaces() throws {
        let folder = try DataSourceTests.makeFolder(["ant/1.png", "bee/1.png"])
        try copy(["grey.jpg"], to: folder)
        let set = try DataSource(path: folder.path).train
        #expect(set.classes == ["ant", "bee", "cat"])
        let readable = (0..<set.count).filter { (try? set.image($0)) != nil }
        #expect(readable.map { set.classes[set.label($0)] } == ["cat"])
    }
}
