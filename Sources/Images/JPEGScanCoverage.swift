/// Which coefficients of a JPEG image the scans hold, and how precisely (ITU-T T.81, B.2.2 and B.2.3): progressive
/// files send them little by little, others a component or all at a time.
struct JPEGScanCoverage {
    private static let coefficientCount = 64

    /// Of each component, by its identifier: the lowest bit sent of each coefficient, or nil if none is.
    private var lowestBits: [UInt8: [Int?]] = [:]

    /// Whether the scans hold every coefficient of every component to its last bit.
    var isComplete: Bool {
        !lowestBits.isEmpty && lowestBits.values.allSatisfy { bits in bits.allSatisfy { $0 == 0 } }
    }

    /// Takes in a frame header, from its length on.
    mutating func addFrame(_ segment: UnsafeRawBufferPointer) {
        guard let componentCount = segment.number(at: 7, byteCount: 1, .bigEndian) else { return }
        for index in 0..<componentCount where 8 + 3 * index < segment.count {
            lowestBits[segment[8 + 3 * index]] = Array(repeating: nil, count: JPEGScanCoverage.coefficientCount)
        }
    }

    /// Takes in a scan header, from its length on.
    mutating func addScan(_ segment: UnsafeRawBufferPointer) {
        guard let componentCount = segment.number(at: 2, byteCount: 1, .bigEndian),
            let rest = segment.part(at: 3 + 2 * componentCount, count: 3)
        else { return }
        let (first, last, lowestBit) = (Int(rest[0]), Int(rest[1]), Int(rest[2] & 15))
        guard first <= last, last < JPEGScanCoverage.coefficientCount else { return }
        for index in 0..<componentCount {
            for coefficient in first...last { lowestBits[segment[3 + 2 * index]]?[coefficient] = lowestBit }
        }
    }
}
