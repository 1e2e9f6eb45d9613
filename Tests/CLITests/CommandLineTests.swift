import Foundation
import Testing

extension CLITests {
    @Suite struct CommandLineTests {
        private static let setup = """
            create table customer (id integer primary key, name text not null unique, born date);
            insert into customer values (1, 'Ana', '1990-01-31'), (2, 'O''Brien', null);
            """

        private func withShop(_ body: (RoostBinary) throws -> Void) throws {
            let roost = try RoostBinary()
            defer { roost.remove() }
            let made = try roost.run(["query", "sqlite:shop.db?mode=rwc", "-f", "-"], input: Self.setup)
            #expect(made.status == 0)
            try body(roost)
        }

        @Test(arguments: [
            ("csv", "id,name,born\r\n1,Ana,1990-01-31\r\n2,O'Brien,\r\n"),
            ("tsv", "id\tname\tborn\n1\tAna\t1990-01-31\n2\tO'Brien\t\\N\n"),
            (
                "ndjson",
                "{\"id\":1,\"name\":\"Ana\",\"born\":\"1990-01-31\"}\n{\"id\":2,\"name\":\"O'Brien\",\"born\":null}\n"
            ),
            (
                "json",
                "[\n {\"id\":1,\"name\":\"Ana\",\"born\":\"1990-01-31\"},\n {\"id\":2,\"name\":\"O'Brien\",\"born\":null}\n]\n"
            ),
            (
                "markdown",
                "| id | name | born |\n| ---: | --- | --- |\n| 1 | Ana | 1990-01-31 |\n| 2 | O'Brien | NULL |\n"
            ),
        ])
        func formats(name: String, expected: String) throws {
            try withShop { (roost: RoostBinary) throws in
                let outcome = try roost.run(["query", "sqlite:shop.db", "select * from customer", "-o", name])
                #expect(outcome.output == expected)
                #expect(outcome.status == 0)
            }
        }

        @Test func tablesFitAndNumbersAlign() throws {
            try withShop { (roost: RoostBinary) throws in
                let sql = "select id, name, printf('%0500d', 1) as wide from customer"
                let outcome = try roost.run(["query", "sqlite:shop.db", sql], environment: ["COLUMNS": "60"])
                #expect(outcome.output.split(separator: "\n").allSatisfy { $0.count == 60 })
                #expect(outcome.output.contains("…"))
                #expect(outcome.errors.contains("(2 rows)"))
            }
        }

        @Test func parametersAreBound() throws {
            try withShop { (roost: RoostBinary) throws in
                let arguments = [
                    "query", "sqlite:shop.db", "select count(*) as n from customer where name = :name", "-o", "csv",
                ]
                #expect(try roost.run(arguments + ["-p", "name=O'Brien"]).output == "n\r\n1\r\n")
                #expect(try roost.run(arguments + ["-p", "name=' or 1=1 --"]).output == "n\r\n0\r\n")
            }
        }

        @Test func everyMistakeHasItsExitCode() throws {
            try withShop { (roost: RoostBinary) throws in
                func expect(_ arguments: [String], _ status: Int32, _ words: String, input: String = "") throws {
                    let outcome = try roost.run(arguments, input: input)
                    #expect(outcome.status == status, "\(arguments) \(outcome.errors)")
                    #expect(outcome.errors.contains(words), "\(arguments) \(outcome.errors)")
                    #expect(outcome.output.isEmpty)
                }
                try expect(["query", "nonsense:x", "select 1"], 2, "No driver serves")
                try expect(["query", "shop", "select 1"], 2, "No connection is named")
                try expect(["query", "sqlite:missing.db", "select 1"], 4, "does not exist")
                try expect(["query", "sqlite:.", "select 1"], 4, "directory")
                try expect(
                    ["query", "sqlite:shop.db", "select name\nfrom customer\nwhere nme = 1"],
                    1,
                    "no such column"
                )
                try expect(["query", "sqlite:shop.db", "selec 1"], 1, "^")
                try expect(["query", "sqlite:shop.db", "select :a, :b", "-p", "a=1"], 1, "b")
                try expect(["query", "sqlite:shop.db", "select ?"], 1, "1 parameter")
                try expect(["query", "sqlite:shop.db", "insert into customer values (3, 'Ana', null)"], 1, "UNIQUE")
                try expect(
                    ["query", "sqlite:shop.db", "insert into customer values ('x', 'Zoe', null)"],
                    1,
                    "mismatch"
                )
                try expect(["query", "sqlite:shop.db", "select 1", "-o", "nonsense"], 2, "nonsense")
                try expect(["query", "sqlite:shop.db", "select 1", "--timeout", "soon"], 2, "duration")
                try expect(["query", "sqlite:shop.db?mode=x", "select 1"], 2, "mode")
                try expect(["nonsense"], 2, "nonsense")
                let endless = "with recursive n(i) as (select 1 union all select i + 1 from n) select count(*) from n"
                try expect(["query", "sqlite:shop.db", endless, "--timeout", "50ms"], 5, "took longer")
                try expect(
                    ["query", "sqlite:shop.db", "-1", "-f", "-"],
                    1,
                    "no such table",
                    input: "insert into customer values (7, 'Half', null); insert into nosuch values (1)"
                )
                let count = try roost.run([
                    "query", "sqlite:shop.db", "select count(*) from customer", "-o", "csv", "--no-header",
                ])
                #expect(count.output == "2\r\n", "nothing was half done")
            }
        }

