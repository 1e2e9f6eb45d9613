import Roost
import RoostFormats
import Testing

@Suite struct RecordReaderTests {
    /// Reads a text in pieces of so many bytes.
    private func read<Reader: RecordReader>(
        _ text: [UInt8],
        by reader: Reader,
        pieces: Int,
        kinds: [ValueKind]
    ) throws -> [[Value]] {
        var reader = reader
        var rest = text[...]
        func feed() {
            let piece = Array(rest.prefix(pieces))
            rest = rest.dropFirst(pieces)
            piece.withUnsafeBytes { reader.append($0) }
            if rest.isEmpty { reader.end() }
        }
        feed()
        while try !reader.readHeader() { feed() }
        var builder = RowBatchBuilder(columnCount: kinds.count)
        reading: while true {
            switch try reader.readRecord(into: &builder, as: kinds) {
            case .row: break
            case .needsInput: feed()
            case .end: break reading
            }
        }
        let batch = builder.finish()
        return (0..<batch.rowCount).map { row in
            (0..<kinds.count).map { batch.value(row: row, column: $0) ?? .null }
        }
    }

    @Test(arguments: [1, 2, 3, 7, 1_000])
    func csvKeepsNullApartFromEmptyText(pieces: Int) throws {
        let text = "id,name,note\r\n1,,\"\"\n-2,\"a \"\"b\"\",\r\nc\",ä\r\n3,x,\"\"\"\""
        let rows = try read(
            Array("\u{FEFF}\(text)".utf8),
            by: DelimitedReader(isTSV: false),
            pieces: pieces,
            kinds: [.int, .text, .text]
        )
        #expect(
            rows == [
                [.int(1), .null, .text("")], [.int(-2), .text("a \"b\",\r\nc"), .text("ä")],
                [.int(3), .text("x"), .text("\"")],
            ]
        )
    }

    @Test(arguments: [1, 2, 5, 1_000])
    func tsvIsCopyText(pieces: Int) throws {
        let rows = try read(
            Array("a\tb\n\\N\t\na\\tb\\\\\t\\x\n".utf8),
            by: DelimitedReader(isTSV: true),
            pieces: pieces,
            kinds: [.text, .text]
        )
        #expect(rows == [[.null, .text("")], [.text("a\tb\\"), .text("x")]])
    }

    @Test(arguments: [1, 3, 1_000])
    func ndjsonMembersAreColumns(pieces: Int) throws {
        let text =
            #"{"id":1,"name":"\u00e4\ud83d\ude00","more":{"a":[1,{}]}}"# + "\n\n" + #"{"name":null,"id":-7.0e0 }"#
        let rows = try read(
            Array(text.utf8),
            by: NDJSONReader(columns: ["id", "name", "more"]),
            pieces: pieces,
            kinds: [.double, .text, .json]
        )
        #expect(
            rows == [
                [.double(1), .text("ä😀"), .json(JSON(#"{"a":[1,{}]}"#))], [.double(-7), .null, .null],
            ]
        )
    }

    @Test(arguments: [
        ("a,b\n1,2\n3,x\n", "line 3, column 3 (byte 10): value 2 \"b\" is not integer"),
        ("a,b\n1,2\n3\n", "line 3, column 1 (byte 8): 1 values where 2 are expected"),
        ("a,b\n1,2\n3,4,5\n", "line 3, column 1 (byte 8): 3 values where 2 are expected"),
        ("a,b\n1,\"2\n3,4\n", "line 2, column 3 (byte 6): a quote is not closed"),
        ("a,b\n1,\"2\"x\n", "line 2, column 6 (byte 9): something follows a closing quote"),
        ("a,b\n1,2\"\n", "line 2, column 4 (byte 7): a quote stands inside an unquoted value"),
        ("a,a\n1,2\n", "line 1, column 3 (byte 2): the header names \"a\" twice"),
        ("a,b\n1,9223372036854775808\n", "line 2, column 3 (byte 6): value 2 \"b\" is not integer"),
        ("a,b\n\"1\n\",2\n", "line 2, column 1 (byte 4): value 1 \"a\" is not integer"),
    ])
    func aMistakeIsNamedWithItsPlace(text: String, expected: String) throws {
        for pieces in [1, 4, 1_000] {
            let error = #expect(throws: ReadingFailure.self) {
                try read(
                    Array(text.utf8),
                    by: DelimitedReader(isTSV: false),
                    pieces: pieces,
                    kinds: [.int, .int]
                )
            }
            #expect(error?.description == expected)
        }
    }

    /// What is wrong with one record does not keep the next from being read.
    @Test(arguments: [1, 2, 3, 5, 1_000])
    func readersGoOnBehindARecord(pieces: Int) throws {
        let csv =
            "a,b\n1,2\n3\n4,5\"6,\n7,8\r\n\"9\n\"x,10\r\n11,\"12\"\"\"\r13,14,15\n16,x\n17,18\n\"19,20\n"
        var (rows, failures) = try readOn(Array(csv.utf8), by: DelimitedReader(isTSV: false), pieces: pieces)
        #expect(rows == [[1, 2], [7, 8], [17, 18]])
        #expect(
            failures == [
                "line 3, column 1 (byte 8): 1 values where 2 are expected",
                "line 4, column 4 (byte 13): a quote stands inside an unquoted value",
                "line 7, column 2 (byte 26): something follows a closing quote",
                "line 8, column 4 (byte 35): value 2 \"b\" is not integer",
                "line 9, column 1 (byte 42): 3 values where 2 are expected",
                "line 10, column 4 (byte 54): value 2 \"b\" is not integer",
                "line 12, column 1 (byte 62): a quote is not closed",
            ]
        )
        let json = "{\"a\":1,\"b\":2}\n{\"a\":3,\n{\"a\":4,\"c\":5}\n[6]\n\n{\"a\":\"x\"}\n{\"b\":7}"
        (rows, failures) = try readOn(Array(json.utf8), by: NDJSONReader(columns: ["a", "b"]), pieces: pieces)
        #expect(rows == [[1, 2], [nil, 7]])
        #expect(failures.map { $0.prefix(7) } == ["line 2,", "line 3,", "line 4,", "line 6,"])
    }

    private func readOn<Reader: RecordReader>(
        _ text: [UInt8],
        by reader: Reader,
        pieces: Int
    ) throws -> (rows: [[Int64?]], failures: [String]) {
        var reader = reader
        var rest = text[...]
        func feed() {
            Array(rest.prefix(pieces)).withUnsafeBytes { reader.append($0) }
            rest = rest.dropFirst(pieces)
            if rest.isEmpty { reader.end() }
        }
        while try !reader.readHeader() { feed() }
        var builder = RowBatchBuilder(columnCount: 2)
        var failures: [String] = []
        reading: while true {
            do throws(ReadingFailure) {
                switch try reader.readRecord(into: &builder, as: [.int, .int]) {
                case .row: break
                case .needsInput: feed()
                case .end: break reading
                }
            } catch {
                failures.append(error.description)
                if !error.isOfOneRecord { break reading }
            }
        }
        let batch = builder.finish()
        let rows = (0..<batch.rowCount).map { row in
            (0..<2).map { column -> Int64? in
                if case .int(let number)? = batch.value(row: row, column: column) { number } else { nil }
            }
        }
        return (rows, failures)
    }

    @Test func aLineWithoutEndIsRefused() throws {
        var reader = DelimitedReader(isTSV: false, hasHeader: false, maximumRecordBytes: 1_000)
        var builder = RowBatchBuilder(columnCount: 1)
        var given = 0
        let error = #expect(throws: ReadingFailure.self) {
            while true {
                [UInt8](repeating: 0x61, count: 100).withUnsafeBytes { reader.append($0) }
                given += 100
                guard case .needsInput = try reader.readRecord(into: &builder, as: [.text]) else { return }
            }
        }
        #expect(given == 1_100)
        #expect(error?.reason.contains("longer") == true)
    }

    @Test func textThatIsNotUTF8IsRefused() throws {
        let error = #expect(throws: ReadingFailure.self) {
            try read(
                Array("a\nok\n".utf8) + [0x61, 0xFF, 0x0A],
                by: DelimitedReader(isTSV: false),
                pieces: 4,
                kinds: [.text]
            )
        }
        #expect(error?.line == 3)
        #expect(error?.byteOffset == 5)
    }

    @Test(arguments: [
        ("1.10", ValueKind.decimal, Value.decimal(BigDecimal(1.1))), ("1e2", .decimal, .decimal(BigDecimal(100))),
        ("-0.0", .double, .double(-0.0)), ("0.1", .double, .double(0.1)), ("1e400", .double, .double(.infinity)),
        ("-9223372036854775808", .int, .int(.min)), ("18446744073709551615", .uint, .uint(.max)),
        ("t", .bool, .bool(true)), ("\\x00fF", .bytes, .bytes([0, 255])), ("[1, 2]", .json, .json(JSON("[1, 2]"))),
    ])
    func textBecomesAValue(text: String, kind: ValueKind, expected: Value) throws {
        var builder = RowBatchBuilder(columnCount: 1)
        #expect(Array(text.utf8).withUnsafeBytes { TextCell.append($0, as: kind, to: &builder) })
        try builder.endRow()
        let value = try #require(builder.finish().value(row: 0, column: 0))
        #expect(value == expected)
        if case .double(let number) = value { #expect(number.sign == (text.hasPrefix("-") ? .minus : .plus)) }
    }

    @Test(arguments: [
        ("1.5", ValueKind.int), ("", .int), ("+", .int), ("1.2.3", .decimal), ("2024-13-01", .date), ("maybe", .bool),
        ("\\x0", .bytes), ("{\"a\":}", .json), ("[1", .json), ("01", .json), ("1 2", .json), ("-", .double),
    ])
    func textOfAnotherKindIsRefused(text: String, kind: ValueKind) {
        var builder = RowBatchBuilder(columnCount: 1)
        #expect(!Array(text.utf8).withUnsafeBytes { TextCell.append($0, as: kind, to: &builder) })
    }

    @Test func gzipGoesBothWays() throws {
        let text = (0..<100_000).flatMap { Array("\($0),".utf8) }
        var encoder = try GzipEncoder()
        var packed: [UInt8] = []
        for start in stride(from: 0, to: text.count, by: 50_000) {
            packed += try encoder.encode(Array(text[start..<min(start + 50_000, text.count)]), isLast: false)
        }
        packed += try encoder.encode([], isLast: true)
        #expect(packed.count < text.count / 2)
        // Members one after the other are one text.
        packed += packed
        var decoder = try GzipDecoder()
        var result: [UInt8] = []
        for start in stride(from: 0, to: packed.count, by: 777) {
            try decoder.decode(Array(packed[start..<min(start + 777, packed.count)])) { bytes throws(DatabaseError) in
                result += bytes
            }
        }
        try decoder.finish()
        #expect(result == text + text)
        var damaged = try GzipDecoder()
        #expect(throws: DatabaseError.self) {
            try damaged.decode(Array(packed.prefix(100)) + [0, 1, 2, 3] + Array(packed[104..<4_000])) {
                _ throws(DatabaseError) in
            }
            try damaged.finish()
        }
    }

    @Test func otherEncodingsBecomeUTF8() {
        var latin = TextTranscoder(.latin1)
        #expect([0x61, 0xE4].withUnsafeBufferPointer { latin.transcode(UnsafeRawBufferPointer($0)) }.isEmpty == false)
        var wide = TextTranscoder(.utf16LittleEndian)
        let bytes: [UInt8] = "ä😀".utf16.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8(truncatingIfNeeded: $0 >> 8)] }
        let parts = bytes.map { byte in [byte].withUnsafeBytes { wide.transcode($0) } }
        #expect(parts.flatMap { $0 } == Array("ä😀".utf8))
        #expect(wide.finish().isEmpty)
    }
}
