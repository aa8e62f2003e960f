import Foundation
import TestSupport
import Testing

@Suite struct KernelSourceTests {
    /// `restrict` on a helper's parameters becomes scopes of aliasing wherever it is inlined, which simulators
    /// (Oclgrind) take for calls of an unknown function: the kernel is not found then. Kernels themselves have it.
    @Test func helpersPromiseNothingAboutAliasing() throws {
        let folder = Fixtures.path("../../Kernels")
        let files = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".cl") }
        var helpers = 0
        for file in files {
            let source = try String(contentsOfFile: "\(folder)/\(file)", encoding: .utf8)
            for match in source.matches(of: #/static inline [^;{}]*?\)\s*\{/#) {
                helpers += 1
                #expect(!match.output.contains("restrict"), "\(file): \(match.output)")
            }
        }
        #expect(helpers > 0)
    }
}
