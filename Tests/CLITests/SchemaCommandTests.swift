import Foundation
import Testing

extension CLITests {
    @Suite struct SchemaCommandTests {
        private func withTwo(_ body: (RoostBinary) throws -> Void) throws {
            let roost = try RoostBinary()
            defer { roost.remove() }
            for (name, script) in [
                (
                    "old",
                    """
                    create table customer (id integer primary key, name text not null, fax text);
                    create table gone (id integer primary key);
                    """
                ),
                (
                    "new",
                    """
                    create table customer (id integer primary key, name text not null, email varchar(80));
                    create index by_email on customer (email);
                    create table purchase (id integer primary key, customer_id int references customer (id) on delete cascade);
                    create trigger tidy after delete on customer begin delete from purchase where customer_id = old.id; end;
                    """
                ),
            ] {
                let made = try roost.run(["query", "sqlite:\(name).db?mode=rwc", "-f", "-"], input: script)
                #expect(made.status == 0, "\(made.errors)")
            }
            try body(roost)
        }

        /// A URL may hold a password, and what was typed is no reason to print it.
        @Test(.enabled(if: ProcessInfo.processInfo.environment["ROOST_TEST_POSTGRESQL_15_URL"] != nil))
        func diffShowsNoPassword() throws {
            try withTwo { (roost: RoostBinary) throws in
                let url = try #require(ProcessInfo.processInfo.environment["ROOST_TEST_POSTGRESQL_15_URL"])
                let password = try #require(URL(string: url)?.password)
                let diff = try roost.run(["schema", "diff", "sqlite:old.db", url])
                #expect(diff.status == 1 && diff.errors.contains("postgresql"), "\(diff.status)")
                #expect(!(diff.output + diff.errors).contains(password))
            }
        }

        @Test func diffTellsWhatHasToChangeAndItsStatementsDoIt() throws {
            try withTwo { (roost: RoostBinary) throws in
                let diff = try roost.run(["schema", "diff", "sqlite:old.db", "sqlite:new.db"])
                #expect(diff.status == 3)
                #expect(
                    diff.output.split(separator: "\n") == [
                        "drop table gone", "create table purchase (2 columns)", "add column customer.email varchar(80)",
                        "drop column customer.fax", "create index by_email on customer",
                        "create trigger tidy on customer",
                    ]
                )
                #expect(diff.errors.contains("6 changes"))
                let script = try roost.run(["schema", "diff", "sqlite:old.db", "sqlite:new.db", "--sql"])
                #expect(script.status == 3)
                let done = try roost.run(["query", "sqlite:old.db", "-f", "-"], input: script.output)
                #expect(done.status == 0, "\(done.errors)")
                let again = try roost.run(["schema", "diff", "sqlite:old.db", "sqlite:new.db"])
                #expect(again.status == 0 && again.output.isEmpty && again.errors.contains("No difference"))
            }
        }

        @Test func dumpsStandInForTheirDatabase() throws {
            try withTwo { (roost: RoostBinary) throws in
                let sql = try roost.run(["schema", "dump", "sqlite:new.db"])
                let made = try roost.run(["query", "sqlite:copy.db?mode=rwc", "-f", "-"], input: sql.output)
                #expect(made.status == 0, "\(made.errors)")
                #expect(try roost.run(["schema", "diff", "sqlite:copy.db", "sqlite:new.db"]).status == 0)
                let json = try roost.run(["schema", "dump", "sqlite:new.db", "--format", "json"])
                try Data(json.output.utf8).write(to: roost.folder.appending(path: "new.json"))
                #expect(try roost.run(["schema", "diff", "new.json", "sqlite:new.db"]).status == 0)
                #expect(try roost.run(["schema", "diff", "sqlite:old.db", "new.json", "-o", "json"]).status == 3)
                try Data("{}".utf8).write(to: roost.folder.appending(path: "none.json"))
                let broken = try roost.run(["schema", "diff", "none.json", "sqlite:new.db"])
                #expect(broken.status == 1 && broken.errors.contains("holds no schema"))
            }
        }

        @Test func docsAndModelsAreWritten() throws {
            try withTwo { (roost: RoostBinary) throws in
                #expect(try roost.run(["schema", "docs", "sqlite:new.db", "--to", "shop.html"]).status == 0)
                #expect(try roost.run(["schema", "docs", "sqlite:new.db", "--to", "shop.md"]).status == 0)
                func read(_ name: String) throws -> String {
                    try String(contentsOf: roost.folder.appending(path: name), encoding: .utf8)
                }
                #expect(try read("shop.html").contains("<svg"))
                #expect(try read("shop.md").contains("](shop.svg)"))
                #expect(try read("shop.svg").hasPrefix("<svg"))
                let models = try roost.run(["schema", "codegen", "sqlite:new.db", "purchase"])
                #expect(models.output.contains("public struct Purchase: Sendable, Hashable, RowDecodable {"))
                #expect(models.output.contains("public var customerId: Int?"))
                #expect(!models.output.contains("struct Customer"))
            }
        }

        @Test func namesDoNotDriveTheTerminal() throws {
            try withTwo { (roost: RoostBinary) throws in
                let script = "create table \"red \u{1B}[31m\" (id integer primary key, \"bell \u{7}\" text);"
                #expect(try roost.run(["query", "sqlite:odd.db?mode=rwc", "-f", "-"], input: script).status == 0)
                for arguments in [["inspect", "sqlite:odd.db"], ["diff", "sqlite:old.db", "sqlite:odd.db"]] {
                    let outcome = try roost.run(["schema"] + arguments)
                    #expect(outcome.output.contains("red ␛[31m"))
                    #expect(!(outcome.output + outcome.errors).contains { $0 == "\u{1B}" || $0 == "\u{7}" })
                }
            }
        }

        @Test func inspectShowsOneTableOrSaysThatThereIsNone() throws {
            try withTwo { (roost: RoostBinary) throws in
                let shown = try roost.run(["schema", "inspect", "sqlite:new.db", "purchase"])
                #expect(shown.output.contains("Table purchase"))
                #expect(shown.output.contains("foreign key (customer_id) → customer(id) on delete cascade"))
                #expect(!shown.output.contains("by_email"))
                for command in ["inspect", "codegen"] {
                    let missing = try roost.run(["schema", command, "sqlite:new.db", "nothing"])
                    #expect(missing.status == 1 && missing.errors.contains("no table nothing"))
                    #expect(missing.output.isEmpty)
                }
            }
        }
    }
}
