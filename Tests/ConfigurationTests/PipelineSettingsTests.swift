import Foundation
import Roost
import RoostConfiguration
import RoostPipelineDefinition
import Testing

@Suite struct PipelineSettingsTests {
    static let whole = """
        description: Sales of the shops
        schedule: "30 2 * * mon-fri"
        parameters:
          day: {default: 2026-01-31, description: the day that is loaded}
          shop: all
        secrets:
          mask: {env: MASK_KEY}
        contract: {tables: evolve, columns: discard_value, types: discard_row}
        rejects: {file: rejects.ndjson, limit: 10, values: true}
        steps:
          daily:
            depends_on: sales
            source: {connection: warehouse, query: "select * from sale where day = :day"}
            lookups:
              rate: {file: rates.csv, types: {rate: "decimal(12,6)"}}
            transform: {over: all, sql: "select day, sum(amount) as amount from input group by day"}
            target: {connection: warehouse, table: daily, key: day}
          sales:
            source: {connection: till, table: sale, columns: [id, amount], where: amount > 0}
            columns:
              id: {cast: bigint, rename: sale_id}
              card: {mask: partial, last: 4}
              customer: {mask: hmac, secret: mask}
              born: {mask: date-shift, days: 30, secret: mask, by: customer}
              note: drop
              origin: {constant: till}
            target: {connection: warehouse, table: sale, mode: incremental, cursor: changed, key: [sale_id], lookback: 1h}
            checks:
              - row_count: {min: 1, max: 100}
                severity: warn
              - not_null: [sale_id, amount]
              - unique: sale_id
              - range: {column: amount, min: 0, max: 99.5}
              - freshness: {column: changed, within: 24h}
              - name: no refunds
                sql: select * from {rows} where amount < 0
        """

    @Test func allOfItIsRead() throws {
        let settings = try PipelineSettings.parse(Self.whole, name: "shop", file: "pipelines/shop.yaml")
        let pipeline = try #require(settings.definitions.first)
        #expect(pipeline.name == "shop" && pipeline.secrets == ["mask"])
        #expect(settings.secrets["shop"]?["mask"] == .environment("MASK_KEY"))
        #expect(pipeline.parameters.map(\.defaultValue) == ["2026-01-31", "all"])
        #expect(pipeline.contract.columns == .discardValue && pipeline.contract.types == .discardRow)
        #expect(pipeline.rejects.limit == 10 && pipeline.rejects.includesValues)
        let plan = try PipelinePlan(pipeline, parameters: ["day": "2026-02-01"])
        #expect(plan.steps.map(\.name) == ["sales", "daily"])
        #expect(plan.parameters == ["day": "2026-02-01", "shop": "all"])
        let sales = plan.steps[0]
        #expect(sales.target.mode == .incremental && sales.target.key == ["sale_id"])
        #expect(sales.rules.map(\.column) == ["id", "id", "card", "customer", "born", "note", "origin"])
        #expect(sales.rules[4].action == .mask(.dateShift(days: 30, secret: "mask", by: "customer")))
        #expect(sales.checks.map(\.isWarning) == [true, false, false, false, false, false])
        #expect(sales.checks[4].kind == .freshness(column: "changed", seconds: 86_400))
        #expect(plan.lines.contains("1. sales: till.sale → warehouse.sale (incremental)"))
        // Another engine gets the same.
        let copy = try JSONDecoder().decode(PipelinePlan.self, from: JSONEncoder().encode(plan))
        #expect(copy == plan)
    }

    /// A step with one line of its own, and what stands before it.
    private static func step(_ line: String, before: String = "") -> String {
        before
            + "steps:\n  a:\n    source: {connection: x, table: t}\n    target: {connection: y, table: t}\n    \(line)\n"
    }

