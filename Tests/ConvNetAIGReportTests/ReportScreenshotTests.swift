import ConvNetAIGReport
import Foundation
import TestSupport
import Testing

/// The page in a browser. `REPORT_SCREENSHOTS` names a folder to keep the pictures in.
@Suite(
    .serialized, .timeLimit(.minutes(5)),
    .enabled(if: Browser.installed != nil, "there is no Chromium on the path, nor does CHROMIUM name one"))
struct ReportScreenshotTests {
    private let temporary: TemporaryFolder
    private let browser: Browser
    /// Where the pictures go.
    private let folder: String

    init() throws {
        temporary = try TemporaryFolder()
        browser = try #require(Browser.installed)
        let kept = ProcessInfo.processInfo.environment["REPORT_SCREENSHOTS", default: ""]
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
            classes: (1...40).map { "class with the long name \($0)" }, stages: [18, 18, 18], picturesPerClass: 30,
            examplesPerClass: 2)
        try check(ReportPage(sample.make()), name: "large", width: width, dark: false)
    }

    @Test(arguments: [1280, 390]) func smallestReportFits(width: Int) throws {
        var sample = SampleFigures(classes: ["cat"], stages: [0, 1], picturesPerClass: 5, examplesPerClass: 1)
        try check(ReportPage(sample.make()), name: "small", width: width, dark: true)
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
        try probe.screenshot(browser, width: width, height: 4000, dark: dark, to: path)
        let picture = try Data(contentsOf: URL(fileURLWithPath: path))
        // A page without charts and text would be a few kilobytes.
        #expect(picture.starts(with: [0x89, 0x50, 0x4E, 0x47]))
        #expect(picture.count > 40_000)
        return result
    }
}
