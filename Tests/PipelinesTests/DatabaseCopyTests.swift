import Foundation
import Roost
import RoostPipelines
import RoostSchema
import Testing

@Suite(.serialized) struct DatabaseCopyTests {
    private func copy(
        _ source: any Connection,
        _ target: any Connection,
        _ change: (inout CopyOptions) -> Void = { _ in }
    ) async throws -> [DatabaseCopy.TableResult] {
        var options = CopyOptions()
        change(&options)
        let plan = try await CopyPlan.make(from: source, to: target, options)
        return try await DatabaseCopy(from: source, to: target, plan).run()
    }

    private func compare(_ table: String, _ one: any Connection, _ other: any Connection) async throws
        -> ComparisonReport
    {
        let left = try await StatementSource.table(table, on: one)
        let right = try await StatementSource.table(table, on: other)
        return try await RowComparison(left.source, right.source, key: left.key).run()
    }

    /// What the shape of a table must keep: names, whether NULL may be there, keys.
    private func shape(_ connection: any Connection) async throws -> [String] {
        try await Schema.read(from: connection).tables.flatMap { table in
            let key = table.primaryKey?.columns ?? []
            let columns = table.columns.map { column in
                let isNullable = column.isNullable && !key.contains(column.name)
                return "\(table.name).\(column.name) \(isNullable)"
            }
            let references = table.foreignKeys.map { "\(table.name)(\($0.columns)) → \($0.referencedTable)" }.sorted()
            return columns + ["\(table.name) key \(key)"] + references
        }.sorted { $0.lowercased() < $1.lowercased() }
    }

    private static let shop = [
        "create table customer (id integer primary key, name varchar(40) not null, note text, born date, height double precision, rate numeric(10,2) not null default 0)",
        "create table orders (customer_id integer not null, line smallint not null, item varchar(20), primary key (customer_id, line), foreign key (customer_id) references customer (id) on delete cascade)",
        "insert into customer values (1, 'Ana', '', '1990-01-31', 1.75, 12.50), (2, 'O''Brien', null, null, null, -0.01), (3, 'Ünïcødé 😀', 'a', '0001-01-01', -1e300, 99999999.99)",
        "insert into orders values (1, 1, 'apple'), (1, 2, null), (3, 1, '')",
    ]

