import Testing

@testable import aig_benchmark

@Suite struct SyntheticImageTests {
    @Test func aFunctionOfNumberAndSeed() throws {
        let image = try SyntheticImage(number: 3, seed: 5).image(side: 32)
        #expect(try SyntheticImage(number: 3, seed: 5).image(side: 32) == image)
        #expect(try SyntheticImage(number: 4, seed: 5).image(side: 32) != image)
        #expect(try SyntheticImage(number: 3, seed: 6).image(side: 32) != image)
    }

    /// Neighbours are alike, and the whole is not of one colour.
    @Test func smoothAndNotFlat() throws {
        let side = 64
        let pixels = try SyntheticImage(number: 0, seed: 1).image(side: side).pixels
        #expect(pixels.count == 3 * side * side)
        for channel in 0..<3 {
            let first = (0..<side * side).map { Int(pixels[3 * $0 + channel]) }
            let range = (first.max() ?? 0) - (first.min() ?? 0)
            #expect(range > 60)
            let steps = first.indices.dropLast().filter { $0 % side != side - 1 }.map {
                abs(first[$0 + 1] - first[$0])
            }
            // 6 waves of 32 levels, at most 4 periods in 64 pixels: a slope of at most 76 where all agree.
            #expect(steps.reduce(0, +) < 16 * steps.count)
        }
    }
}
