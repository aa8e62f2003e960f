import Charts
import Testing

@Suite struct HeatScaleTests {
    @Test(arguments: [false, true]) func lettersCanBeReadOnEveryShade(dark: Bool) {
        let shades = HeatScale.shades(dark: dark)
        #expect(shades.count == HeatScale.steps)
        for shade in shades { #expect(shade.contrast(with: HeatScale.ink(on: shade)) >= 4.5) }
        // From the page's own colour away.
        let paper = RGB(dark ? 0x15181B : 0xFFFFFF)
        let contrasts = shades.map { $0.contrast(with: paper) }
        #expect(contrasts == contrasts.sorted())
    }

    @Test(arguments: [(-1.0, 0), (0, 0), (0.5, 5), (0.96, 10), (7, 10), (.nan, 0)])
    func shadesFollowValues(value: Double, step: Int) {
        #expect(HeatScale.step(value) == step)
    }

    @Test func contrastIsThatOfTheStandard() {
        #expect(abs(RGB(0x000000).contrast(with: RGB(0xFFFFFF)) - 21) < 1e-9)
        #expect(abs(RGB(0x777777).contrast(with: RGB(0xFFFFFF)) - 4.48) < 0.01)
    }
}
