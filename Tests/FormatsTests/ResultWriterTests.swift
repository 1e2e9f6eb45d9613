import Roost
import RoostFormats
import Testing

@Suite struct ResultWriterTests {
    let columns = ColumnList([
        ColumnDescription(name: "id", kind: .int), ColumnDescription(name: "name", kind: .text),
        ColumnDescription(name: "name", kind: .text),
    ])
    let rows: [[Value]] = [
        [1, "plain", nil], [2, "a,\"b\"\n\tc|<d>", ""], [.int(9_007_199_254_740_993), "日本語 🎉 \u{1B}[31mred", "\\N"],
    ]

    func written(_ format: OutputFormat, _ options: OutputOptions = OutputOptions()) -> String {
        var writer = ResultWriter(format, columns: columns, options: options)
        for row in rows { writer.write(row) }
        writer.end()
        return String(decoding: writer.takeBytes(), as: UTF8.self)
    }

    @Test func csvTellsNullFromEmpty() {
        let text = written(.csv)
        #expect(text.hasPrefix("id,name,name\r\n1,plain,\r\n2,\"a,\"\"b\"\"\n\tc|<d>\",\"\"\r\n"))
        #expect(written(.csv, OutputOptions(hasHeader: false)).hasPrefix("1,"))
    }

    @Test func tsvEscapes() {
        #expect(written(.tsv).contains("2\ta,\"b\"\\n\\tc|<d>\t\n"))
        #expect(written(.tsv).contains("1\tplain\t\\N\n"))
        #expect(written(.tsv).contains("\t\\\\N\n"))
    }

    @Test func jsonKeepsNumbersAndNames() {
        let text = written(.ndjson)
        #expect(text.hasPrefix("{\"id\":1,\"name\":\"plain\",\"name_2\":null}\n"))
        #expect(text.contains("9007199254740993"))
        #expect(text.contains("\\u001b[31m"))
        #expect(written(.json).hasPrefix("[\n {"))
        #expect(written(.json).hasSuffix("}\n]\n"))
    }

    @Test func markdownAndHTMLEscape() {
        #expect(written(.markdown).contains("a,&quot;b&quot;<br>\tc\\|&lt;d&gt;"))
        #expect(written(.html).contains("<td>a,&quot;b&quot;\n\tc|&lt;d&gt;</td>"))
    }

    @Test func combiningMarksHideNothing() {
        let columns = ColumnList([ColumnDescription(name: "t")])
        let hostile: Value = "a\"\u{301}<\u{301}script\r\n\t\u{301}|\u{301}"
        func written(_ format: OutputFormat) -> String {
            var writer = ResultWriter(format, columns: columns, options: OutputOptions(hasHeader: false))
            writer.write([hostile])
            writer.end()
            return String(decoding: writer.takeBytes(), as: UTF8.self)
        }
        #expect(written(.csv) == "\"a\"\"\u{301}<\u{301}script\r\n\t\u{301}|\u{301}\"\r\n")
        #expect(written(.tsv) == "a\"\u{301}<\u{301}script\\r\\n\\t\u{301}|\u{301}\n")
        #expect(!written(.html).unicodeScalars.contains("<\u{301}script".unicodeScalars))
        #expect(written(.markdown).utf8.split(separator: UInt8(ascii: "\n")).count == 3)
    }

    @Test(arguments: [24, 30, 40, 60, 200])
    func tablesFitTheTerminal(width: Int) {
        let lines = written(.table, OutputOptions(width: width)).split(separator: "\n").map(String.init)
        #expect(lines.allSatisfy { DisplayWidth.of($0) <= width })
        #expect(Set(lines.map(DisplayWidth.of)).count == 1)
    }

    @Test(arguments: [nil, 120, 30])
    func aTableGrowsForLaterRowsWhereThereIsRoom(width: Int?) {
        let columns = ColumnList([ColumnDescription(name: "n", kind: .int), ColumnDescription(name: "t", kind: .text)])
        var writer = ResultWriter(.table, columns: columns, options: OutputOptions(width: width))
        for number in 0..<ResultWriter.tableSample { writer.write([.int(Int64(number)), "short"]) }
        writer.write([1_234_567, "much longer than before"])
        writer.write([8, "short"])
        writer.end()
        let text = String(decoding: writer.takeBytes(), as: UTF8.self)
        if width != 30 { #expect(text.contains("│ 1234567 │ much longer than before │\n│       8 │ short ")) }
        #expect(text.split(separator: "\n").allSatisfy { DisplayWidth.of(String($0)) <= width ?? 40 })
    }

    @Test func widthsAreThoseOfTerminals() {
        // As wcwidth has them; what is drawn as one picture takes two cells.
        for (text, width) in [("नेहा शर्मा", 8), ("李小龍", 6), ("e\u{301}", 1), ("🎸", 2), ("❤\u{FE0F}", 2), ("Åse", 3)] {
            #expect(DisplayWidth.of(text) == width, "\(text)")
        }
    }

    @Test func dataCannotDriveTheTerminal() {
        for format in [OutputFormat.table, .vertical] { #expect(!written(format).contains("\u{1B}")) }
    }

    @Test func anEmptyResultIsStillWellFormed() {
        for (format, expected) in [(OutputFormat.json, "[]\n"), (.ndjson, ""), (.csv, "id,name,name\r\n")] {
            var writer = ResultWriter(format, columns: columns, options: OutputOptions())
            writer.end()
            #expect(String(decoding: writer.takeBytes(), as: UTF8.self) == expected)
        }
    }
}
