import ConvNetAIGReport
import Foundation
import TestSupport
import Testing

/// The page in a browser. `REPORT_SCREENSHOTS` names a folder to keep the images in.
@Suite(
    .serialized, .timeLimit(.minutes(5)),
    .enabled(if: Browser.installed != nil, "there is no Chromium on the path, nor does CHROMIUM name one"))
struct ReportScreenshotTests {
    private let temporary: TemporaryFolder
    private let browser: Browser
    /// Where the images go.
    private let folder: String
    private let isKept: Bool

    init() throws {
        temporary = try TemporaryFolder()
        browser = try #require(Browser.installed)
        let kept = ProcessInfo.processInfo.environment["REPORT_SCREENSHOTS", default: ""]
        isKept = !kept.isEmpty
        folder = kept.isEmpty ? temporary.path : kept
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    @Test(arguments: [1280, 390, 360], [false, true])
    func pageFitsAndNothingOverlaps(width: Int, dark: Bool) throws {
        var sample = SampleFigures()
        let result = try check(ReportPage(sample.make()), name: "report", width: width, dark: dark)
        // The charts of the other width are hidden, and those of this one are not.
        #expect(result.charts > 50)
        #expect(result.texts > 200)
    }

    @Test(arguments: [1280, 390]) func largeReportFits(width: Int) throws {
        var sample = SampleFigures(
            classes: (1...40).map { "class with the long name \($0)" }, stages: [18, 18, 18], imagesPerClass: 30,
            examplesPerClass: 2)
        try check(ReportPage(sample.make()), name: "large", width: width, dark: false)
    }

    @Test(arguments: [1280, 390]) func smallestReportFits(width: Int) throws {
        var sample = SampleFigures(classes: ["cat"], stages: [0, 1], imagesPerClass: 5, examplesPerClass: 1)
        try check(ReportPage(sample.make()), name: "small", width: width, dark: true)
    }

    @Test func pageIsPrinted() throws {
        var sample = SampleFigures()
        let page = temporary.file("print.html")
        try ReportPage(sample.make()).html().write(toFile: page, atomically: true, encoding: .utf8)
        try browser.pdf(of: page, to: folder + "/report.pdf")
        let text = try Data(contentsOf: URL(fileURLWithPath: folder + "/report.pdf"))
        #expect(text.starts(with: Array("%PDF".utf8)))
        // As many pages as the tree of pages says, and not one for each image.
        let count = String(decoding: text, as: UTF8.self).matches(of: /\/Type \/Page\b/).count
        #expect((5...16).contains(count))
    }

    @discardableResult
    private func check(_ page: ReportPage, name: String, width: Int, dark: Bool) throws -> PageProbe.Result {
        let probe = try PageProbe(page.html(), name: name, in: temporary.path)
        let result = try probe.measure(browser, width: width, dark: dark)
        #expect(result.innerWidth == width)
        #expect(result.isDark == dark)
        #expect(result.scrollWidth <= result.innerWidth)
        #expect(result.clipped == [])
        #expect(result.overlapping == [])
        #expect(result.sticking == [])
        let path = folder + "/\(name)-\(width)-\(dark ? "dark" : "light").png"
        // All of it is for people to look at; a test needs no more than the beginning.
        try probe.screenshot(browser, width: width, height: isKept ? result.height : 2000, dark: dark, to: path)
        let colors = try ImageProbe.colors(of: path, browser, in: temporary.path)
        #expect(colors.distinct > 40)
        // The page itself has most of the surface.
        #expect(dark ? colors.commonest < 0x40_4040 : colors.commonest == 0xFF_FFFF)
        return result
    }
}
