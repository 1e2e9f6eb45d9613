import Foundation
import Roost
import RoostMySQL
import RoostTestSupport
import Testing

/// The contract's bulk path, which is `LOAD DATA LOCAL` here.
@Suite(.enabled(if: !TestServer.running.isEmpty), .timeLimit(.minutes(10))) struct BulkLoadTests {
    private static func batch(_ rows: [[Value]]) throws -> RowBatch {
        var builder = RowBatchBuilder(columnCount: rows.first?.count ?? 0, rowCapacity: rows.count)
        for row in rows {
            for value in row { builder.append(value) }
            try builder.endRow()
        }
        return builder.finish()
    }

    private static func load(_ rows: [[Value]], into table: String, _ columns: [String], _ connection: MySQLConnection)
        async throws -> Int
    {
        let load = try await connection.bulkLoad(into: [table], columns: columns)
        let batch = try batch(rows)
        do throws(DatabaseError) {
            try await load.write(batch)
            return try await load.finish()
        } catch {
            throw await load.abort(after: error)
        }
    }

    /// Whatever the kind of a value and the type of its column: through the load it becomes what it becomes through inserts.
    @Test(arguments: TestServer.running)
    func valuesBecomeWhatInsertsMakeOfThem(server: TestServer) async throws {
        let bytes = (0..<40).map { UInt8($0 * 6) }
        let point = [0, 0, 0, 0, 1, 1, 0, 0, 0] + [UInt8](repeating: 0, count: 16)
        let columns: [(String, [Value])] = [
            ("tinyint", [Value.int(-128), .int(127)]), ("bigint unsigned", [.uint(.max), .int(0)]),
            ("bigint", [.int(.min), .int(.max), .text("12")]),
            ("double", [.double(-1.7976931348623157e308), .double(2.5e-300)]),
            ("float", [.float(0.1), .float(-.greatestFiniteMagnitude)]),
            ("decimal(40,12)", [.decimal(try #require(BigDecimal("-1234567890123456789012345678.000000000001")))]),
            ("decimal(6,2)", [.decimal(try #require(BigDecimal("0.5000"))), .text("12.5"), .int(7)]),
            ("longtext", [.text("\u{0}\t\\N\n🚰"), .text(""), .text("NULL"), .int(-5)]),
            ("varchar(20) character set latin1", [.text("Müßig\\")]), ("char(4)", [.text("a"), .text("")]),
            (
                "varbinary(40)",
                [
                    .bytes(bytes), .bytes([]), .int(-12), .double(1.5), .bool(true),
                    .date(try #require(LocalDate("2024-02-29"))), .text("4142"),
                ]
            ),
            ("longblob", [.bytes([0, 9, 10, 13, 92, 255]), .uint(.max)]),
            ("binary(16)", [.bytes(Array(bytes.prefix(16)))]), ("bit(64)", [.uint(.max), .int(0)]),
            ("bit(1)", [.bool(true), .bool(false)]),
            ("bit(12)", [.uint(4095), .bytes([0, 15, 255])]),
            ("date", [.date(try #require(LocalDate("9999-12-31"))), .text("0001-01-01")]),
            ("datetime(6)", [.timestamp(try #require(LocalDateTime("0001-01-01T00:00:00.000001")))]),
            ("timestamp(6) null", [.timestampTZ(try #require(Instant("2024-07-01T12:00:00.25+02:00")))]),
            (
                "time(6)",
                [.interval(Interval(microseconds: -3_020_399_000_000)), .time(try #require(LocalTime("23:59:59.5")))]
            ),
            ("year", [.int(1901), .int(2155)]), ("json", [.json(JSON("{\"a\": [1, \"\\\\\"]}")), .text("[]")]),
            ("enum('a','b')", [.text("b")]), ("set('x','y')", [.text("x,y"), .text("")]),
            ("geometry", [.bytes(point)]),
        ]
        try await server.withConnection { connection in
            let definitions = columns.enumerated().map { "c\($0) \($1.0)" }.joined(separator: ", ")
            for name in ["loaded", "inserted"] {
                try await connection.execute(
                    "create temporary table \(identifier: name) (id int primary key, \(unsafe: definitions))"
                )
            }
            let height = columns.map(\.1.count).max() ?? 0
            let rows = (0...height).map { index in
                [Value.int(Int64(index))] + columns.map { index < $0.1.count ? $0.1[index] : .null }
            }
            let names = ["id"] + columns.indices.map { "c\($0)" }
            #expect(try await Self.load(rows, into: "loaded", names, connection) == rows.count)
            for row in rows {
                var statement: Statement = "insert into inserted values ("
                for (index, value) in row.enumerated() {
                    if index > 0 { statement.append(unsafe: ", ") }
                    statement.append(parameter: value)
                }
                statement.append(unsafe: ")")
                try await connection.execute(statement)
            }
            for (index, column) in columns.enumerated() {
                let name = "c\(index)"
                let form = column.0.hasPrefix("bit") ? "+0" : ""
                let texts = try await ["loaded", "inserted"].asyncMap { table in
                    try await connection.query(
                        "select hex(\(identifier: name)\(unsafe: form)) from \(identifier: table) order by id"
                    ).decode(String?.self).fetchAll(limit: 99)
                }
                #expect(texts[0] == texts[1], "\(column.0)")
                #expect(texts[0].compactMap { $0 }.count == column.1.count, "\(column.0)")
            }
        }
    }

    /// What would change on its way is an error, and nothing of the load stays.
    @Test(arguments: TestServer.running)
    func nothingChangesSilently(server: TestServer) async throws {
        let wrong: [(String, Value)] = [
            ("tinyint", .int(128)), ("int unsigned", .int(-1)), ("varchar(2)", .text("abc")),
            ("varbinary(2)", .bytes([1, 2, 3])),
            ("decimal(4,2)", .decimal(try #require(BigDecimal("1.005")))), ("decimal(4,2)", .int(100)),
            ("date", .text("2024-02-30")), ("date", .timestamp(try #require(LocalDateTime("2024-01-01T10:00:00")))),
            ("int", .text("1x")), ("int", .text("")), ("enum('a')", .text("b")), ("bit(3)", .uint(8)),
            ("int not null", .null),
            ("varchar(9) character set latin1", .text("Ω")), ("varchar(9) unique", .text("twice")),
            ("json", .text("{")),
        ]
        try await server.withConnection { connection in
            for (type, value) in wrong {
                try await connection.execute("drop table if exists bulk_wrong")
                try await connection.execute("create table bulk_wrong (id int, v \(unsafe: type)) engine=InnoDB")
                let error = await #expect(throws: DatabaseError.self, "\(type)") {
                    let rows: [[Value]] = [[.int(1), value], [.int(2), value]]
                    _ = try await Self.load(rows, into: "bulk_wrong", ["id", "v"], connection)
                }
                #expect(error?.category != .operational, "\(type): \(String(describing: error))")
                let left = try await connection.query("select count(*) from bulk_wrong").decode(Int.self).fetchOnly()
                #expect(left == 0, "\(type)")
            }
            try await connection.execute("drop table bulk_wrong")
        }
    }

    @Test(arguments: TestServer.running)
    func aLoadIsPartOfItsTransaction(server: TestServer) async throws {
        try await server.withConnection { connection in
            try await connection.execute("drop table if exists bulk_part")
            try await connection.execute("create table bulk_part (id int primary key) engine=InnoDB")
            try await connection.begin()
            #expect(try await Self.load([[.int(1)]], into: "bulk_part", ["id"], connection) == 1)
            try await connection.rollback()
            #expect(try await Self.load([[.int(2)]], into: "bulk_part", ["id"], connection) == 1)
            // Its own transaction is over, and what came before an abort is gone.
            try await connection.begin()
            try await connection.rollback()
            let load = try await connection.bulkLoad(into: ["bulk_part"], columns: ["id"])
            try await load.write(try Self.batch([[.int(3)]]))
            let reason = DatabaseError(.data, .other, "The source failed.")
            #expect(await load.abort(after: reason).message == reason.message)
            let rows = try await connection.query("select id from bulk_part").decode(Int.self).fetchAll(limit: 9)
            #expect(rows == [2])
            try await connection.execute("drop table bulk_part")
        }
    }
}

extension Array where Element: Sendable {
    fileprivate func asyncMap<R>(_ body: (Element) async throws -> R) async throws -> [R] {
        var results: [R] = []
        for element in self { results.append(try await body(element)) }
        return results
    }
}
