import ConvNetAIG

/// A sequence of random numbers that depends only on a seed and on what it is used for, not on anything drawn before.
struct RandomSequence {
    /// Keeps the sequences of different uses of one seed apart.
    enum Purpose: UInt32 {
        case shuffle = 0x5348_5546
        case augmentation = 0x4155_474D
        case holdOut = 0x484F_4C44
    }

    private let generator: Philox4x32
    private let purpose: UInt32
    private let stream: (UInt32, UInt32)
    private var block: UInt32 = 0
    private var words: (UInt32, UInt32, UInt32, UInt32) = (0, 0, 0, 0)
    private var remaining = 0

    /// - Parameters:
    ///   - purpose: what the numbers are for.
    ///   - stream: two numbers, such as an image's index and an epoch; their lower 32 bits count.
    init(seed: UInt64, purpose: Purpose, stream: (Int, Int)) {
        generator = Philox4x32(seed: seed)
        self.purpose = purpose.rawValue
        self.stream = (UInt32(truncatingIfNeeded: stream.0), UInt32(truncatingIfNeeded: stream.1))
    }

    private mutating func next() -> UInt32 {
        if remaining == 0 {
            words = generator(counter: (block, stream.0, stream.1, purpose))
            block &+= 1
            remaining = 4
        }
        remaining -= 1
        let word = words.0
        words = (words.1, words.2, words.3, 0)
        return word
    }

    /// A number in `0..<bound`, for bounds from 1 to 2^32. Some numbers are likelier than others, by a share of at most
    /// bound / 2^32.
    mutating func below(_ bound: Int) -> Int {
        Int((UInt64(next()) * UInt64(bound)) >> 32)
    }

    /// A number from the lower bound up to, but not including, the upper one.
    mutating func uniform(_ range: ClosedRange<Double>) -> Double {
        range.lowerBound + (range.upperBound - range.lowerBound) * Double(next()) * 0x1p-32
    }

    /// True half the time.
    mutating func coin() -> Bool { next() >> 31 == 1 }

    /// The elements in random order. Every order is equally likely (Fisher and Yates).
    mutating func shuffled(_ elements: some Sequence<Int>) -> [Int] {
        var elements = Array(elements)
        for index in stride(from: elements.count - 1, to: 0, by: -1) {
            elements.swapAt(index, below(index + 1))
        }
        return elements
    }
}
