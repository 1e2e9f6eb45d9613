import Roost
import RoostPipelines
import RoostSchema
import Testing

/// Every type of every engine through every pair, with its extreme values: what arrives is what left, or nothing does.
@Suite(.serialized) struct TypeFidelityTests {
    /// A column and its values, as literals of its engine.
    struct Kind: Sendable {
        var type: String
        var values: [String]
        /// The engines that have no place for these values and say so, or hold them as texts that verification tells from what they were.
        var refusedBy: Set<TestDatabase> = []

        init(_ type: String, _ values: [String], refusedBy: Set<TestDatabase> = []) {
            self.type = type
            self.values = values
            self.refusedBy = refusedBy
        }
    }

    private static let family: Set<TestDatabase> = [.mysql, .mariadb]
    private static let texts = ["''", "'Ünïcødé 😀'", "'blank at the end '", "'O''Brien'"]

    static let kinds: [TestDatabase: [Kind]] = [
        .postgresql: [
            Kind("boolean", ["true", "false"]), Kind("smallint", ["-32768", "32767"]),
            Kind("integer", ["-2147483648", "2147483647"]),
            Kind("bigint", ["-9223372036854775808", "9223372036854775807"]),
            Kind("numeric(38,10)", ["-9999999999999999999999999999.9999999999", "0.0000000001", "1.50"]),
            Kind("numeric(20,0)", ["99999999999999999999", "-1"]),
            Kind("real", ["'3.4028235e38'", "'-1.1754944e-38'", "'0.1'"]),
            Kind("double precision", ["'1.7976931348623157e308'", "'-2.2250738585072014e-308'", "'0.1'"]),
            Kind("double precision", ["'NaN'"], refusedBy: family.union([.sqlite])),
            Kind("double precision", ["'Infinity'", "'-Infinity'"], refusedBy: family),
            Kind("text", texts + ["repeat('x', 70000)"]), Kind("varchar(20)", texts),
            Kind("char(5)", ["'ab'", "'abcde'"]),
            Kind("bytea", ["'\\x'", "'\\x00ff5c0a'"]), Kind("date", ["'0001-01-01'", "'9999-12-31'", "'2024-02-29'"]),
            Kind("date", ["'4713-01-01 BC'", "'5874897-12-31'"], refusedBy: family),
            Kind("time", ["'00:00:00'", "'23:59:59.999999'"]),
            Kind("time with time zone", ["'23:59:59.999999+15:59'", "'00:00:00-15:59'"], refusedBy: family),
            Kind("timestamp", ["'0001-01-01 00:00:00'", "'9999-12-31 23:59:59.999999'"]),
            Kind("timestamp with time zone", ["'1970-01-02 00:00:00Z'", "'2038-01-18 03:14:07.999999Z'"]),
            Kind("timestamp with time zone", ["'0001-01-01 00:00:00Z'", "'9999-12-31 00:00:00Z'"], refusedBy: family),
            Kind("interval", ["'-3 years 2 mons 1 day 04:05:06.789'", "'0'"], refusedBy: family),
            Kind("uuid", ["'00000000-0000-0000-0000-000000000000'", "'ffffffff-ffff-ffff-ffff-ffffffffffff'"]),
            Kind("jsonb", ["'{\"a\": [1, 2.5, null]}'", "'\"text\"'"]),
            Kind("inet", ["'10.0.0.0/8'"]),
        ],
        .mysql: mysql + [Kind("json", ["'{\"a\": [1, 2.5, null]}'"])],
        .mariadb: mysql + [Kind("uuid", ["'123e4567-e89b-12d3-a456-426655440000'"])],
        .sqlite: [
            Kind("integer", ["-9223372036854775808", "9223372036854775807"]), Kind("boolean", ["true", "false"]),
            Kind("tinyint", ["-128", "127"]), Kind("smallint", ["-32768", "32767"]),
            Kind("real", ["1.7976931348623157e308", "-2.2250738585072014e-308", "0.1"]),
            Kind("real", ["9e999", "-9e999"], refusedBy: family),
            Kind("decimal_text(30,10)", ["'-99999999999999999999.9999999999'", "'0.0000000001'"]),
            Kind("text", texts), Kind("varchar(20)", texts), Kind("blob", ["x''", "x'00ff5c0a'"]),
            Kind("date", ["'0001-01-01'", "'9999-12-31'"]), Kind("time", ["'00:00:00'", "'23:59:59.999999'"]),
            Kind("timestamp", ["'0001-01-01 00:00:00'", "'9999-12-31 23:59:59.999999'"]),
            Kind("timestamptz", ["'1970-01-02 00:00:00Z'", "'2038-01-18 03:14:07.999999Z'"]),
            Kind("uuid_text", ["'123e4567-e89b-12d3-a456-426655440000'"]), Kind("json_text", ["'{\"a\":[1,null]}'"]),
        ],
    ]

