import Foundation
import Roost
import RoostPostgreSQL
import RoostTestSupport
import Testing

@Suite(.enabled(if: !TestServer.direct.isEmpty)) struct CopyTests {
    private static let columns =
        "a bigint, b text, c double precision, d integer, e timestamptz, f numeric, g jsonb, h boolean"
    private static let names = ["a", "b", "c", "d", "e", "f", "g", "h"]

    @Test(arguments: TestServer.direct)
    func typedRowsArriveAsTheyWereSent(server: TestServer) async throws {
        typealias Row = (Int, String?, Double, Int, Instant, BigDecimal, JSON, Bool)
        var generator = SeededGenerator(seed: 7)
        let rows: [Row] = (0..<5_000).map { index in
            (
                index, index % 7 == 0 ? nil : "näme \(index)\t\n\\", Double.random(in: -1e9...1e9, using: &generator),
                index % 1_000,
                Instant(microsecondsSinceEpoch: Int64.random(in: -1 << 50...1 << 50, using: &generator)),
                BigDecimal("\(index % 3 == 0 ? "-" : "")\(index * 7_919).\(index)0") ?? .nan, JSON("{\"i\": \(index)}"),
                index % 2 == 0
            )
        }
        try await server.withConnection { connection in
            try await connection.execute("create temp table copied (\(unsafe: Self.columns))")
            let count = try await connection.copyIn(to: "copied", columns: Self.names, rows: rows)
            #expect(count == rows.count)
            let back = try await connection.query("select * from copied order by a").decode(Row.self).fetchAll(
                limit: .unbounded
            )
            #expect(back.count == rows.count)
            for (sent, got) in zip(rows, back) {
                #expect(sent.0 == got.0 && sent.1 == got.1 && sent.2 == got.2 && sent.3 == got.3)
                #expect(sent.4 == got.4 && sent.5 == got.5 && sent.6 == got.6 && sent.7 == got.7)
            }
        }
    }

    /// Rows are written in one go as long as their values are of common kinds, and cell by cell from the first that is not; the
    /// boundary moves through all rows and columns here.
    @Test(arguments: TestServer.direct)
    func uncommonValuesMayStandAnywhere(server: TestServer) async throws {
        typealias Row = (Int, String?, BigDecimal?, UUID?, Interval?, JSON?, LocalDate?, Bool?, [UInt8]?, Float?)
        let columns = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"]
        var generator = SeededGenerator(seed: 11)
        try await server.withConnection { connection in
            try await connection.execute(
                """
                create temp table mixed (a bigint, b text, c numeric, d uuid, e interval, f jsonb, g date, h boolean, i bytea, j real)
                """
            )
            for first in [0, 1, 2, 50, 99, 100] {
                let rows: [Row] = (0..<100).map { index in
                    let isPlain = index < first
                    return (
                        index,
                        index % 3 == 0 ? nil : String(repeating: "ü", count: Int.random(in: 0...40, using: &generator)),
                        isPlain ? nil : BigDecimal("-\(index).50"), index % 2 == 0 ? nil : UUID(),
                        isPlain || index % 5 == 0 ? nil : Interval("P\(index)DT1.5S"),
                        isPlain ? nil : JSON("[\(index)]"),
                        [nil, .infinity, LocalDate("0044-03-15"), LocalDate("2024-02-29")][index % 4], index % 7 == 0,
                        [UInt8](repeating: 0xA5, count: index), Float(index) / 4
                    )
                }
                func check(_ way: String) async throws {
                    let back = try await connection.query("select * from mixed order by a").decode(Row.self)
                        .fetchAll(limit: 1_000)
                    #expect(back.count == rows.count, "\(way), \(first)")
                    for (sent, got) in zip(rows, back) {
                        #expect(
                            sent.0 == got.0 && sent.1 == got.1 && sent.2 == got.2 && sent.3 == got.3,
                            "\(way), \(first)"
                        )
                        #expect(
                            sent.4 == got.4 && sent.5 == got.5 && sent.6 == got.6 && sent.7 == got.7,
                            "\(way), \(first)"
                        )
                        #expect(sent.8 == got.8 && sent.9 == got.9, "\(way), \(first)")
                    }
                    try await connection.execute("truncate mixed")
                }
                try await connection.copyIn(to: "mixed", columns: columns, rows: rows)
                try await check("COPY")
                try await connection.executeMany("insert into mixed values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
                try await check("a batch")
            }
        }
    }

    @Test(arguments: TestServer.direct)
    func aRowThatDoesNotFitLeavesNothingAndTheConnectionGood(server: TestServer) async throws {
        try await server.withConnection { connection in
            try await connection.execute("create temp table copied (a integer primary key)")
            let error = await #expect(throws: DatabaseError.self) {
                try await connection.copyIn(to: "copied", columns: ["a"], [1, 2, 1 << 40]) {
                    (row: Int, builder: inout RowBatchBuilder) in
                    builder.append(Int64(row))
                }
            }
            #expect(error?.condition == .valueOutOfRange)
            let duplicate = await #expect(throws: DatabaseError.self) {
                try await connection.copyIn(to: "copied", columns: ["a"], [1, 1]) {
                    (row: Int, builder: inout RowBatchBuilder) in
                    builder.append(Int64(row))
                }
            }
            #expect(duplicate?.condition == .uniqueViolation)
            #expect(try await connection.query("select count(*) from copied").decode(Int.self).fetchOnly() == 0)
        }
    }

    @Test(arguments: TestServer.direct)
    func csvGoesInAndComesOut(server: TestServer) async throws {
        try await server.withConnection { connection in
            try await connection.execute("create temp table copied (a integer, b text)")
            let (stream, source) = AsyncStream<[UInt8]>.makeStream()
            source.yield(Array("a,b\n1,one\n2,\"tw".utf8))
            source.yield(Array("o, quoted\"\n3,\n".utf8))
            source.finish()
            let count = try await connection.copyIn(to: "copied", format: .csv, options: "header", data: stream)
            #expect(count == 3)
            var text: [UInt8] = []
            for try await chunk in try await connection.copyOut("select * from copied order by a", format: .csv) {
                text += chunk
            }
            #expect(String(decoding: text, as: UTF8.self) == "1,one\n2,\"two, quoted\"\n3,\n")
        }
    }

    @Test(arguments: TestServer.direct)
    func anErrorNamesTheLine(server: TestServer) async throws {
        try await server.withConnection { connection in
            try await connection.execute("create temp table copied (a integer)")
            let (stream, source) = AsyncStream<[UInt8]>.makeStream()
            source.yield(Array("1\n2\nthree\n".utf8))
            source.finish()
            let error = await #expect(throws: DatabaseError.self) {
                try await connection.copyIn(to: "copied", format: .text, data: stream)
            }
            #expect(error?.message.contains("line 3") == true, "\(String(describing: error))")
            try await connection.ping()
        }
    }

    @Test(arguments: TestServer.direct)
    func aCopyOutMayBeLeftEarly(server: TestServer) async throws {
        try await server.withConnection { connection in
            let copy = try await connection.copyOut("select * from generate_series(1, 3000000) n", format: .text)
            for try await _ in copy { break }
            _ = consume copy
            #expect(try await connection.query("select 1").decode(Int.self).fetchOnly() == 1)
        }
    }

    @Test(arguments: TestServer.direct)
    func copyByTheWrongDoorIsRefused(server: TestServer) async throws {
        try await server.withConnection { connection in
            try await connection.execute("create temp table copied (a integer)")
            await #expect(throws: DatabaseError.self) { try await connection.execute("copy copied from stdin") }
            await #expect(throws: DatabaseError.self) { try await connection.execute("copy copied to stdout") }
            try await connection.ping()
        }
    }
}
