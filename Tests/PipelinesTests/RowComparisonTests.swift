import Roost
import RoostPipelines
import RoostTestSupport
import Testing

@Suite(.serialized) struct RowComparisonTests {
    private static let rowCount = 20_000

    private func fill(_ connection: any Connection) async throws {
        let isSQLite = connection.driverName == "sqlite"
        try await connection.run([
            "create table t (id integer primary key, name varchar(60), amount double precision, at timestamp\(isSQLite ? "" : "(6)") null)"
        ])
        var rows: [[Value]] = []
        for index in 0..<Self.rowCount {
            let name: Value = index % 7 == 0 ? .null : .text("name \(index)")
            let moment = LocalDateTime(microsecondsSinceEpoch: 1_700_000_000_000_000 + Int64(index) * 1_000_000)
            rows.append([.int(Int64(index)), name, .double(Double(index) / 8), .timestamp(moment)])
        }
        let values = rows
        func insert<C: Connection>(_ connection: C) async throws {
            try await connection.executeMany("insert into t (id, name, amount, at) values (?, ?, ?, ?)", values: values)
        }
        try await insert(connection)
    }

    private func compare(_ one: any Connection, _ other: any Connection) async throws -> ComparisonReport {
        let left = try await StatementSource.table("t", on: one)
        let right = try await StatementSource.table("t", on: other)
        return try await RowComparison(left.source, right.source, key: left.key).run()
    }

    @Test(arguments: TestDatabase.running)
    func aThousandDifferencesAreFoundAndNoFalseOne(engine: TestDatabase) async throws {
        try await TestDatabase.sqlite.withDatabase { one in
            try await engine.withDatabase { other in
                try await fill(one)
                try await fill(other)
                #expect(try await compare(one, other).isEqual)

                var random = SeededGenerator(seed: 7)
                let ids = Array((1..<Self.rowCount).shuffled(using: &random).prefix(1_000))
                var expected: Set<String> = []
                try await other.begin()
                for (index, id) in ids.enumerated() {
                    var kind = "changed"
                    switch index % 6 {
                    case 0:
                        try await other.execute("delete from t where id = \(id)")
                        kind = "missing"
                    case 1: try await other.execute("update t set amount = amount + 0.0009765625 where id = \(id)")
                    case 2:
                        // White space at the end, or a text where nothing was.
                        let text = id % 7 == 0 ? "" : "name \(id) "
                        try await other.execute("update t set name = \(text) where id = \(id)")
                    case 3:
                        // A time zone's worth of hours.
                        let moment = LocalDateTime(
                            microsecondsSinceEpoch: 1_700_003_600_000_000 + Int64(id) * 1_000_000
                        )
                        try await other.execute("update t set at = \(moment) where id = \(id)")
                    case 4: try await other.execute("update t set name = null, amount = 1 where id = \(id)")
                    default:
                        try await other.execute("update t set id = \(id + 1_000_000) where id = \(id)")
                        expected.insert("extra \(id + 1_000_000)")
                        kind = "missing"
                    }
                    expected.insert("\(kind) \(id)")
                }
                try await other.commit()
                let report = try await compare(one, other)
                let found = Set(report.differences.map { "\($0.kind.rawValue) \($0.key.joined())" })
                #expect(found == expected)
                #expect(report.differences.count == expected.count)
            }
        }
    }

    @Test func valuesThatLookAlikeAreToldApart() async throws {
        try await TestDatabase.sqlite.withDatabase { connection in
            func differ(_ one: Value, _ other: Value) async throws -> Bool {
                func source(_ value: Value) -> StatementSource {
                    StatementSource("values", on: connection, "select 1 as id, \(value) as v")
                }
                return try await !RowComparison(source(one), source(other), key: ["id"]).run().isEqual
            }
            #expect(try await differ(.double(0), .double(-0.0)))
            #expect(try await differ(.text(""), .null))
            #expect(try await differ(.text("a"), .text("a ")))
            #expect(try await differ(.text("1"), .int(1)))
            #expect(try await differ(.bytes([0x61]), .text("a")))
            #expect(try await differ(.double(0.1), .double(0.1.nextUp)))
            let areDifferent = try await differ(.double(0.1), .double(0.1))
            #expect(!areDifferent)
        }
    }

    @Test func rowsWithoutKeyAreCounted() async throws {
        try await TestDatabase.sqlite.withDatabase { connection in
            try await connection.run([
                "create table a (v text)", "create table b (v text)",
                "insert into a values ('x'), ('x'), ('y'), (null)",
                "insert into b values ('x'), ('y'), ('y'), (null)",
            ])
            let one = try await StatementSource.table("a", on: connection)
            let other = try await StatementSource.table("b", on: connection)
            let report = try await RowComparison(one.source, other.source, key: []).run()
            #expect(report.counts == [.missing: 1, .extra: 1])
            #expect(Set(report.differences.map { "\($0.kind) \($0.key)" }) == ["missing [\"x\"]", "extra [\"y\"]"])
        }
    }
}
