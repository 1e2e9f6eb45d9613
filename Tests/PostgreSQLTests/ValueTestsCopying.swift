import Foundation
import Roost
import RoostPostgreSQL
import Testing

/// Many values of PostgreSQL's own types at once.
@Suite(.enabled(if: !TestServer.direct.isEmpty), .timeLimit(.minutes(5))) struct BulkValueTests {
    /// Inserts the values one by one, all at once, and by COPY; every way gives the same column.
    private func insert<V: PostgreSQLTextValue & Hashable>(
        _ connection: PostgreSQLConnection,
        _ type: String,
        _ make: () -> V
    ) async throws {
        let rows = (0..<50).map { (id: $0, value: $0 % 7 == 3 ? nil : make()) }
        try await connection.execute("create temp table item (id integer, v \(unsafe: type))")
        func check(_ way: String) async throws {
            let back = try await connection.query("select v from item order by id").decode(V?.self).fetchAll(
                limit: 1_000
            )
            #expect(back == rows.map(\.value), "\(type), \(way)")
            try await connection.execute("truncate item")
        }
        for row in rows { try await connection.execute("insert into item values (\(row.id), \(row.value))") }
        try await check("one by one")
        let tuples = rows.map { ($0.id, $0.value) }
        try await connection.executeMany("insert into item values ($1, $2)", tuples)
        try await check("executeMany")
        #expect(try await connection.copyIn(to: "item", columns: ["id", "v"], rows: tuples) == rows.count)
        try await check("COPY")
        try await connection.execute("drop table item")
    }

    @Test(arguments: TestServer.direct)
    func everyWayOfInsertingGivesTheSame(server: TestServer) async throws {
        var samples = ValueSamples(seed: 21)
        try await server.withConnection { connection in
            try await insert(connection, "int4range") { samples.range { $0.int(-9...9) } }
            try await insert(connection, "int8range") { samples.range { Int64($0.int(-1 << 60...1 << 60)) } }
            try await insert(connection, "numrange") { samples.range { $0.decimal() } }
            try await insert(connection, "daterange") { samples.range { $0.date() } }
            try await insert(connection, "tsrange") { samples.range { $0.timestamp() } }
            try await insert(connection, "tstzrange") { samples.range { $0.instant() } }
            try await insert(connection, "int4multirange") { samples.multirange { $0.int(-30...30) } }
            try await insert(connection, "int8multirange") { samples.multirange { $0.int(-30...30) } }
            try await insert(connection, "nummultirange") { samples.multirange { $0.decimal() } }
            try await insert(connection, "datemultirange") { samples.multirange { $0.date() } }
            try await insert(connection, "tsmultirange") { samples.multirange { $0.timestamp() } }
            try await insert(connection, "tstzmultirange") { samples.multirange { $0.instant() } }
            try await insert(connection, "inet") { samples.address() }
            try await insert(connection, "cidr") { samples.address(isNetwork: true) }
            try await insert(connection, "macaddr") { samples.hardware(6) }
            try await insert(connection, "macaddr8") { samples.hardware(8) }
            try await insert(connection, "bit(13)") { samples.bits(13...13) }
            try await insert(connection, "bit varying") { samples.bits(0...40) }
            try await insert(connection, "point") { samples.point() }
            try await insert(connection, "line") { samples.line() }
            try await insert(connection, "lseg") { PostgreSQLLineSegment(start: samples.point(), end: samples.point()) }
            try await insert(connection, "box") { PostgreSQLBox(samples.point(), samples.point()) }
            try await insert(connection, "path") { PostgreSQLPath(samples.points(), isClosed: samples.bool()) }
            try await insert(connection, "polygon") { PostgreSQLPolygon(samples.points()) }
            try await insert(connection, "circle") { samples.circle() }
        }
    }

    @Test(arguments: TestServer.direct)
    func arraysAreBound(server: TestServer) async throws {
        let spans = [PostgreSQLRange(1..<3), .empty, PostgreSQLRange(5...)]
        let addresses = ["::1", "10.0.0.0/8"].compactMap { PostgreSQLInternetAddress($0) }
        let boxes = [0.5, 2].map { PostgreSQLBox(PostgreSQLPoint(x: $0, y: 0), PostgreSQLPoint(x: 1, y: $0)) }
        let rows = (0..<20).map { ($0, spans, addresses, boxes.postgreSQLText) }
        try await server.withConnection { connection in
            try await connection.execute("create temp table lists (id integer, s int4range[], a inet[], b box[])")
            try await connection.executeMany("insert into lists values ($1, $2, $3, $4)", rows)
            let back = try await connection.query("select s, a, b from lists where s = \(spans)")
                .decode(([PostgreSQLRange<Int>], [PostgreSQLInternetAddress], [PostgreSQLBox]).self).fetchAll(
                    limit: 100
                )
            #expect(back.count == rows.count)
            #expect(back.allSatisfy { $0.0 == spans && $0.1 == addresses && $0.2 == boxes })
        }
    }

    @Test(arguments: TestServer.direct)
    func copySaysWhichColumnItCannotWrite(server: TestServer) async throws {
        try await server.withConnection { connection in
            try await connection.execute("create type pg_temp.pair as (a integer, b integer)")
            try await connection.execute(
                "create temp table odd (spans int4range[], pair pg_temp.pair, price money, span int4range, network cidr, t tstzrange)"
            )
            func refusal(_ column: String, _ value: some DatabaseEncodable) async -> DatabaseError? {
                do {
                    try await connection.copyIn(to: "odd", columns: [column], [value]) { $0.encode(into: &$1) }
                    return nil
                } catch { return error }
            }
            for (column, type) in [("spans", "int4range[]"), ("pair", "pair"), ("price", "money")] {
                let error = await refusal(column, "(1,2)")
                #expect(error?.condition == .notSupported && error?.column == column)
                #expect(error?.message.contains(type) == true && error?.hint?.contains("executeMany") == true)
            }
            let malformed = await refusal("span", "a secret")
            #expect(malformed?.condition == .malformedValue && malformed?.message.contains("int4range") == true)
            #expect(malformed?.description.contains("secret") == false)
            #expect(await refusal("span", PostgreSQLRange(1..<(1 << 40)))?.condition == .malformedValue)
            #expect(await refusal("span", 5)?.condition == .typeMismatch)
            let fine = Instant(microsecondsSinceEpoch: 0, nanosecondRemainder: 1)
            #expect(await refusal("t", PostgreSQLRange(fine...))?.condition == .valueOutOfRange)
            // The server's own judgement: a network has no bits after its prefix.
            #expect(await refusal("network", "10.1.2.3/8")?.category == .data)
            // A text that is written as PostgreSQL does is as good as the type.
            try await connection.copyIn(to: "odd", columns: ["span"], ["[1,3]"]) { $0.encode(into: &$1) }
            #expect(
                try await connection.query("select span from odd").decode(PostgreSQLRange<Int>.self).fetchOnly()
                    == PostgreSQLRange(1...3)
            )
        }
    }
}
