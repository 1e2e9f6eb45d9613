import Foundation
import Testing

extension CLITests {
    /// `roost migrate plan` and `apply --plan` as a user runs them.
    @Suite struct PlanCommandTests {
        @Test func aPlanIsShownKeptAndApplied() throws {
            let roost = try RoostBinary()
            defer { roost.remove() }
            func write(_ text: String, _ name: String) throws {
                try text.write(to: roost.folder.appending(path: name), atomically: true, encoding: .utf8)
            }
            try FileManager.default.createDirectory(
                at: roost.folder.appending(path: "migrations"),
                withIntermediateDirectories: true
            )
            let yaml = "connections:\n  shop: {url: \"sqlite:shop.db?mode=rwc\"}\nmigrations: {connection: shop}\n"
            try write(yaml, "roost.yaml")
            try write(
                "-- revision: 1\n-- parents: none\n\n-- migrate:up\ncreate table a (b int);\n-- migrate:down\nselect 1;\n",
                "migrations/1.sql"
            )
            #expect(try roost.run(["migrate", "apply", "--yes"]).status == 0)
            try write("-- revision: 2\n-- parents: 1\n\ncreate index a_b on a (b);\n", "migrations/2.sql")

            let text = try roost.run(["migrate", "plan"])
            #expect(text.status == 3 && text.errors.contains("1 revision to apply"), "\(text.errors)")
            #expect(text.output.contains("    create index a_b on a (b)\n"))
            #expect(
                text.output.contains("lock: RESERVED (whole database) on a: writers wait, scan\n"),
                "\(text.output)"
            )
            #expect(text.output.contains("cannot be rolled back") && text.output.contains("note RV101"))
            let github = try roost.run(["migrate", "plan", "--format", "github"])
            #expect(
                github.output.contains("::notice file=migrations/2.sql,line=4,title=locks::RESERVED"),
                "\(github.output)"
            )
            let json = try roost.run(["migrate", "plan", "--format", "json", "--out", "plan.json"])
            let plan = try #require(try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any])
            #expect((plan["revisions"] as? [Any])?.count == 1 && plan["engine"] as? String == "sqlite")

            #expect(try roost.run(["migrate", "apply", "--plan", "roost.yaml"]).errors.contains("is no plan"))
            #expect(try roost.run(["migrate", "apply", "--plan", "plan.json", "--to", "1"]).status == 2)
            let applied = try roost.run(["migrate", "apply", "--plan", "plan.json"])
            #expect(applied.status == 0 && applied.output.contains("applied"), "\(applied.errors)")
            let again = try roost.run(["migrate", "apply", "--plan", "plan.json"])
            #expect(again.status == 2 && again.errors.contains("revision 2 was applied"), "\(again.errors)")
            #expect(try roost.run(["migrate", "plan"]).status == 0)
        }
    }
}
