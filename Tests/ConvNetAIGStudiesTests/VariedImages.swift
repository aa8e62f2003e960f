import ConvNetAIG
import ConvNetAIGTraining

/// Images of very different colours, so that gates say different things of them. ImageResult i is of class i modulo 3.
struct VariedImages: Dataset {
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
        let color = words(0).map { $0 >> 24 }
        var pixels: [UInt8] = []
        for place in 1...64 {
            let noise = words(place).map { $0 >> 24 }
            for channel in 0..<3 { pixels.append(UInt8((3 * color[channel] + noise[channel]) / 4)) }
        }
        return try Image(width: 8, height: 8, pixels: pixels)
    }
}
