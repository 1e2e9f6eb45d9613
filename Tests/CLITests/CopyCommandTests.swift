import Foundation
import Testing

extension CLITests {
    @Suite(.serialized) struct CopyCommandTests {
        private static let rowCount = 60_000

        private func withShop(_ body: (RoostBinary) throws -> Void) throws {
            let roost = try RoostBinary()
            defer { roost.remove() }
            let setup = """
                create table item (id integer primary key, name text not null, note text, price double precision);
                with recursive n(i) as (values(1) union all select i + 1 from n where i < \(Self.rowCount))
                insert into item select i, 'name ' || i, case i % 3 when 0 then null when 1 then '' else 'n' end, i / 8.0 from n;
                """
            #expect(try roost.run(["query", "sqlite:a.db?mode=rwc", "-f", "-"], input: setup).status == 0)
            try body(roost)
        }

        @Test func tablesAreCopiedAndCompared() throws {
            try withShop { roost in
                let plan = try roost.run(["copy", "sqlite:a.db", "sqlite:b.db?mode=rwc", "--dry-run"])
                #expect(plan.output.contains("id: INTEGER → INTEGER"))
                let copy = try roost.run(["copy", "sqlite:a.db", "sqlite:b.db?mode=rwc", "--verify"])
                #expect(copy.status == 0, "\(copy.errors)")
                #expect(copy.output.isEmpty)
                #expect(copy.errors.contains("60,000 rows copied and verified"))
                #expect(try roost.run(["diff", "sqlite:a.db", "sqlite:b.db"]).status == 0)
                _ = try roost.run(["query", "sqlite:b.db", "update item set note = 'x' where id = 77"])
                let diff = try roost.run(["diff", "sqlite:a.db", "sqlite:b.db", "-o", "csv"])
                #expect(diff.status == 3)
                #expect(diff.output == "table,difference,key,columns\r\nitem,changed,id=77,note\r\n")
                // What Roost keeps for itself is no difference.
                for table in ["roost_pipeline_state", "roost_migrations", "other__roost"] {
                    _ = try roost.run(["query", "sqlite:a.db", "create table \(table) (id integer primary key)"])
                }
                let again = try roost.run(["diff", "sqlite:a.db", "sqlite:b.db", "-o", "csv"])
                #expect(again.status == 3 && again.output == diff.output, "\(again.errors)")
            }
        }

        @Test func filesAndStreamsTakePart() throws {
            try withShop { roost in
                let copy = try roost.run([
                    "copy", "sqlite:a.db", "-", "--query", "select id, note from item where id < 4", "--format", "csv",
                ])
                #expect(copy.output == "id,note\r\n1,\"\"\r\n2,n\r\n3,\r\n")
                let loaded = try roost.run(
                    ["copy", "-", "sqlite:b.db?mode=rwc", "--into", "t", "--format", "csv", "--type", "id=INTEGER"],
                    input: copy.output
                )
                #expect(loaded.status == 0, "\(loaded.errors)")
                let broken = try roost.run(
                    ["copy", "-", "sqlite:b.db", "--into", "t", "--format", "csv"],
                    input: "id,note\n1,\"x\n"
                )
                #expect(broken.status == 1)
                #expect(broken.errors.contains("line 2, column 3"))
                let count = try roost.run(["query", "sqlite:b.db", "select count(*) as n from t", "-o", "csv"])
                #expect(count.output == "n\r\n3\r\n")
            }
        }

        @Test func mistakesHaveTheirExitCodes() throws {
            try withShop { roost in
                func expect(_ arguments: [String], _ status: Int32, _ words: String) throws {
                    let outcome = try roost.run(["copy"] + arguments)
                    #expect(outcome.status == status, "\(arguments) \(outcome.errors)")
                    #expect(outcome.errors.contains(words), "\(arguments) \(outcome.errors)")
                }
                try expect(["sqlite:a.db", "sqlite:b.db"], 4, "does not exist")
                try expect(["sqlite:a.db", "sqlite:b.db?mode=rwc", "--table", "nothing"], 1, "No table is named")
                try expect(["sqlite:a.db", "out.csv"], 2, "--table")
                try expect(["missing.csv", "sqlite:a.db"], 1, "There is no file")
                try expect(["sqlite:a.db", "x.csv", "--query", "select 1", "--where", "1"], 2, "--query")
            }
        }

        /// Ends at the limit of a record, without the rest of the line: the memory would not hold it.
        @Test(.enabled(if: ProcessInfo.processInfo.environment["ROOST_TEST_THREAD_SANITIZER"] == nil))
        func aLineOfAGigabyteIsRefused() throws {
            let roost = try RoostBinary()
            defer { roost.remove() }
            let files = [
                ("a.csv", "id,note\n1,x\n2,", 3), ("b.csv", "id,note\n1,x\n2,\"", 3), ("c.ndjson", "{\"id\":1}\n", 2),
            ]
            for (name, head, line) in files {
                let outcome = try roost.run(
                    shell: """
                        printf '%s' "$2" > "$1"
                        truncate -s 1G "$1"
                        ulimit -v 2000000
                        exec "$0" copy "$1" 'sqlite:b.db?mode=rwc' --into t
                        """,
                    [name, head]
                )
                #expect(outcome.status == 1, "\(outcome.errors)")
                #expect(outcome.errors.contains("longer than 67108864 bytes"), "\(outcome.errors)")
                #expect(outcome.errors.contains("\(name), line \(line), column 1 "), "\(outcome.errors)")
            }
            let tables = try roost.run(["query", "sqlite:b.db", "select count(*) as n from sqlite_schema", "-o", "csv"])
            #expect(tables.output == "n\r\n0\r\n")
        }

        /// Killed whenever its output has grown by some random number of bytes, the copy goes on each time where it was.
        @Test func aKilledCopyGoesOn() throws {
            try withShop { roost in
                let arguments = ["copy", "sqlite:a.db", "sqlite:b.db?mode=rwc", "--part-rows", "2000", "--resume"]
                var kills = 0
                var isDone = false
                while !isDone, kills < 12 {
                    let process = Process()
                    process.executableURL = RoostBinary.executable
                    process.arguments = arguments
                    process.currentDirectoryURL = roost.folder
                    process.standardError = FileHandle.nullDevice
                    let start = size(roost)
                    let limit = start + Int.random(in: 1...400_000)
                    try process.run()
                    while process.isRunning, size(roost) < limit {}
                    if process.isRunning {
                        kill(process.processIdentifier, SIGKILL)
                        kills += 1
                    }
                    process.waitUntilExit()
                    isDone = process.terminationReason == .exit && process.terminationStatus == 0
                }
                if !isDone { #expect(try roost.run(arguments).status == 0) }
                let diff = try roost.run(["diff", "sqlite:a.db", "sqlite:b.db"])
                #expect(diff.status == 0, "\(diff.errors)")
                #expect(diff.errors.contains("60000 rows, all equal"))
                let tables = try roost.run([
                    "query", "sqlite:b.db", "select name from sqlite_schema where type = 'table'", "-o", "csv",
                ])
                #expect(tables.output == "name\r\nitem\r\n")
            }
        }

        private func size(_ roost: RoostBinary) -> Int {
            ["b.db", "b.db-wal"].reduce(0) { total, name in
                let path = roost.folder.appending(path: name).path
                return total + ((try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int) ?? 0)
            }
        }
    }
}
