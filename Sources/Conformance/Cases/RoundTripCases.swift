import Roost

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Every kind of value, with its edges, through a column that keeps it: what comes back is what went in.
extension ConformanceSuite {
    private static let edges: [(String, Value, Capabilities.Feature?)] = {
        func decimal(_ text: String) -> Value { BigDecimal(text).map(Value.decimal) ?? .null }
        func date(_ text: String) -> Value { LocalDate(text).map(Value.date) ?? .null }
        func time(_ text: String) -> Value { LocalTime(text).map(Value.time) ?? .null }
        func timestamp(_ text: String) -> Value { LocalDateTime(text).map(Value.timestamp) ?? .null }
        func instant(_ text: String) -> Value { Instant(text).map(Value.timestampTZ) ?? .null }
        func interval(_ text: String) -> Value { Interval(text).map(Value.interval) ?? .null }
        func uuid(_ text: String) -> Value { UUID(uuidString: text).map(Value.uuid) ?? .null }
        return [
            ("true", .bool(true), nil), ("false", .bool(false), nil),
            ("0", .int(0), nil), ("-1", .int(-1), nil), ("Int32.max + 1", .int(2_147_483_648), nil),
            ("Int64.max", .int(.max), nil), ("Int64.min", .int(.min), nil),
            ("2^53 + 1", .int(9_007_199_254_740_993), nil),
            ("0.0", .double(0), nil), ("0.1", .double(0.1), nil), ("-1.5", .double(-1.5), nil),
            ("greatest double", .double(.greatestFiniteMagnitude), nil),
            ("least normal double", .double(.leastNormalMagnitude), nil),
            ("least double", .double(.leastNonzeroMagnitude), nil), ("1/3", .double(1.0 / 3), nil),
            ("2^63 as double", .double(0x1p63), nil),
            ("infinity", .double(.infinity), nil), ("-infinity", .double(-.infinity), nil),
            ("empty", .text(""), nil), ("blanks", .text("  two  "), nil), ("Latin", .text("Füße, naïve"), nil),
            ("Chinese", .text("数据库"), nil), ("emoji", .text("👩‍👩‍👧‍👦🎸"), nil), ("combining marks", .text("e\u{301}"), nil),
            ("right to left", .text("שלום"), nil), ("line ends", .text("a\nb\r\nc\td"), nil),
            ("quotes", .text("'\"`"), nil),
            ("a digit string", .text("0012"), nil), ("NUL inside", .text("a\0b"), .embeddedNULInText),
            ("64 KiB", .text(String(repeating: "é", count: 32_768)), nil),
            ("highest code point", .text("\u{10FFFF}"), nil),
            ("no bytes", .bytes([]), nil), ("zero byte", .bytes([0]), nil),
            ("not UTF-8", .bytes([0xFF, 0xFE, 0x80]), nil),
            ("1 MiB", .bytes([UInt8](repeating: 0xA5, count: 1 << 20)), nil),
            ("today", date("2024-02-29"), nil), ("year 1", date("0001-01-01"), nil),
            ("year 9999", date("9999-12-31"), nil),
            ("before 1970", date("1969-12-31"), nil),
            ("midnight", time("00:00:00"), nil), ("last microsecond", time("23:59:59.999999"), nil),
            ("noon", time("12:00:00"), nil),
            ("microseconds", timestamp("2024-01-31T12:34:56.123456"), nil),
            ("epoch", timestamp("1970-01-01T00:00:00"), nil),
            ("before the epoch", timestamp("1969-12-31T23:59:59.999999"), nil),
            ("year 1", timestamp("0001-01-01T00:00:00"), nil),
            ("year 9999", timestamp("9999-12-31T23:59:59.999999"), nil),
            ("a skipped hour", timestamp("2024-03-31T02:30:00"), nil),
            ("microseconds", instant("2024-01-31T12:34:56.123456Z"), nil),
            ("an offset", instant("2024-01-31T12:34:56+05:30"), nil),
            ("epoch", instant("1970-01-01T00:00:00Z"), nil), ("year 1", instant("0001-01-01T00:00:00Z"), nil),
            ("year 9999", instant("9999-12-31T23:59:59.999999Z"), nil),
            ("0", decimal("0"), nil), ("1.10", decimal("1.10"), nil), ("-0.001", decimal("-0.001"), nil),
            ("38 digits", decimal("12345678901234567890123456789012345678"), nil),
            ("20 + 10 digits", decimal("12345678901234567890.1234567891"), nil),
            ("a month", interval("P1M"), nil), ("mixed", interval("P1Y2M3DT4H5M6.789S"), nil),
            ("negative", interval("P-3DT-0.5S"), nil),
            ("a UUID", uuid("0b1c2d3e-4f50-4a61-8b72-9c8d7e6f5a40"), nil),
            ("nil UUID", uuid("00000000-0000-0000-0000-000000000000"), nil),
            ("object", .json(JSON("{\"a\":[1,2.50,null],\"b\":\"é\"}")), nil), ("scalar", .json(JSON("\"text\"")), nil),
            ("null literal", .json(JSON("null")), nil),
        ]
    }()