        @Test func passwordsAreNeverPrinted() throws {
            let roost = try RoostBinary()
            defer { roost.remove() }
            let yaml = """
                connections:
                  remote: {url: "postgresql://app:hunter2@127.0.0.1:1/shop?sslpassword=hunter2"}
                  local: {url: "sqlite:nosuch.db", password: hunter2}
                """
            try yaml.write(to: roost.folder.appending(path: "roost.yaml"), atomically: true, encoding: .utf8)
            let url = "postgresql://app:hunter2@127.0.0.1:1/shop"
            for arguments in [
                ["connections", "list"], ["connections", "test"], ["connections", "test", url], ["doctor"],
                ["query", url, "select 1"],
                ["query", "remote", "select 1"], ["connections", "add", "x", url], ["init", "--url", url],
                ["query", "postgresql://app:hunter2@[::1/x", "select 1"],
                // What stands behind a ? is taken for options.
                ["query", "postgresql://app:1?hunter2@127.0.0.1/x", "select 1"],
                ["query", "mysql://?app:hunter2@127.0.0.1/x", "select 1"],
                ["query", "mariadb://app:1?hunter2=3@127.0.0.1/x", "select 1"],
            ] {
                let outcome = try roost.run(arguments)
                #expect(!(outcome.output + outcome.errors).contains("hunter2"), "\(arguments)")
            }
            #expect(try roost.run(["doctor"]).status == 3)
        }

        @Test func connectionsAreAddedListedAndTested() throws {
            try withShop { (roost: RoostBinary) throws in
                #expect(try roost.run(["init", "--name", "shop", "--url", "sqlite:shop.db"]).status == 0)
                #expect(try roost.run(["connections", "add", "copy", "sqlite:copy.db"]).status == 0)
                #expect(try roost.run(["connections", "list", "-o", "csv"]).output.contains("copy,sqlite:copy.db"))
                #expect(try roost.run(["connections", "test", "shop"]).output.hasPrefix("ok"))
                #expect(try roost.run(["connections", "test"]).status == 4)
                #expect(try roost.run(["query", "shop", "select 1 as one", "-o", "csv"]).output == "one\r\n1\r\n")
                #expect(try roost.run(["init"]).status == 2)
            }
        }

        @Test func theShellRunsStatementsAndCommands() throws {
            try withShop { (roost: RoostBinary) throws in
                let input = """
                    select name
                    from customer order by id;
                    \\dt
                    \\x
                    select 1 as one;
                    \\copy customer to out.csv
                    create table twin (id integer, name text, born date);
                    \\copy twin from out.csv
                    select count(*) as copied from twin;
                    \\x
                    select 2 as two; select 3 as three,
                    '\\G' as mark \\G
                    select 4 as four
                    \\g
                    \\q
                    """
                let outcome = try roost.run(["shell", "sqlite:shop.db"], input: input)
                #expect(outcome.status == 0, "\(outcome.errors)")
                #expect(outcome.output.contains("O'Brien"))
                #expect(outcome.output.contains("customer"))
                #expect(outcome.output.contains("one      | 1") || outcome.output.contains("one | 1"))
                #expect(outcome.output.contains("copied | 2"))
                #expect(outcome.output.contains("three | 3") && outcome.output.contains("mark  | \\G"))
                #expect(!outcome.output.contains("two | 2") && !outcome.output.contains("four | 4"))
                #expect(try roost.run(["shell", "sqlite:shop.db"], input: "selec 1;\nselect 2;\n").status == 1)
            }
        }

        @Test(
            .enabled(
                if: FileManager.default.fileExists(atPath: Self.chinook),
                "the Chinook sample is not beside the project"
            )
        )
        func readsChinook() throws {
            let roost = try RoostBinary()
            defer { roost.remove() }
            let outcome = try roost.run(["schema", "inspect", "sqlite:\(Self.chinook)?mode=ro", "-o", "json"])
            let schema = try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any]
            let tables = schema?["tables"] as? [[String: Any]] ?? []
            #expect(tables.count == 11)
            #expect(tables.allSatisfy { $0["primaryKey"] != nil })
            #expect(tables.flatMap { $0["foreignKeys"] as? [[String: Any]] ?? [] }.count == 11)
            let count = try roost.run([
                "query", "sqlite:\(Self.chinook)?mode=ro", "select count(*) from Track", "-o", "csv", "--no-header",
            ])
            #expect(count.output == "3503\r\n")
        }

        private static let chinook = URL(filePath: #filePath).deletingLastPathComponent().appending(
            path: "../../../shared/data/chinook/chinook.sqlite"
        ).standardized.path(percentEncoded: false)

        @Test func helpVersionAndCompletion() throws {
            let roost = try RoostBinary()
            defer { roost.remove() }
            #expect(try roost.run(["--help"]).output.contains("Exit codes"))
            #expect(try roost.run(["query", "--help"]).output.contains("Examples:"))
            #expect(try roost.run(["version"]).output.hasPrefix("roost "))
            for shell in ["bash", "zsh", "fish"] {
                #expect(try roost.run(["completion", shell]).output.contains("roost"))
            }
        }
    }
}
