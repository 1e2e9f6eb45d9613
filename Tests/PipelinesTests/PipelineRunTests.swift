import Foundation
import Roost
import RoostPipelineDefinition
import RoostPipelines
import RoostSchema
import Testing

@Suite(.serialized) struct PipelineRunTests {
    private static let sales = [
        "create table sale (id integer primary key, customer varchar(40) not null, card varchar(20), amount decimal(10,2) not null, changed timestamp not null)",
        "insert into sale values (1, 'ana', '4111111111111111', 12.50, '2026-01-01 10:00:00'), (2, 'bo', null, 2.25, '2026-01-02 11:30:00'), (3, 'ana', '42', 1000.00, '2026-01-03 00:00:00')",
    ]

    /// SQLite keeps `decimal(10,2)` as a floating-point number, so its tables say it their own way.
    private static func sales(of engine: TestDatabase) -> [String] {
        engine == .sqlite ? sales.map { $0.replacing("decimal(10,2)", with: "decimal_text(10,2)") } : sales
    }

    private static func incremental(_ more: String = "", key: String = "key: id, ") -> String {
        """
        steps:
          sales:
            source: {connection: a, table: sale}
            target: {connection: b, table: sold, mode: incremental, \(key)cursor: changed}
        \(more)
        """
    }

    private static let pairs: [(TestDatabase, TestDatabase)] = [
        (.sqlite, .postgresql), (.postgresql, .mysql), (.mysql, .mariadb), (.mariadb, .sqlite), (.sqlite, .sqlite),
    ].filter { $0.isRunning && $1.isRunning }