    @Test(arguments: [
        ("stepps: {}", 1, "Did you mean steps?"),
        (step("chekcs: []"), 5, "checks"),
        (step("transform: {sql: select 1}"), 5, "over"),
        (step("transform: {sql: select 1, over: some}"), 5, "batch, all"),
        (step("checks:\n      - {unique: a, range: {column: b}}"), 6, "a check has one"),
        (step("checks:\n      - unique: a\n      - unique: a"), 7, "two checks"),
        (step("checks:\n      - freshness: {column: a, within: soon}"), 6, "within"),
        (step("columns:\n      a: {mask: rot13}"), 6, "rot13"),
        (step("columns:\n      a: {mask: hmac, secret: key}"), 6, "no secret key"),
        (step("columns:\n      a: {mask: hash, days: 3}"), 6, "does not go with"),
        (step("columns:\n      a: {cast: nothing}"), 6, "no type"),
        (step("depends_on: b"), 3, "depends on b"),
        (step("depends_on: a"), 3, "a → a"),
        (step("", before: "schedule: 61 * * * *\n"), 1, "five fields"),
        (step("", before: "schedule: 0 0 31 2 *\n"), 1, "five fields"),
        (step("", before: "secrets:\n  key: plain\n"), 2, "referred to"),
        (step("", before: "contract: {types: ignore}\n"), 1, "discard_row"),
        ("steps:\n  a:\n    source: {connection: x, table: t, file: b}\n    target: {file: c.csv}", 3, "exactly one"),
        ("steps:\n  a:\n    source: {connection: x, table: t, format: csv}\n    target: {file: c.csv}", 3, "file"),
        ("steps:\n  a:\n    source: {file: b.csv}\n    target: {connection: x, table: t, mode: merge}", 4, "scd2"),
        ("steps:\n  a:\n    source: {file: b.csv}\n    target: {connection: x, table: t, mode: scd2}", 3, "key"),
        (
            "steps:\n  a:\n    source: {file: b.csv}\n    target: {connection: x, table: t, mode: incremental, cursor: c}",
            3, "no cursor"
        ),
        ("steps:\n  a:\n    source: {connection: x, query_file: none.sql}\n    target: {file: c.csv}", 3, "none.sql"),
        ("steps:\n  a: {}", 2, "no source"),
        ("description: x", 1, "no steps"),
    ])
    func mistakesNameTheirLine(text: String, line: Int, words: String) {
        let error = #expect(throws: ConfigurationError.self) {
            try PipelineSettings.parse(text, name: "p", file: "p.yaml")
        }
        #expect(error?.line == line, "\(error?.description ?? "")")
        #expect(error?.message.lowercased().contains(words.lowercased()) == true, "\(error?.description ?? "")")
    }

    @Test func pipelinesOfAProjectDependOnEachOther() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "roost-pipelines-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let files = folder.appending(path: "pipelines")
        try FileManager.default.createDirectory(at: files, withIntermediateDirectories: true)
        let step = "steps: {a: {source: {connection: x, query_file: q.sql}, target: {file: out.csv}}}\n"
        try "pipelines:\n  first:\n    \(step.replacing("q.sql", with: "pipelines/q.sql"))".write(
            to: folder.appending(path: "roost.yaml"),
            atomically: true,
            encoding: .utf8
        )
        try "select 1 as n".write(to: files.appending(path: "q.sql"), atomically: true, encoding: .utf8)
        try "depends_on: [first]\n\(step)".write(
            to: files.appending(path: "second.yaml"),
            atomically: true,
            encoding: .utf8
        )
        let environment = Environment(process: [:])
        let project = try ProjectConfiguration.load(path: nil, directory: folder.path, environment: environment)
        let settings = try PipelineSettings.load(project, directory: folder.path)
        #expect(settings.definitions.map(\.name) == ["first", "second"])
        #expect(settings.definitions[1].origin?.file == "pipelines/second.yaml")
        #expect(
            settings.definitions[1].steps[0].source.kind
                == .query(connection: "x", sql: "select 1 as n", file: "pipelines/q.sql")
        )
        #expect(try PipelinePlan.ordered(settings.definitions.reversed()).map(\.name) == ["first", "second"])
        try "depends_on: [second]\n\(step)".write(
            to: files.appending(path: "third.yaml"),
            atomically: true,
            encoding: .utf8
        )
        try "depends_on: [third]\n\(step)".write(
            to: files.appending(path: "second.yaml"),
            atomically: true,
            encoding: .utf8
        )
        let error = #expect(throws: ConfigurationError.self) {
            try PipelineSettings.load(project, directory: folder.path)
        }
        #expect(error?.message.contains("second → third → second") == true)
        #expect(error?.file == "pipelines/second.yaml")
    }

    @Test(arguments: [
        ("every 15m", "2026-01-31T10:00:00Z", "2026-01-31T10:15:00Z"),
        ("@daily", "2026-01-31T00:00:00Z", "2026-02-01T00:00:00Z"),
        ("30 2 * * mon-fri", "2026-01-30T02:30:00Z", "2026-02-02T02:30:00Z"),
        ("0 12 29 2 *", "2026-01-01T00:00:00Z", "2028-02-29T12:00:00Z"),
        ("*/20 8-9 1,15 * *", "2026-01-01T09:40:00Z", "2026-01-15T08:00:00Z"),
        ("0 0 13 * fri", "2026-01-10T00:00:00Z", "2026-01-13T00:00:00Z"),
        ("0 0 * * 7", "2026-01-10T00:00:00Z", "2026-01-11T00:00:00Z"),
    ])
    func schedulesTellTheNextTime(text: String, after: String, next: String) throws {
        let schedule = try #require(PipelineSchedule(text))
        #expect(schedule.next(after: try #require(Instant(after))) == Instant(next))
    }
}
