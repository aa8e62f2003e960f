import Foundation

/// A sequence of random numbers from a seed: SplitMix64 (Steele, Lea and Flood, 2014).
struct RandomNumbers {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
        return value ^ value >> 31
    }

    /// A number of `0..<bound`; 0 where there is none.
    mutating func below(_ bound: Int) -> Int { bound > 0 ? Int(next() % UInt64(bound)) : 0 }
}

/// Damages files as disks, networks and attackers do. An input is a function of the kind, the seed and its index.
struct Mutator {
    private let kind: FuzzKind
    private let samples: [[UInt8]]

    /// Larger inputs are cut: most of their bytes would be samples of images.
    private static let largest = 1 << 17
    /// Sizes and counts on the borders of what is handled.
    private static let extremes: [UInt64] = [
        0, 1, 0x7F, 0x80, 0xFF, 0x100, 0x7FFF, 0x8000, 0xFFFF, 0x1_0000, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF,
        1 << 32, 1 << 61, 1 << 62, .max >> 1, 1 << 63, .max - 7, .max,
    ]

    init(_ kind: FuzzKind, samples: [[UInt8]]) {
        self.kind = kind
        self.samples = samples
    }

    func input(seed: UInt64, index: Int) -> [UInt8] {
        var random = RandomNumbers(seed &* 0x2545_F491_4F6C_DD1D &+ UInt64(index) &+ kind.number << 48)
        guard !samples.isEmpty else { return [] }
        var bytes = samples[random.below(samples.count)]
        if bytes.count > Self.largest { bytes = Array(bytes.prefix(Self.largest)) }
        for _ in 0..<(random.below(2) == 0 ? 1 : 1 + random.below(6)) { mutate(&bytes, &random) }
        // Half of the inputs get beyond the check sums.
        if random.below(2) == 0 { kind.repair(&bytes) }
        return bytes
    }

    private func mutate(_ bytes: inout [UInt8], _ random: inout RandomNumbers) {
        guard !bytes.isEmpty else {
            bytes = (0..<random.below(64)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
            return
        }
        // The beginning of a file says what all the rest is.
        let place = random.below(3) == 0 ? random.below(min(bytes.count, 256)) : random.below(bytes.count)
        let length = min(1 + random.below(1 << random.below(10)), bytes.count - place)
        switch random.below(11) {
        case 0: bytes[place] ^= 1 << UInt8(random.below(8))
        case 1: bytes[place] = UInt8(truncatingIfNeeded: random.next())
        case 2, 3: write(Self.extremes[random.below(Self.extremes.count)], to: &bytes, at: place, &random)
        case 4: bytes.removeSubrange(place..<place + length)
        case 5: bytes.insert(contentsOf: Array(bytes[place..<place + length]), at: place)
        case 6: bytes.removeSubrange(place...)
        case 7:
            let other = samples[random.below(samples.count)]
            let from = random.below(other.count)
            bytes.replaceSubrange(place..., with: other[from..<min(from + Self.largest, other.count)])
        case 8:
            let target = random.below(bytes.count - length + 1)
            let part = Array(bytes[place..<place + length])
            bytes.replaceSubrange(target..<target + length, with: part)
        case 9:
            for index in place..<place + length { bytes[index] = UInt8(truncatingIfNeeded: random.next()) }
        default:
            let words = kind.words
            guard !words.isEmpty else { return bytes[place] = 0 }
            let word = words[random.below(words.count)]
            if random.below(2) == 0 {
                bytes.insert(contentsOf: word, at: place)
            } else {
                bytes.replaceSubrange(place..<min(place + word.count, bytes.count), with: word)
            }
        }
    }

    /// Writes a number of 1, 2, 4 or 8 bytes in either order, or as decimal or octal digits.
    private func write(_ value: UInt64, to bytes: inout [UInt8], at place: Int, _ random: inout RandomNumbers) {
        let text: [UInt8]
        switch random.below(6) {
        case 0: text = Array(String(value).utf8)
        case 1: text = Array(String(value, radix: 8).utf8)
        default:
            let size = 1 << random.below(4)
            let little = withUnsafeBytes(of: value.littleEndian) { Array($0.prefix(size)) }
            text = random.below(2) == 0 ? little : little.reversed()
        }
        for (offset, byte) in text.enumerated() where place + offset < bytes.count { bytes[place + offset] = byte }
    }
}