    @Test(arguments: pairs)
    func incrementalStepsReadWhatIsNew(from: TestDatabase, to: TestDatabase) async throws {
        try await PipelineHarness.with(from, to) { harness, source, target in
            try await source.run(Self.sales(of: from))
            let first = try await harness.run(Self.incremental())
            #expect(first.status == .succeeded, "\(first.error?.message ?? "")")
            #expect(first.steps.map(\.rowsWritten) == [3])
            let table = try #require(try await Schema.read(from: target).table("sold"))
            #expect(table.primaryKey?.columns == ["id"])
            #expect(table.columns.map(\.isNullable) == [false, false, true, false, false])
            let one = try await StatementSource.table("sale", on: source)
            let other = try await StatementSource.table("sold", on: target)
            #expect(try await RowComparison(one.source, other.source, key: ["id"]).run().isEqual)
            // The row at the cursor itself is read again, and one that was changed; one that was changed in the past is not.
            try await source.run([
                "insert into sale values (4, 'cy', null, 3, '2026-01-04 00:00:00')",
                "update sale set amount = 7, changed = '2026-01-05 00:00:00' where id = 1",
                "update sale set amount = 9 where id = 2",
            ])
            let second = try await harness.run(Self.incremental())
            #expect(second.steps.map(\.rowsWritten) == [3], "\(second.error?.message ?? "")")
            let amounts = try await target.query("select cast(amount as char(9)) from sold order by id").fetchAll(
                limit: 9
            )
            #expect(
                amounts.compactMap { $0.values[0].text.flatMap { Double($0.filter { $0 != " " }) } } == [
                    7, 2.25, 1000, 3,
                ]
            )
            let full = try await harness.run(Self.incremental()) { $0.isFull = true }
            #expect(full.steps.map(\.rowsWritten) == [4])
            // Without a key rows are added: those beyond the cursor.
            let added = Self.incremental(key: "").replacing("sold", with: "log")
            #expect(try await harness.run(added).steps.map(\.rowsWritten) == [4])
            #expect(try await harness.run(added).steps.map(\.rowsWritten) == [0])
            #expect(try await target.query("select count(*) from log").decode(Int.self).fetchOnly() == 4)
        }
    }

    @Test(arguments: TestDatabase.running)
    func modesTreatWhatIsThere(engine: TestDatabase) async throws {
        try await PipelineHarness.with(.sqlite, engine) { harness, source, target in
            try await source.run(["create table item (shop text, id integer, name text)"])
            func run(_ mode: String, _ rows: String) async throws -> String {
                try await source.run(["delete from item", "insert into item values \(rows)"])
                let yaml = """
                    steps:
                      load:
                        source: {connection: a, table: item}
                        columns: {shop: {cast: varchar(20)}}
                        target: {connection: b, table: item, \(mode)}
                    """
                let report = try await harness.run(yaml)
                if let error = report.error { throw error }
                let rows = try await target.query("select shop, id, name from item order by shop, id, name").fetchAll(
                    limit: 99
                )
                return rows.map { $0.values.map { $0.text ?? "-" }.joined(separator: " ") }.joined(separator: ", ")
            }
            #expect(try await run("mode: replace", "('x', 1, 'a'), ('y', 2, null)") == "x 1 a, y 2 -")
            #expect(try await run("mode: append", "('x', 1, 'b')") == "x 1 a, x 1 b, y 2 -")
            // A day's or shop's rows go as a whole.
            #expect(
                try await run("mode: delete+insert, key: shop", "('x', 3, 'c'), ('x', 4, 'd')") == "x 3 c, x 4 d, y 2 -"
            )
            // Upsert by a key that is not the table's own.
            #expect(
                try await run("mode: upsert, key: [shop, id]", "('y', 2, 'e'), ('z', 1, 'f')")
                    == "x 3 c, x 4 d, y 2 e, z 1 f"
            )
            await #expect(throws: DatabaseError.self) {
                try await run("mode: upsert, key: [shop, id]", "('q', 1, 'f'), ('q', 1, 'g')")
            }
            await #expect(throws: DatabaseError.self) {
                try await run("mode: upsert, key: [shop, id]", "('q', null, 'f')")
            }
            #expect(try await target.query("select count(*) from item").decode(Int.self).fetchOnly() == 4)
            #expect(try await Schema.read(from: target).tables.map(\.name.name) == ["item", "roost_pipeline_state"])
        }
    }

    @Test(arguments: TestDatabase.running)
    func historyIsKept(engine: TestDatabase) async throws {
        try await PipelineHarness.with(.sqlite, engine) { harness, source, target in
            try await source.run([
                "create table client (id integer primary key, city text)",
                "insert into client values (1, 'Oslo'), (2, null), (3, 'Bergen')",
            ])
            let yaml = """
                steps:
                  load:
                    source: {connection: a, table: client}
                    target: {connection: b, table: client, mode: scd2, key: id}
                """
            for statement in [
                "select 1", "update client set city = 'Moss' where id < 3", "delete from client where id = 3",
            ] {
                try await source.run([statement])
                let report = try await harness.run(yaml)
                #expect(report.status == .succeeded, "\(report.error?.message ?? "")")
            }
            let rows = try await target.query(
                "select id, city, case when is_current then 1 else 0 end, case when valid_to is null then 1 else 0 end from client order by id, valid_from"
            ).fetchAll(limit: 99)
            let shown = rows.map { $0.values.map { $0.text ?? "-" }.joined(separator: " ") }
            #expect(shown == ["1 Oslo 0 0", "1 Moss 1 1", "2 - 0 0", "2 Moss 1 1", "3 Bergen 1 1"])
            let gaps = try await target.query(
                "select count(*) from client o join client n on n.id = o.id and n.valid_from = o.valid_to"
            ).decode(Int.self).fetchOnly()
            #expect(gaps == 2)
        }
    }

    @Test(arguments: TestDatabase.running)
    func transformsSeeBatchesOrAll(engine: TestDatabase) async throws {
        try await PipelineHarness.with(engine, engine) { harness, source, target in
            try await source.run(Self.sales(of: engine))
            try harness.write("name,city\nana,Oslo\nbo,Bergen\n", to: "cities.csv")
            let yaml = """
                parameters: {least: 2.5}
                steps:
                  rows:
                    source: {connection: a, table: sale}
                    lookups: {place: {file: cities.csv}}
                    transform:
                      over: batch
                      sql: |
                        select id, upper(customer) as customer, amount, changed, city
                        from input join place on place.name = input.customer -- each for itself
                    target: {connection: b, table: placed, key: id}
                  sums:
                    depends_on: rows
                    source: {connection: b, query: "select * from placed where amount - :least >= 0"}
                    transform: {over: all, sql: "select city, count(*) as sales, max(changed) as last from input group by city order by city"}
                    columns: {last: {cast: timestamp}}
                    target: {file: sums.csv}
                    checks: [{unique: city}]
                """
            let report = try await harness.run(yaml)
            #expect(report.status == .succeeded, "\(report.error?.message ?? "")")
            #expect(report.steps.map(\.rowsWritten) == [3, 1])
            #expect(
                try await target.all("select customer, city from placed order by id")[1] == [
                    .text("BO"), .text("Bergen"),
                ]
            )
            // What the query passes on is as exact as it was.
            let types = try #require(try await Schema.read(from: target).table("placed")).columns.map(\.type.spelling)
            #expect(types[2].lowercased().contains("10,2"), "\(types)")
            #expect(try harness.read("sums.csv") == "city,sales,last\r\nOslo,2,2026-01-03T00:00:00\r\n")
        }
    }

    @Test func rulesChangeColumns() async throws {
        try await PipelineHarness.with(.sqlite, .sqlite) { harness, source, target in
            try await source.run(
                Self.sales(of: .sqlite) + [
                    "alter table sale add column born date", "update sale set born = '1990-05-05'",
                ]
            )
            let yaml = """
                secrets: {key: {env: UNUSED}}
                steps:
                  load:
                    source: {connection: a, table: sale}
                    columns:
                      id: {rename: number}
                      customer: {mask: hmac, secret: key}
                      card: {mask: partial, first: 2, last: 4}
                      amount: {cast: text}
                      changed: {cast: date}
                      born: {mask: date-shift, days: 10, secret: key, by: customer}
                      origin: {constant: 7, cast: integer}
                    target: {connection: b, table: sold}
                """
            let report = try await harness.run(yaml)
            #expect(report.status == .succeeded, "\(report.error?.message ?? "")")
            let rows = try await target.all("select * from sold order by number")
            #expect(rows[0][1] == rows[2][1] && rows[0][1] != rows[1][1])
            #expect(rows[0][1].text?.count == 64)
            #expect(rows.map { $0[2] } == [.text("41**********1111"), .null, .text("**")])
            #expect(rows[0][3] == .text("12.5"))
            #expect(rows[1][4].text == "2026-01-02")
            // A person's dates move together, and never by nothing.
            #expect(rows[0][5] == rows[2][5])
            for row in rows { #expect(row[5].text?.hasPrefix("1990-0") == true && row[5].text != "1990-05-05") }
            #expect(rows.map { $0[6] } == [.int(7), .int(7), .int(7)])
            #expect(try await Schema.read(from: target).table("sold")?.primaryKey == nil)
            let unknown = try await harness.run(yaml.replacing("card:", with: "cart:"))
            #expect(unknown.error?.condition == .undefinedColumn)
        }
    }

    @Test(arguments: TestDatabase.running)
    func failingChecksPublishNothing(engine: TestDatabase) async throws {
        try await PipelineHarness.with(.sqlite, engine) { harness, source, target in
            try await source.run(Self.sales(of: .sqlite))
            try await target.run(["create table sold (id integer primary key)", "insert into sold values (77)"])
            let checks = [
                ("row_count: 4", "3 rows"), ("row_count: {max: 2}", "3 rows"),
                ("not_null: [id, card]", "1 rows with NULL"),
                ("unique: customer", "1 values more than once"),
                ("range: {column: amount, min: 2.5, max: 999}", "2 rows outside"),
                ("range: {column: changed, min: 2026-01-02}", "1 rows outside"),
                ("freshness: {column: changed, within: 1h}", "s old"),
                ("sql: \"select id from {rows} where amount - :most > 0\"", "1 rows"),
                ("sql: \"select id from {target}\"", "1 rows"),
            ]
            for (check, observed) in checks {
                let yaml = """
                    parameters: {most: 500}
                    contract: {columns: evolve}
                    steps:
                      load:
                        source: {connection: a, table: sale}
                        target: {connection: b, table: sold, mode: append}
                        checks:
                          - not_null: id
                          - \(check)
                            severity: SEVERITY
                            name: tried
                    """
                let report = try await harness.run(yaml.replacing("SEVERITY", with: "error"))
                #expect(report.error?.condition == .checkFailed, "\(check): \(report.error?.message ?? "none")")
                #expect(report.steps[0].checks.map(\.isPassed) == [true, false])
                #expect(
                    report.steps[0].checks[1].observed.contains(observed),
                    "\(check): \(report.steps[0].checks[1].observed)"
                )
                #expect(try await target.all("select id from sold").count == 1)
                #expect(
                    try await Schema.read(from: target).tables.map(\.name.name) == ["roost_pipeline_state", "sold"]
                )
                let noted = try #require(try await harness.ledger.report(report.runID))
                #expect(noted.status == .failed && noted.steps[0].checks == report.steps[0].checks)
                guard check.hasPrefix("row_count: 4") else { continue }
                // A warning is told of and holds nothing up.
                let warned = try await harness.run(yaml.replacing("SEVERITY", with: "warn"))
                #expect(warned.status == .succeeded, "\(warned.error?.message ?? "")")
                #expect(try await target.all("select id from sold").count == 4)
                try await target.run(["delete from sold where id < 77"])
            }
            // A file gets its name only when the checks held.
            let file = """
                steps:
                  out: {source: {connection: a, table: sale}, target: {file: out.csv}, checks: [{row_count: 4}]}
                """
            #expect(try await harness.run(file).error?.condition == .checkFailed)
            #expect(!FileManager.default.fileExists(atPath: harness.folder.appending(path: "out.csv").path))
        }
    }

    @Test(arguments: TestDatabase.running)
    func contractsSayWhatMayChange(engine: TestDatabase) async throws {
        try await PipelineHarness.with(.sqlite, engine) { harness, _, target in
            try harness.write("id,amount,note\n1,1.5,a\n2,many,b\n99999999999,3,\n4,4.125,\n", to: "in.csv")
            try await target.run([
                "create table t (id integer primary key, amount decimal(6,2))".replacing(
                    "decimal",
                    with: engine == .sqlite ? "decimal_text" : "decimal"
                )
            ])
            func run(_ contract: String, _ more: String = "") async throws -> PipelineReport {
                try await target.run(["delete from t"])
                return try await harness.run(
                    """
                    contract: {\(contract)}
                    rejects: {file: rejects.ndjson\(more)}
                    steps: {load: {source: {file: in.csv}, target: {connection: b, table: t, mode: append}}}
                    """
                )
            }
            func rows() async throws -> [String] {
                try await target.all("select * from t order by id").map {
                    $0.map { $0.text ?? "-" }.joined(separator: " ")
                }
            }
            #expect(try await run("types: freeze").error?.condition == .contractBroken)
            #expect(try await run("columns: discard_value").error?.message.contains("in.csv, line 3") == true)
            // SQLite's integers have 64 bits.
            let rejected = engine == .sqlite ? 2 : 3
            let byRow = try await run("columns: discard_value, types: discard_row")
            #expect(
                byRow.status == .succeeded && byRow.steps[0].rowsRejected == rejected,
                "\(byRow.error?.message ?? "")"
            )
            #expect(try await rows() == ["1 1.50"] || engine == .sqlite)
            let lines = try harness.read("rejects.ndjson").split(separator: "\n")
            #expect(lines.count == rejected)
            #expect(
                lines[0].contains("line 3\"") && lines[0].contains("\"column\":\"amount\"")
                    && !lines[0].contains("many")
            )
            #expect(lines[1].contains("line 4\"") && lines[1].contains("32 bits") || engine == .sqlite)
            let unknown = try await run("columns: discard_row, types: discard_row")
            #expect(unknown.steps[0].rowsRejected == 4 || engine == .sqlite)
            let limited = try await run("columns: discard_value, types: discard_row", ", limit: 1")
            #expect(limited.error?.condition == .tooManyRejects)
            #expect(try await rows() == [])
            let byValue = try await run("columns: evolve, types: discard_row")
            #expect(byValue.status == .succeeded, "\(byValue.error?.message ?? "")")
            #expect(try await Schema.read(from: target).table("t")?.columns.map(\.name) == ["id", "amount", "note"])
            let frozen = try await harness.run(
                "contract: {tables: freeze}\nsteps: {load: {source: {file: in.csv}, target: {connection: b, table: new}}}"
            )
            #expect(frozen.error?.condition == .contractBroken)
        }
    }

    @Test(arguments: TestDatabase.running.filter { $0 != .sqlite })
    func typesThatEvolveBecomeWider(engine: TestDatabase) async throws {
        try await PipelineHarness.with(engine, engine) { harness, source, target in
            try await target.run([
                "create table t (id integer primary key, name varchar(3))", "insert into t values (1, 'abc')",
            ])
            try await source.run([
                "create table t (id bigint primary key, name varchar(30))",
                "insert into t values (5000000000, 'abcdef')",
            ])
            let yaml =
                "contract: {types: TYPES}\nsteps: {load: {source: {connection: a, table: t}, target: {connection: b, table: t, mode: append}}}"
            #expect(try await harness.run(yaml.replacing("TYPES", with: "freeze")).error != nil)
            let report = try await harness.run(yaml.replacing("TYPES", with: "evolve"))
            #expect(report.status == .succeeded, "\(report.error?.message ?? "")")
            #expect(try await target.all("select name from t order by id") == [[.text("abc")], [.text("abcdef")]])
        }
    }

    /// What was published before a run was interrupted is not published again.
    @Test(arguments: TestDatabase.running)
    func aRunThatFailedGoesOn(engine: TestDatabase) async throws {
        try await PipelineHarness.with(.sqlite, engine) { harness, source, target in
            try await source.run(["create table x (id integer)", "insert into x values (1), (2)"])
            let yaml = """
                steps:
                  one: {source: {connection: a, table: x}, target: {connection: b, table: x, mode: append}}
                  two: {depends_on: one, source: {connection: a, query: select id from y}, target: {connection: b, table: y}}
                  three: {depends_on: two, source: {connection: a, table: x}, target: {connection: b, table: z, mode: append}}
                """
            let first = try await harness.run(yaml)
            #expect(first.steps.map(\.status) == [.succeeded, .failed, .skipped])
            #expect(first.isPartlyDone)
            try await source.run(["create table y (id integer)"])
            let second = try await harness.run(yaml) { $0.resumes = true }
            #expect(second.status == .succeeded, "\(second.error?.message ?? "")")
            #expect(second.runID == first.runID && second.steps.map(\.wasPublishedBefore) == [true, false, false])
            #expect(try await target.all("select id from x").count == 2)
            #expect(try await target.all("select id from z").count == 2)
            // Nothing is left to go on with.
            let third = try await harness.run(yaml) { $0.resumes = true }
            #expect(third.runID != first.runID)
            #expect(try await target.all("select id from x").count == 4)
            #expect(try await harness.ledger.runs().map(\.status) == ["succeeded", "succeeded"])
        }
    }

    @Test func verificationFindsWhatDiffers() async throws {
        try await PipelineHarness.with(.sqlite, .sqlite) { harness, source, target in
            try await source.run(Self.sales(of: .sqlite))
            let yaml = """
                steps:
                  load:
                    source: {connection: a, table: sale}
                    transform: {over: batch, sql: "select id, upper(customer) as customer, amount from input"}
                    target: {connection: b, table: sold, mode: upsert, key: id}
                """
            try await harness.run(yaml)
            let plan = try harness.plan(yaml)
            let verification = PipelineVerification(plan, in: harness.environment)
            #expect(try await verification.run(plan.steps[0]).isRight)
            // A row that the source has no more is no mistake here.
            try await target.run(["insert into sold values (9, 'OLD', '1')"])
            #expect(try await verification.run(plan.steps[0]).isRight)
            try await target.run(["update sold set customer = 'x' where id = 2"])
            let result = try await verification.run(plan.steps[0])
            #expect(!result.isRight && result.report?.counts[.changed] == 1)
        }
    }
}
