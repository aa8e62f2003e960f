import TestSupport

@testable import Pickle

enum PickleFixtures {
    static func path(_ name: String) -> String { Fixtures.path("checkpoints/\(name).pickle") }

    static func read(_ name: String) throws -> PickleValue { try Unpickler.read(contentsOf: path(name)) }
}

/// Instructions of a pickle, as tests write them: texts are their bytes.
func instructions(_ parts: [UInt8]...) -> [UInt8] { parts.flatMap { $0 } }

func instruction(_ text: String) -> [UInt8] { Array(text.utf8) }

func littleEndian(_ number: some FixedWidthInteger) -> [UInt8] {
    withUnsafeBytes(of: number.littleEndian) { Array($0) }
}
