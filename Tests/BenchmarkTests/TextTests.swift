import Testing

@testable import aig_benchmark

@Suite struct TextTests {
    @Test func tableIsAligned() {
        var table = TextTable([("name", .left), ("n", .right)])
        table.appendGap()
        table.append(["a", "1"])
        table.appendGap()
        table.appendGap()
        table.append(["longer", "1000", "beyond the last column"])
        #expect(
            table.text == """
                name       n
                ------  ----
                a          1

                longer  1000
                """)
    }

    @Test func missingCellsAreEmpty() {
        var table = TextTable([("a", .left), ("b", .right)])
        table.append(["x"])
        #expect(table.text == "a  b\n-  -\nx")
    }

    @Test func numbers() {
        #expect(
            [0.1234, 0.99951, 1.2345, 9.9951, 12.345, 99.951, 123.4].map(NumberText.short)
                == ["0.123", "1.00", "1.23", "10.0", "12.3", "100", "123"])
        #expect(NumberText.short(.nan) == "-")
        #expect(NumberText.large(272_474) == "272 k")
        #expect(NumberText.large(999_600) == "1.00 M")
        #expect(NumberText.large(40_813_184) == "40.8 M")
        #expect(NumberText.large(7_801_405_440) == "7.80 G")
        #expect(NumberText.large(999_600_000) == "1.00 G")
        #expect(NumberText.percent(0.7188) == "71.9 %")
        #expect(NumberText.factor(1.5) == "1.50x")
    }

    @Test func wrapping() {
        #expect(TextWrapping.wrapped("one two three", width: 8, indent: "  ") == "one two\n  three")
        #expect(TextWrapping.wrapped("averylongword b", width: 4) == "averylongword\nb")
        #expect(TextWrapping.wrapped("", width: 4) == "")
    }
}
