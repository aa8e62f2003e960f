import Foundation
import Testing

@testable import OpenCL

@Suite struct DriverThreadsTests {
    /// In a process of its own: another thread may be starting a program, with the environment that this one changes. The
    /// tests may be confined to some of the cores: then nothing may be set.
    @Test func whatIsSetIsWhatIsSaid() async {
        await #expect(processExitsWith: .success) {
            let before = getenv("POCL_AFFINITY").map { String(cString: $0) }
            let isBound = DriverThreads.bindToCores()
            let after = getenv("POCL_AFFINITY").map { String(cString: $0) }
            #expect(isBound == (after != nil))
            if let before { #expect(after == before) }
            // Once more changes nothing.
            #expect(DriverThreads.bindToCores() == isBound)
            #expect(getenv("POCL_AFFINITY").map { String(cString: $0) } == after)
        }
    }
}