    private static let kinds: [ValueKind] = [
        .bool, .int, .double, .text, .bytes, .date, .time, .timestamp, .timestampTZ, .decimal, .interval, .uuid, .json,
    ]

    static var roundTripCases: [ConformanceCase] {
        let values = edges.map { name, value, feature in
            ConformanceCase(
                "Values",
                "\(value.kind): \(name)",
                [.type(value.kind), .value(value)] + (feature.map { [.feature($0)] } ?? [])
            ) { target in try await roundTrip(value, value.kind, target) }
        }
        let nulls = kinds.map { kind in
            ConformanceCase("Values", "\(kind): NULL", [.type(kind)]) { target in
                try await roundTrip(.null, kind, target)
            }
        }
        return values + nulls + [
            ConformanceCase("Values", "random integers, doubles and texts") { target in
                try await randomRoundTrips(target)
            },
            ConformanceCase("Values", "NaN is kept or refused, never changed", [.type(.double)]) { target in
                try await withTable(target, "v \(target.columnType(.double) ?? "")") { connection, table in
                    do {
                        try await connection.execute("insert into \(identifier: table) values (\(Double.nan))")
                    } catch let error as DatabaseError {
                        return try requireEqual(error.condition, .valueOutOfRange, "condition")
                    }
                    let read = try await connection.query("select v from \(identifier: table)").decode(Double.self)
                        .fetchOnly()
                    try require(read.isNaN, "NaN became \(read)")
                }
            },
            ConformanceCase("Values", "unsigned integers above the signed range are kept or refused") { target in
                try await withConnection(target) { connection in
                    do {
                        let value = try await connection.query("select \(UInt64.max)").decode(Value.self).fetchOnly()
                        try requireEqual(value.text, "\(UInt64.max)", "value")
                    } catch let error as DatabaseError {
                        try require([.valueOutOfRange, .typeMismatch].contains(error.condition), "\(error)")
                    }
                }
            },
        ]
    }

    private static func roundTrip(_ value: Value, _ kind: ValueKind, _ target: ConformanceTarget) async throws {
        try await withTable(target, "v \(target.columnType(kind) ?? "")") { connection, table in
            try await connection.execute("insert into \(identifier: table) (v) values (\(value))")
            let read = try await connection.query("select v from \(identifier: table)").decode(Value.self).fetchOnly()
            try require(read == value, "wrote \(value.kind), read \(read.kind): the values differ")
            // The same through the bulk path.
            let template = try Statement(template: "insert into \(table) (v) values (?)", dialect: connection.dialect)
            _ = try await executeMany(connection, template, [[value], [value]])
            let all = try await connection.query("select v from \(identifier: table)").decode(Value.self).fetchAll(
                limit: 3
            )
            try require(all == [value, value, value], "the bulk path wrote another value")
        }
    }

    private static func randomRoundTrips(_ target: ConformanceTarget) async throws {
        guard let integer = target.columnType(.int), let double = target.columnType(.double),
            let text = target.columnType(.text)
        else { return }
        try await withTable(target, "n integer, a \(integer), b \(double), c \(text)") { connection, table in
            var generator = SystemRandomNumberGenerator()
            let rows: [[Value]] = (0..<2_000).map { number in
                var real = Double(bitPattern: generator.next())
                if !real.isFinite || real == 0 { real = 1.25 }
                let scalars = (0..<Int.random(in: 0...12)).compactMap { _ in
                    Unicode.Scalar(UInt32.random(in: 1...0x10FFFF))
                }
                var string = ""
                string.unicodeScalars.append(contentsOf: scalars)
                return [.int(Int64(number)), .int(.random(in: .min ... .max)), .double(real), .text(string)]
            }
            let template = try Statement(
                template: "insert into \(table) (n, a, b, c) values (?, ?, ?, ?)",
                dialect: connection.dialect
            )
            _ = try await executeMany(connection, template, rows)
            let results = try await connection.query("select n, a, b, c from \(identifier: table) order by n")
            var index = 0
            for try await row in results {
                try require(row.values == rows[index], "row \(index) differs")
                index += 1
            }
            try requireEqual(index, rows.count, "rows")
        }
    }
}
