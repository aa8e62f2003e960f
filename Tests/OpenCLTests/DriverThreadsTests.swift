import Foundation
import Testing

@testable import OpenCL

@Suite struct DriverThreadsTests {
    /// The tests themselves may be confined to some of the cores: then nothing may be set.
    @Test func whatIsSetIsWhatIsSaid() {
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
