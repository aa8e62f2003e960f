import ConvNetAIG

/// A sequence of random numbers that depends on a seed and on what it is for, and on nothing drawn before.
struct RandomWords {
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
    private var left = 0

    /// - Parameter stream: two numbers, of which the lower 32 bits count, such as an image's index and an epoch.
    init(seed: UInt64, purpose: Purpose, stream: (Int, Int)) {
        generator = Philox4x32(seed: seed)
        self.purpose = purpose.rawValue
        self.stream = (UInt32(truncatingIfNeeded: stream.0), UInt32(truncatingIfNeeded: stream.1))
    }

    private mutating func next() -> UInt32 {
        if left == 0 {
            words = generator(counter: (block, stream.0, stream.1, purpose))
            block &+= 1
            left = 4
        }
        left -= 1
        let word = words.0
        words = (words.1, words.2, words.3, 0)
        return word
    }

    /// A number of `0..<bound`, for bounds from 1 to 2^32. Some are likelier than others by a share of bound / 2^32 at
    /// most.
    mutating func below(_ bound: Int) -> Int {
        Int((UInt64(next()) * UInt64(bound)) >> 32)
    }

    /// A number from the lower bound on and below the upper one.
    mutating func uniform(_ range: ClosedRange<Double>) -> Double {
        range.lowerBound + (range.upperBound - range.lowerBound) * Double(next()) * 0x1p-32
    }

    /// True half the time.
    mutating func coin() -> Bool { next() >> 31 == 1 }

    /// Every order is equally likely (Fisher and Yates).
    mutating func shuffled(_ elements: some Sequence<Int>) -> [Int] {
        var elements = Array(elements)
        for index in stride(from: elements.count - 1, to: 0, by: -1) {
            elements.swapAt(index, below(index + 1))
        }
        return elements
    }
}
