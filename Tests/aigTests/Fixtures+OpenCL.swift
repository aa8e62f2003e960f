import Foundation
import OpenCL
import TestSupport

extension Fixtures {
    /// Whether there is a device to run on.
    static let hasOpenCL = (try? Device.all())?.isEmpty == false

    /// The backends to test.
    static let backends = hasOpenCL ? ["opencl", "reference"] : ["reference"]

    /// The bytes of a file in Tests/Fixtures.
    static func contents(_ name: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: URL(fileURLWithPath: path(name))))
    }
}
