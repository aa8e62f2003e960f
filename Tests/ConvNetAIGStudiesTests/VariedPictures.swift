import ConvNetAIG
import ConvNetAIGTraining

/// Pictures of very different colours, so that gates say different things of them. Picture i is of class i modulo 3.
struct VariedPictures: LabelledPictures {
    let path = "varied"
    let classes = ["class 0", "class 1", "class 2"]
    let count: Int
    private let generator = Philox4x32(seed: 21)

    init(_ count: Int) { self.count = count }

    func label(_ index: Int) -> Int { index % 3 }

    func name(_ index: Int) -> String { "picture \(index)" }

    func image(_ index: Int) throws -> Image {
        func words(_ place: Int) -> [UInt32] {
            let four = generator(counter: (UInt32(index), UInt32(place), 0, 0))
            return [four.0, four.1, four.2, four.3]
        }
        let color = words(0)
        let pixels = (1...64).flatMap { place in
            words(place).prefix(3).enumerated().map { channel, word in
                UInt8((3 * (color[channel] >> 24) + (word >> 24)) / 4)
            }
        }
        return try Image(width: 8, height: 8, pixels: pixels)
    }
}
