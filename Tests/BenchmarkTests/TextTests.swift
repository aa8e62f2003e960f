import Terminal
import Testing

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

    @Test func markdown() {
        var table = TextTable([("name", .left), ("n", .right)])
        table.append(["a|b", "1"])
        table.appendGap()
        table.append(["c"])
        #expect(table.markdown == "| name | n |\n| --- | ---: |\n| a\\|b | 1 |\n| c |  |")
    }

    @Test func missingCellsAreEmpty() {
        var table = TextTable([("a", .left), ("b", .right)])
        table.append(["x"])
        #expect(table.text == "a  b\n-  -\nx")
    }

    @Test func numbers() {
        #expect(
            [0.1234, 0.99951, 1.2345, 9.9951, 12.345, 99.951, 123.4].map(\.threeDigits)
                == ["0.123", "1.00", "1.23", "10.0", "12.3", "100", "123"])
        #expect(Double.nan.threeDigits == "-")
        #expect(272_474.0.abbreviated == "272 k")
        #expect(999_600.0.abbreviated == "1.00 M")
        #expect(40_813_184.0.abbreviated == "40.8 M")
        #expect(7_801_405_440.0.abbreviated == "7.80 G")
        #expect(999_600_000.0.abbreviated == "1.00 G")
        #expect(0.7188.percentage == "71.9 %")
        #expect(1.5.factor == "1.50x")
    }

    @Test func wrapping() {
        #expect("one two three".wrapped(width: 8, indent: "  ") == "one two\n  three")
        #expect("averylongword b".wrapped(width: 4) == "averylongword\nb")
        #expect("".wrapped(width: 4) == "")
    }
}
