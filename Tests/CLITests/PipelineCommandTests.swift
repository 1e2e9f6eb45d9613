import Foundation
import Testing

extension CLITests {
    @Suite(.serialized) struct PipelineCommandTests {
        private func withProject(_ yaml: String, _ body: (RoostBinary) throws -> Void) throws {
            let roost = try RoostBinary()
            defer { roost.remove() }
            try "connections:\n  till: sqlite:till.db\n  warehouse: sqlite:warehouse.db?mode=rwc\n\(yaml)".write(
                to: roost.folder.appending(path: "roost.yaml"),
                atomically: true,
                encoding: .utf8
            )
            let setup = """
                create table sale (id integer primary key, shop text, amount integer);
                insert into sale values (1, 'x', 10), (2, 'y', 20), (3, 'x', 30);
                """
            #expect(try roost.run(["query", "sqlite:till.db?mode=rwc", "-f", "-"], input: setup).status == 0)
            try body(roost)
        }

        private static let sales = """
            pipelines:
              sales:
                schedule: "@daily"
                parameters: {shop: {default: x}}
                steps:
                  load:
                    source: {connection: till, table: sale, where: "shop = :shop"}
                    target: {connection: warehouse, table: sale, mode: upsert}
                    checks: [{range: {column: amount, max: 25}}]
              sums:
                depends_on: sales
                steps:
                  sum:
                    source: {connection: warehouse, table: sale}
                    transform: {over: all, sql: "select shop, sum(amount) as amount from input group by shop"}
                    target: {file: sums.csv}
            """

        @Test func runsAreNotedAndTold() throws {
            try withProject(Self.sales) { roost in
                let plan = try roost.run(["pipeline", "plan", "sales", "-p", "shop=y"])
                #expect(plan.output.contains("1. load: till.sale → warehouse.sale (upsert)"), "\(plan.errors)")
                // A failed check publishes nothing, here nor in what depends on it.
                let failed = try roost.run(["pipeline", "run", "--all", "-o", "json"])
                #expect(failed.status == 6, "\(failed.errors)")
                #expect(failed.errors.contains("range amount (1 rows outside)"))
                #expect(failed.errors.contains("sums: not run, since sales failed"))
                #expect(failed.output.contains("\"status\" : \"failed\""))
                let query = ["query", "warehouse", "select id from sale", "-o", "csv"]
                #expect(try roost.run(query).status == 1)
                let run = try roost.run(["pipeline", "run", "sums", "--with-dependencies", "-p", "shop=y", "-o", "csv"])
                #expect(run.status == 0, "\(run.errors)")
                #expect(run.output.split(separator: "\r\n").count == 3)
                #expect(try roost.run(query).output == "id\r\n2\r\n")
                let sums = try String(contentsOf: roost.folder.appending(path: "sums.csv"), encoding: .utf8)
                #expect(sums == "shop,amount\r\ny,20\r\n")
                #expect(try roost.run(["pipeline", "verify", "sales", "-p", "shop=y"]).status == 0)
                #expect(try roost.run(["pipeline", "verify", "sales"]).status == 3)
                let state = try roost.run(["pipeline", "state", "sales", "-o", "ndjson"])
                #expect(state.output.split(separator: "\n").count == 2)
                let last = try roost.run(["pipeline", "state", "sales", "--run", "last", "-o", "csv"])
                #expect(last.output.contains("  range amount,passed"))
                let list = try roost.run(["pipeline", "list", "-o", "csv"])
                #expect(list.output.contains("sales,1,\"\",@daily,"), "\(list.output)")
                #expect(list.output.contains(",succeeded,"))
            }
        }