    private static let mysql = [
        Kind("boolean", ["true", "false"]), Kind("tinyint", ["-128", "127"]), Kind("tinyint unsigned", ["0", "255"]),
        Kind("smallint", ["-32768", "32767"]), Kind("smallint unsigned", ["65535"]), Kind("mediumint", ["-8388608"]),
        Kind("mediumint unsigned", ["16777215"]), Kind("int", ["-2147483648", "2147483647"]),
        Kind("int unsigned", ["4294967295"]), Kind("bigint", ["-9223372036854775808", "9223372036854775807"]),
        Kind("bigint unsigned", ["18446744073709551615", "0"]),
        Kind("decimal(65,30)", ["-99999999999999999999999999999999999.999999999999999999999999999999", "0.5"]),
        Kind("float", ["3.40282e38", "-1.17549e-38"]), Kind("double", ["1.7976931348623157e308", "0.1"]),
        Kind("varchar(20)", texts), Kind("char(5)", ["'ab'", "'abcde'"]),
        Kind("longtext", texts + ["repeat('x', 70000)"]),
        Kind("varbinary(20)", ["x''", "x'00ff5c0a'"]), Kind("longblob", ["x''", "x'00ff5c0a'"]),
        Kind("date", ["'0001-01-01'", "'9999-12-31'"]), Kind("time(6)", ["'00:00:00'", "'23:59:59.999999'"]),
        Kind("time", ["'-838:59:59'"], refusedBy: [.postgresql, .sqlite]),
        Kind("datetime(6)", ["'0001-01-01 00:00:00'", "'9999-12-31 23:59:59.999999'"]),
        Kind("timestamp(6)", ["'1970-01-02 00:00:01'", "'2038-01-18 03:14:07.999999'"]),
        Kind("year", ["1901", "2155"]), Kind("bit(1)", ["b'1'"]), Kind("bit(64)", ["0xFFFFFFFFFFFFFFFF", "0"]),
        Kind("enum('a','b''c')", ["'a'", "'b''c'"]), Kind("set('a','b')", ["'a,b'", "''"]),
    ]

    private func copy(
        _ source: any Connection,
        _ target: any Connection,
        _ columns: [String]
    ) async throws {
        var options = CopyOptions()
        options.columns = ["id"] + columns
        options.verifies = true
        // What has to be asked for is taken as it is suggested.
        for _ in 0..<2 {
            let plan = try await CopyPlan.make(from: source, to: target, options)
            do {
                try plan.check()
            } catch {
                for word in (error.hint ?? "").split(separator: "--type ").dropFirst() {
                    let parts = word.trimmingSuffix(while: { $0 == " " }).split(separator: "=", maxSplits: 1)
                    if parts.count == 2 { options.types[String(parts[0])] = String(parts[1]) }
                }
                continue
            }
            _ = try await DatabaseCopy(from: source, to: target, plan).run()
            return
        }
        Issue.record("No types could be chosen for \(columns).")
    }

    @Test(arguments: TestDatabase.pairs)
    func valuesArriveAsTheyAreOrNotAtAll(from: TestDatabase, to: TestDatabase) async throws {
        let kinds = try #require(Self.kinds[from])
        try await from.withDatabase { source in
            try await to.withDatabase { target in
                let names = kinds.indices.map { "c\($0)" }
                let null = from == .mysql || from == .mariadb ? " null" : ""
                let columns = zip(names, kinds).map { "\($0) \($1.type)\(null)" }.joined(separator: ", ")
                try await source.run(["create table t (id integer primary key, \(columns))"])
                let count = (kinds.map(\.values.count).max() ?? 0) + 1
                for row in 0..<count {
                    // The last row is all NULL.
                    let values = kinds.map { $0.values.indices.contains(row) ? $0.values[row] : "null" }
                    try await source.run(["insert into t values (\(row + 1), \(values.joined(separator: ", ")))"])
                }
                let taken = zip(names, kinds).filter { !$1.refusedBy.contains(to) }.map(\.0)
                try await copy(source, target, taken)
                let left = try await StatementSource.table("t", on: source, columns: ["id"] + taken)
                let right = try await StatementSource.table("t", on: target, columns: ["id"] + taken)
                let report = try await RowComparison(left.source, right.source, key: ["id"]).run()
                #expect(report.isEqual && report.firstCount == count, "\(report.summary) \(report.differences)")
                for (name, kind) in zip(names, kinds) where kind.refusedBy.contains(to) {
                    await #expect(throws: DatabaseError.self, "\(kind.type) \(kind.values)") {
                        try await copy(source, target, [name])
                    }
                    // The copy before is still there.
                    #expect(try await target.query("select count(*) from t").decode(Int.self).fetchOnly() == count)
                }
            }
        }
    }
}

extension StringProtocol {
    fileprivate func trimmingSuffix(while predicate: (Character) -> Bool) -> String {
        var text = Substring(self)
        while let last = text.last, predicate(last) { text.removeLast() }
        return String(text)
    }
}
