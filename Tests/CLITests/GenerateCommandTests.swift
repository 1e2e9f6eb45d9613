import Foundation
import Testing

extension CLITests {
    /// `roost migrate generate`, `check` and `test` as a user runs them.
    @Suite struct GenerateCommandTests {
        private static let schema = """
            create table customer (id integer primary key, name text not null, city text);
            create index customer_city on customer (city);
            """

        private func withShop(_ body: (RoostBinary) throws -> Void) throws {
            let roost = try RoostBinary()
            defer { roost.remove() }
            let yaml = "connections:\n  shop: {url: \"sqlite:shop.db?mode=rwc\"}\nmigrations: {connection: shop}\n"
            try write(yaml, "roost.yaml", roost)
            try write(Self.schema, "schema.sql", roost)
            try body(roost)
        }

        private func write(_ text: String, _ name: String, _ roost: RoostBinary) throws {
            try text.write(to: roost.folder.appending(path: name), atomically: true, encoding: .utf8)
        }

        private func succeed(_ roost: RoostBinary, _ arguments: String...) throws -> String {
            let outcome = try roost.run(["migrate"] + arguments)
            #expect(outcome.status == 0, "\(arguments): \(outcome.errors)")
            return outcome.output
        }

        @Test func aDatabaseFollowsItsSchemaFile() throws {
            try withShop { (roost: RoostBinary) throws in
                #expect(try succeed(roost, "generate", "start", "--to", "schema.sql").hasSuffix("_start.sql\n"))
                _ = try succeed(roost, "apply", "--yes")
                #expect(try succeed(roost, "generate", "again", "--to", "schema.sql").isEmpty)
                #expect(try succeed(roost, "check").isEmpty)
                #expect(try succeed(roost, "check", "--to", "schema.sql", "--all").contains("same"))
                _ = try roost.run(["query", "shop", "insert into customer values (1, 'Ana', 'Bern')"])

                // A column of another name, and one more.
                let changed = Self.schema.replacing("name text", with: "full_name text").replacing(
                    "city text",
                    with: "city text, email text"
                )
                try write(changed, "schema.sql", roost)
                let refused = try roost.run(["migrate", "generate", "names", "--to", "schema.sql"])
                #expect(refused.status == 2)
                #expect(refused.errors.contains("--rename customer.name="), "\(refused.errors)")
                let rename = "customer.name=full_name"
                let shown = try succeed(
                    roost,
                    "generate",
                    "names",
                    "--to",
                    "schema.sql",
                    "--rename",
                    rename,
                    "--dry-run"
                )
                #expect(shown.contains("RENAME COLUMN") && !shown.contains("DROP TABLE"), "\(shown)")
                _ = try succeed(roost, "generate", "names", "--to", "schema.sql", "--rename", rename)
                let behind = try roost.run(["migrate", "generate", "more", "--to", "schema.sql"])
                #expect(behind.status == 2 && behind.errors.contains("roost migrate apply"))
                #expect(try roost.run(["migrate", "check"]).status == 3, "pending")
                _ = try succeed(roost, "apply", "--yes", "--allow", "destructive")
                let rows = try roost.run(["query", "shop", "select id, full_name, city from customer", "-o", "csv"])
                #expect(rows.output == "id,full_name,city\r\n1,Ana,Bern\r\n")
                _ = try succeed(roost, "test")
                _ = try succeed(roost, "test", "--rows", "5")
                try write("insert into customer (id, name) values (1, 'Ana'), (1, 'Bo');\n", "seed.sql", roost)
                let seeded = try roost.run(["migrate", "test", "--seed", "seed.sql"])
                #expect(seeded.status == 2 && seeded.errors.contains("seed.sql:1"), "\(seeded.errors)")
                #expect(try succeed(roost, "check").isEmpty)

                // What somebody did by hand is found.
                _ = try roost.run(["query", "shop", "alter table customer add column fax text"])
                let drift = try roost.run(["migrate", "check", "-o", "json"])
                #expect(drift.status == 3)
                #expect(drift.output.contains("fax"), "\(drift.output)")
            }
        }

        /// A scratch database has the character set of the one beside it, else every text would differ.
        @Test(
            .enabled(if: ProcessInfo.processInfo.environment["ROOST_TEST_MYSQL_URL"] != nil),
            arguments: ["ROOST_TEST_MYSQL_URL", "ROOST_TEST_MARIADB_URL"]
        )
        func anotherCharacterSetIsNoDifference(variable: String) throws {
            guard let server = ProcessInfo.processInfo.environment[variable] else { return }
            try withShop { (roost: RoostBinary) throws in
                let name = "gen_\(UInt32.random(in: 0 ... .max))"
                let url = server.replacing("/roost?", with: "/\(name)?")
                let made = try roost.run(["query", server, "create database \(name) character set latin1"])
                #expect(made.status == 0, "\(made.errors)")
                defer { _ = try? roost.run(["query", server, "drop database \(name)"]) }
                try write(
                    "create table customer (id int primary key, name varchar(40) not null);\n",
                    "schema.sql",
                    roost
                )
                let generated = try roost.run(["migrate", "generate", "start", url, "--to", "schema.sql"])
                #expect(generated.status == 0, "\(generated.errors)")
                #expect(try roost.run(["migrate", "apply", url, "--yes"]).status == 0)
                let again = try roost.run(["migrate", "generate", "again", url, "--to", "schema.sql", "--dry-run"])
                #expect(again.status == 0 && again.output.isEmpty, "\(again.output) \(again.errors)")
                #expect(try roost.run(["migrate", "check", url]).status == 0)
            }
        }

        @Test func mistakesAreNamed() throws {
            try withShop { (roost: RoostBinary) throws in
                try write("create table customer (id integer);\n\ncreate tabel x (y int);\n", "broken.sql", roost)
                let broken = try roost.run(["migrate", "generate", "x", "--to", "broken.sql"])
                #expect(broken.status == 2 && broken.errors.contains("broken.sql:3: "), "\(broken.errors)")
                #expect(try roost.run(["migrate", "generate", "x", "--to", "missing.sql"]).status == 2)
                let rename = try roost.run(["migrate", "generate", "x", "--to", "schema.sql", "--rename", "a.b=c"])
                #expect(rename.status == 2 && rename.errors.contains("a.b"))
                try FileManager.default.createDirectory(
                    at: roost.folder.appending(path: "migrations"),
                    withIntermediateDirectories: true
                )
                try write(
                    "-- revision: 1\n-- parents: none\n-- description: x\n-- migrate:up\ncreate table a (b int);\ncreate table c (d int);\n-- migrate:down\ndrop table a;\n",
                    "migrations/1.sql",
                    roost
                )
                let left = try roost.run(["migrate", "test"])
                #expect(
                    left.status == 3 && left.output.contains("left by the way down"),
                    "\(left.output) \(left.errors)"
                )
            }
        }
    }
}