        @Test func mistakesHaveTheirExitCodes() throws {
            try withProject(Self.sales) { roost in
                func expect(_ arguments: [String], _ status: Int32, _ words: String) throws {
                    let outcome = try roost.run(["pipeline"] + arguments)
                    #expect(outcome.status == status, "\(arguments) \(outcome.errors)")
                    #expect(outcome.errors.contains(words), "\(arguments) \(outcome.errors)")
                }
                try expect(["run", "nothing"], 2, "There are: sales, sums.")
                try expect(["run"], 2, "--all")
                try expect(["run", "sales", "-p", "day=1"], 2, "no parameter day")
                try expect(["run", "sales", "--step", "other"], 2, "no step other")
                try expect(["state", "--run", "other"], 2, "no run")
                try expect(["verify", "sales"], 1, "no table sale")
            }
            try withProject(Self.sales.replacing("over: all", with: "ofer: all")) { roost in
                let outcome = try roost.run(["pipeline", "list"])
                #expect(outcome.status == 2)
                #expect(
                    outcome.errors.contains("roost.yaml:18: transform has no key ofer. Did you mean over?"),
                    "\(outcome.errors)"
                )
            }
            try withProject(Self.sales.replacing("parameters:", with: "depends_on: sums\n    parameters:")) { roost in
                let outcome = try roost.run(["pipeline", "run", "--all"])
                #expect(outcome.status == 2 && outcome.errors.contains("sales → sums → sales"), "\(outcome.errors)")
            }
        }

        /// Killed again and again, an incremental pipeline ends with what its source has, no row twice.
        @Test func aKilledRunGoesOn() throws {
            let yaml = """
                pipelines:
                  items:
                    steps:
                      rows:
                        source: {connection: till, table: item}
                        target: {connection: warehouse, table: item, mode: incremental, cursor: id, key: id}
                      log:
                        depends_on: rows
                        source: {connection: till, table: item, columns: [name]}
                        target: {connection: warehouse, table: log, mode: append}
                """
            try withProject(yaml) { roost in
                let setup = """
                    create table item (id integer primary key, name text not null, note text);
                    with recursive n(i) as (values(1) union all select i + 1 from n where i < 20000)
                    insert into item select i, 'name ' || i, case i % 3 when 0 then null else '' end from n;
                    """
                #expect(try roost.run(["query", "till", "-f", "-"], input: setup).status == 0)
                let arguments = ["pipeline", "run", "items", "--resume"]
                var interruptions = 0
                // The target grows to about two megabytes; each kill is a little further on.
                for limit in stride(from: 1, through: 1_800_001, by: 300_000) {
                    let process = Process()
                    process.executableURL = RoostBinary.executable
                    process.arguments = arguments
                    process.currentDirectoryURL = roost.folder
                    process.standardError = FileHandle.nullDevice
                    process.standardOutput = FileHandle.nullDevice
                    let start = size(roost)
                    try process.run()
                    while process.isRunning, size(roost) < start + limit {}
                    if process.isRunning { kill(process.processIdentifier, SIGKILL) }
                    process.waitUntilExit()
                    if process.terminationReason == .uncaughtSignal { interruptions += 1 }
                }
                #expect(interruptions > 0)
                let last = try roost.run(arguments)
                #expect(last.status == 0, "\(last.errors)")
                let diff = try roost.run(["diff", "till", "warehouse", "--table", "item"])
                #expect(diff.status == 0, "\(diff.errors)")
                // Runs that ended add to the log once each; the others not at all.
                let runs = try roost.run(["pipeline", "state", "items", "-o", "csv"]).output
                let ended = runs.split(separator: "\r\n").filter { $0.contains(",succeeded,") }.count
                let count = try roost.run(["query", "warehouse", "select count(*) as n from log", "-o", "csv"])
                #expect(count.output == "n\r\n\(20_000 * ended)\r\n", "\(runs)")
            }
        }

        private func size(_ roost: RoostBinary) -> Int {
            ["warehouse.db", "warehouse.db-wal"].reduce(0) { total, name in
                let path = roost.folder.appending(path: name).path
                return total + ((try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int) ?? 0)
            }
        }
    }
}