    @Test(arguments: TestDatabase.pairs)
    func rowsKeysAndNullsComeThrough(from: TestDatabase, to: TestDatabase) async throws {
        try await from.withDatabase { source in
            try await to.withDatabase { target in
                try await source.run(Self.shop)
                let results = try await copy(source, target) { $0.verifies = true }
                #expect(results.map(\.rows) == [3, 3])
                for table in ["customer", "orders"] {
                    let report = try await compare(table, source, target)
                    #expect(report.isEqual, "\(table): \(report.summary) \(report.differences)")
                }
                let (before, after) = (try await shape(source), try await shape(target))
                #expect(before == after)
                #expect(
                    try await target.all("select note from customer order by id") == [
                        [.text("")], [.null], [.text("a")],
                    ]
                )
                // The foreign key holds, and the copy can be made again over itself.
                await #expect(throws: DatabaseError.self) {
                    try await target.run(["insert into orders values (77, 1, 'x')"])
                }
                #expect(try await copy(source, target).map(\.rows) == [3, 3])
                #expect(try await target.all("select count(*) from orders") == [[.int(3)]])
            }
        }
    }

    @Test(arguments: TestDatabase.running)
    func appendAddsAndUpsertReplacesByKey(engine: TestDatabase) async throws {
        try await TestDatabase.sqlite.withDatabase { source in
            try await engine.withDatabase { target in
                try await source.run([
                    "create table t (id integer primary key, v varchar(9))",
                    "insert into t values (2, 'new'), (3, 'c')",
                ])
                try await target.run([
                    "create table t (id bigint primary key, v varchar(9))", "insert into t values (1, 'a'), (2, 'old')",
                ])
                // A key that is there already: nothing of the whole is added.
                await #expect(throws: DatabaseError.self) { try await copy(source, target) { $0.mode = .append } }
                #expect(try await target.all("select count(*) from t") == [[.int(2)]])
                _ = try await copy(source, target) { $0.mode = .upsert }
                #expect(
                    try await target.all("select v from t order by id") == [[.text("a")], [.text("new")], [.text("c")]]
                )
                _ = try await copy(source, target) {
                    $0.mode = .append
                    $0.condition = "id > 99"
                }
                #expect(try await target.all("select count(*) from t") == [[.int(3)]])
            }
        }
    }

    @Test(arguments: TestDatabase.running.filter { $0 != .sqlite })
    func anErrorLeavesTheTargetAsItWas(engine: TestDatabase) async throws {
        try await TestDatabase.sqlite.withDatabase { source in
            try await engine.withDatabase { target in
                // SQLite does not mind a text among numbers, nor a decimal with three places.
                try await source.run([
                    "create table t (id integer primary key, n numeric(6,2))",
                    "insert into t values (1, 0.5), (2, 0.125)",
                ])
                try await target.run(["create table t (id integer primary key)", "insert into t values (7)"])
                let error = await #expect(throws: DatabaseError.self) { try await copy(source, target) }
                #expect(error?.message.contains("decimal places") == true)
                #expect(error?.column == "n")
                #expect(try await target.all("select id from t") == [[.int(7)]])
                #expect(try await Schema.read(from: target).tables.map(\.name.name) == ["t"])
                #expect(await target.transactionStatus == .idle)
                #expect(await source.transactionStatus == .idle)
            }
        }
    }

    @Test func aTypeWithoutPlaceHasToBeAskedFor() async throws {
        guard TestDatabase.postgresql.isRunning, TestDatabase.mysql.isRunning else { return }
        try await TestDatabase.postgresql.withDatabase { source in
            try await TestDatabase.mysql.withDatabase { target in
                try await source.run([
                    "create table t (id int primary key, a inet, n numeric, i interval)",
                    "insert into t values (1, '10.0.0.0/8', 1.25, '1 month')",
                ])
                let error = await #expect(throws: DatabaseError.self) { try await copy(source, target) }
                for column in ["t.a", "t.n", "t.i"] { #expect(error?.message.contains(column) == true) }
                #expect(error?.hint?.contains("--type t.n=decimal(65,30)") == true)
                _ = try await copy(source, target) {
                    $0.types = ["inet": "varchar(60)", "t.n": "decimal(65,30)", "i": "varchar(64)"]
                }
                #expect(try await target.all("select a, i from t") == [[.text("10.0.0.0/8"), .text("P1M")]])
            }
        }
    }

    /// A row that is larger than all that is held between the sides.
    @Test(.enabled(if: TestDatabase.postgresql.isRunning), .timeLimit(.minutes(2)))
    func longRowsGoThroughAsTheyAre() async throws {
        try await TestDatabase.postgresql.withDatabase { source in
            try await TestDatabase.postgresql.withDatabase { target in
                try await source.run([
                    "create table t (id integer primary key, note text not null)",
                    "insert into t select i, repeat(md5(i::text), 100000) from generate_series(1, 4) i",
                    "insert into t select i, 'short' from generate_series(5, 9) i",
                ])
                let results = try await copy(source, target)
                #expect(results.map(\.rows) == [9] && results.allSatisfy(\.wentRaw))
                #expect(try await compare("t", source, target).isEqual)
            }
        }
    }

    @Test(.enabled(if: TestDatabase.postgresql.isRunning), arguments: TestDatabase.running)
    func arraysBecomeTextsWhereThatIsAskedFor(engine: TestDatabase) async throws {
        try await TestDatabase.postgresql.withDatabase { source in
            try await engine.withDatabase { target in
                try await source.run([
                    "create table t (id integer primary key, tags text[], grid integer[] not null)",
                    "insert into t values (1, '{a,\"b,c\",NULL}', '{{1,2},{3,4}}'), (2, null, '{}')",
                ])
                if engine != .postgresql {
                    let error = await #expect(throws: DatabaseError.self) { try await copy(source, target) }
                    #expect(error?.hint?.contains("--type t.tags=") == true, "\(error?.hint ?? "")")
                }
                let results = try await copy(source, target) {
                    $0.types = ["t.tags": "text", "grid": "text"]
                    $0.verifies = true
                }
                #expect(results.map(\.rows) == [2])
                #expect(
                    try await target.all("select tags, grid from t order by id") == [
                        [.text(#"["a","b,c",null]"#), .text("[[1,2],[3,4]]")], [.null, .text("[]")],
                    ]
                )
            }
        }
    }

    @Test(arguments: TestDatabase.running)
    func partsComeWithTheTableTheyAreOf(engine: TestDatabase) async throws {
        guard TestDatabase.postgresql.isRunning else { return }
        try await TestDatabase.postgresql.withDatabase { source in
            try await engine.withDatabase { target in
                try await source.run([
                    "create table measure (at date not null, v int, primary key (at)) partition by range (at)",
                    "create table early partition of measure for values from (minvalue) to ('2024-01-01')",
                    "create table late partition of measure default",
                    "insert into measure values ('2023-05-06', 1), ('2024-05-06', 2), ('2025-05-06', 3)",
                ])
                let results = try await copy(source, target)
                #expect(results.map(\.table) == ["measure"])
                #expect(results.map(\.rows) == [3])
                // A part that is asked for by name comes alone.
                #expect(try await copy(source, target) { $0.tables = ["late"] }.map(\.rows) == [2])
                #expect(try await Schema.read(from: target).tables.map(\.name.name) == ["late", "measure"])
            }
        }
    }

    @Test(arguments: TestDatabase.running)
    func indexesAndReferencesComeAlongOrAreTold(engine: TestDatabase) async throws {
        try await TestDatabase.sqlite.withDatabase { source in
            try await engine.withDatabase { target in
                try await source.run([
                    "create table t (id integer primary key, a varchar(9) default 'it''s', b integer, c varchar(9) unique, up integer references t)",
                    "create index by_a on t (a desc, b)", "create index part on t (a) where b > 1",
                    "create index lowered on t (lower(a))",
                    "insert into t values (1, 'x', 2, 'c', null), (2, 'y', 3, 'd', 1)",
                ])
                var options = CopyOptions()
                options.targetTable = "u"
                let plan = try await CopyPlan.make(from: source, to: target, options)
                #expect(
                    plan.notes.sorted() == [
                        "t: the index lowered does not come along.", "t: the index part does not come along.",
                    ]
                )
                _ = try await DatabaseCopy(from: source, to: target, plan).run()
                let table = try #require(try await Schema.read(from: target).table("u"))
                let index = try #require(table.indexes.first { $0.parts.map(\.column) == ["a", "b"] })
                #expect(index.parts.map(\.isDescending) == [true, false])
                #expect(table.indexes.contains { $0.isUnique && $0.parts.map(\.column) == ["c"] })
                // The table's new name is the one it refers to.
                #expect(table.foreignKeys.map(\.referencedTable) == [ObjectName("u")])
                #expect(table.foreignKeys.map(\.referencedColumns) == [["id"]])
                try await target.run(["insert into u (id) values (9)"])
                #expect(try await target.all("select a from u where id = 9") == [[.text("it's")]])
                await #expect(throws: DatabaseError.self) {
                    try await target.run(["insert into u (id, up) values (10, 77)"])
                }
            }
        }
    }

    @Test(arguments: TestDatabase.running)
    func unknownNamesAreNamed(engine: TestDatabase) async throws {
        try await engine.withDatabase { source in
            try await TestDatabase.sqlite.withDatabase { target in
                try await source.run(["create table t (id int primary key)"])
                let table = await #expect(throws: DatabaseError.self) {
                    try await copy(source, target) { $0.tables = ["u*"] }
                }
                #expect(table?.condition == .undefinedTable)
                let column = await #expect(throws: DatabaseError.self) {
                    try await copy(source, target) { $0.columns = ["x"] }
                }
                #expect(column?.condition == .undefinedColumn)
                let mode = await #expect(throws: DatabaseError.self) {
                    try await copy(source, target) { $0.mode = .append }
                }
                #expect(mode?.condition == .undefinedTable)
            }
        }
    }
}
