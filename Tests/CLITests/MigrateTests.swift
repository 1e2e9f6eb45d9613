import Foundation
import Testing

extension CLITests {
    /// `roost migrate` as a user runs it.
    @Suite struct MigrateTests {
        private static let first = """
            -- revision: 1
            -- parents: none
            -- description: create customer
            -- migrate:up
            create table customer (id integer primary key, name varchar(40) not null);
            -- migrate:down
            drop table customer;
            """

        private func withFolder(_ body: (RoostBinary) throws -> Void) throws {
            let roost = try RoostBinary()
            defer { roost.remove() }
            let yaml =
                "connections:\n  shop: {url: \"sqlite:shop.db?mode=rwc\"}\nmigrations: {folder: db, connection: shop}\n"
            try yaml.write(to: roost.folder.appending(path: "roost.yaml"), atomically: true, encoding: .utf8)
            try FileManager.default.createDirectory(
                at: roost.folder.appending(path: "db"),
                withIntermediateDirectories: true
            )
            try write(Self.first, "1.sql", roost)
            try body(roost)
        }

        private func write(_ text: String, _ name: String, _ roost: RoostBinary) throws {
            try text.write(to: roost.folder.appending(path: "db/\(name)"), atomically: true, encoding: .utf8)
        }

        private func rows(_ roost: RoostBinary, _ arguments: [String]) throws -> [[String: Any]] {
            let outcome = try roost.run(["migrate"] + arguments + ["-o", "json"])
            #expect(outcome.status == 0, "\(outcome.errors)")
            return try #require(try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [[String: Any]])
        }

        @Test func aFileIsWrittenAppliedShownAndUndone() throws {
            try withFolder { (roost: RoostBinary) throws in
                let made = try roost.run(["migrate", "new", "add a city", "--revision", "2"])
                #expect(made.output == "db/2_add_a_city.sql\n")
                let path = roost.folder.appending(path: "db/2_add_a_city.sql")
                let text = try String(contentsOf: path, encoding: .utf8)
                #expect(text.contains("-- parents: 1\n"))
                let filled = text.replacing(
                    "migrate:up\n",
                    with: "migrate:up\nalter table customer add column city text;\n"
                )
                try filled.write(to: path, atomically: true, encoding: .utf8)
                #expect(try roost.run(["migrate", "status", "--exit-code"]).status == 3)
                #expect(try roost.run(["migrate", "apply"]).status == 2, "nobody can be asked")
                let script = try roost.run(["migrate", "apply", "--dry-run"])
                #expect(script.output.contains("add column city"))
                let applied = try rows(roost, ["apply", "--yes"])
                #expect(applied.compactMap { $0["revision"] as? String } == ["1", "2"])
                let status = try rows(roost, ["status"])
                #expect(status.map { $0["state"] as? String } == ["applied", "applied"])
                #expect(status.compactMap { $0["at"] as? String } == ["", "current"])
                #expect(try roost.run(["migrate", "status", "--exit-code"]).status == 0)
                let back = try roost.run(["migrate", "rollback", "--yes"])
                #expect(back.status == 2 && back.errors.contains("no -- migrate:down"))
                try (filled + "alter table customer drop column city;\n").write(
                    to: path,
                    atomically: true,
                    encoding: .utf8
                )
                #expect(try roost.run(["migrate", "rollback", "--yes"]).status == 7, "it was edited")
                #expect(try roost.run(["migrate", "repair", "--accept-edits"]).status == 0)
                #expect(try roost.run(["migrate", "rollback", "--yes"]).status == 2, "it loses data")
                let undone = try rows(roost, ["rollback", "--to", "-2", "--yes", "--allow", "destructive"])
                #expect(undone.compactMap { $0["revision"] as? String } == ["2", "1"])
                #expect(try roost.run(["migrate", "apply", "--to", "+1", "--yes"]).status == 0)
                #expect(try roost.run(["migrate", "history"]).output.contains("head"))
            }
        }

        @Test func everyMistakeHasItsExitCode() throws {
            try withFolder { (roost: RoostBinary) throws in
                func expect(_ arguments: [String], _ status: Int32, _ words: String) throws {
                    let outcome = try roost.run(["migrate"] + arguments)
                    #expect(outcome.status == status, "\(arguments) \(outcome.errors)")
                    #expect(words.isEmpty || outcome.errors.contains(words), "\(arguments) \(outcome.errors)")
                }
                try expect(["apply", "--dir", "nosuch"], 2, "no folder")
                try expect(["apply", "--yes", "--to", "nosuch"], 2, "no revision")
                try expect(["apply", "--allow", "everything"], 2, "destructive")
                try expect(["apply", "--wait", "soon"], 2, "duration")
                try expect(["sql", "--dialect", "nosuch"], 2, "postgresql")
                try expect(["merge"], 2, "only one head")
                try expect(["validate", "--dialect", "postgresql,mysql"], 0, "1 revisions")
                try expect(["hash"], 0, "recorded 1")
                try expect(["validate"], 0, "1 heads")
                try write("-- revision: 2\n-- parents: 1\nselect nosuch;\n", "2.sql", roost)
                try write("-- revision: 3\n-- parents: 1\nselect 1;\n", "3.sql", roost)
                try expect(["validate"], 3, "not recorded: 2.sql")
                try expect(["heads"], 3, "2 heads")
                try expect(["apply", "--yes"], 2, "heads: 2, 3")
                try expect(["merge"], 0, "")
                try expect(["heads"], 0, "")
                try expect(["apply", "--yes"], 6, "db/2.sql:3: no such column: nosuch")
                try expect(["status", "--exit-code"], 3, "1 applied, 3 pending")
                try write(Self.first + "-- edited", "1.sql", roost)
                try expect(["apply", "--yes"], 7, "db/1.sql: The file was edited")
                try expect(["status", "--exit-code"], 7, "edited")
                try write("-- revision: 4\n-- parents: 5\n", "4.sql", roost)
                try expect(["history"], 2, "db/4.sql:2: The revision follows 5, which does not exist.")
            }
        }

        @Test func scriptsAndSquashesNeedNoDatabase() throws {
            try withFolder { (roost: RoostBinary) throws in
                try write("-- revision: 2\n-- parents: 1\ninsert into customer values (1, 'Ana');\n", "2.sql", roost)
                let script = try roost.run(["migrate", "sql", "--dialect", "postgresql", "--from", "1"])
                #expect(script.output.contains("begin;\ninsert into customer values (1, 'Ana');\n"))
                #expect(!script.output.contains("create table customer"))
                let back = try roost.run(["migrate", "sql", "--dialect", "mysql", "--from", "1", "--to", "base"])
                #expect(back.output.contains("drop table customer;"))
                #expect(try roost.run(["migrate", "apply", "--yes"]).status == 0)
                #expect(try roost.run(["migrate", "squash", "--yes"]).status == 0)
                let files = try FileManager.default.contentsOfDirectory(
                    atPath: roost.folder.appending(path: "db").path()
                )
                #expect(files.count == 1)
                #expect(try roost.run(["migrate", "apply", "--yes"]).errors.contains("nothing to apply"))
                #expect(try roost.run(["migrate", "status", "--exit-code"]).status == 0)
            }
        }
    }
}
