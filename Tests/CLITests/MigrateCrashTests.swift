import Foundation
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

extension CLITests {
    /// `roost migrate apply` ended by the system in the middle, and two of them at once, on every engine that runs.
    @Suite struct MigrateCrashTests {
        private static let variables = [
            "ROOST_TEST_POSTGRESQL_15_URL", "ROOST_TEST_MARIADB_URL", "ROOST_TEST_MYSQL_URL",
        ]
        static var engines: [String] {
            ["sqlite"] + variables.filter { ProcessInfo.processInfo.environment[$0] != nil }
        }

        private static let steps = """
            -- revision: ten
            -- parents: none
            -- description: ten steps
            -- transactional: no

            create table customer (id bigint primary key, name varchar(40) not null);
            insert into customer values (1, 'Ana'), (2, 'Bo');
            alter table customer add column visits bigint not null default 0;
            update customer set visits = visits + 1;
            create table audit (n bigint);
            insert into audit select visits from customer;
            create index customer_name on customer (name);
            alter table customer add column city varchar(40);
            insert into audit select count(*) from audit;
            alter table audit rename to journal;
            """

        /// A folder with the ten steps, and the URL of an empty database.
        private func withDatabase(_ engine: String, _ body: (RoostBinary, String) throws -> Void) throws {
            let roost = try RoostBinary()
            defer { roost.remove() }
            let folder = roost.folder.appending(path: "migrations")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            try Self.steps.write(to: folder.appending(path: "ten.sql"), atomically: true, encoding: .utf8)
            guard let url = ProcessInfo.processInfo.environment[engine] else {
                return try body(roost, "sqlite:test.db?mode=rwc")
            }
            let name = "migcli_" + UUID().uuidString.lowercased().replacing("-", with: "").prefix(20)
            let path = try #require(url.firstRange(of: "/roost?"))
            let made = try roost.run(["query", url, "create database \(name)"])
            #expect(made.status == 0, "\(made.errors)")
            defer { _ = try? roost.run(["query", url, "drop database \(name)"]) }
            try body(roost, url.replacingCharacters(in: path, with: "/\(name)?"))
        }

        /// Begins to apply, and kills the process once it says that it is at a statement; the statement runs meanwhile, or has run.
        private func kill(_ roost: RoostBinary, _ url: String, at step: Int) throws {
            let process = Process()
            process.executableURL = RoostBinary.executable
            process.arguments = ["migrate", "apply", url, "--yes", "-v"]
            process.currentDirectoryURL = roost.folder
            let errors = Pipe()
            process.standardError = errors
            process.standardOutput = FileHandle.nullDevice
            try process.run()
            var text = ""
            while !text.contains("statement \(step) of 10") {
                let data = errors.fileHandleForReading.availableData
                guard !data.isEmpty else { break }
                text += String(decoding: data, as: UTF8.self)
            }
            _ = Self.signal(process.processIdentifier)
            process.waitUntilExit()
            #expect(text.contains("statement \(step) of 10"), "\(text)")
        }

        private static func signal(_ process: pid_t) -> Int32 {
            #if canImport(Glibc)
                Glibc.kill(process, SIGKILL)
            #elseif canImport(Musl)
                Musl.kill(process, SIGKILL)
            #else
                Darwin.kill(process, SIGKILL)
            #endif
        }

        private func checkEnd(_ roost: RoostBinary, _ url: String) throws {
            let query =
                "select (select sum(visits) from customer) as v, (select count(*) from journal) as j, count(city) as c from customer"
            let outcome = try roost.run(["query", url, query, "-o", "csv", "--no-header"])
            #expect(outcome.output == "2,3,0\r\n", "\(outcome.errors)")
            #expect(try roost.run(["migrate", "status", url, "--exit-code"]).status == 0)
            let again = try roost.run(["migrate", "apply", url, "--yes"])
            #expect(again.status == 0 && again.errors.contains("nothing to apply"), "\(again.errors)")
        }

        @Test(arguments: MigrateCrashTests.engines)
        func killedAtEveryStep(engine: String) throws {
            for step in 1...10 {
                try withDatabase(engine) { (roost: RoostBinary, url: String) throws in
                    try kill(roost, url, at: step)
                    let status = try roost.run(["migrate", "status", url, "--exit-code"])
                    // It may have come further, or to its end, before the signal reached it.
                    #expect(status.status == 6 || status.status == 0, "\(status.errors)")
                    if status.status == 6 {
                        #expect(status.errors.contains("of 10 statements)"), "\(status.errors)")
                        #expect(try roost.run(["migrate", "apply", url, "--yes"]).status == 6)
                    }
                    let repaired = try roost.run(["migrate", "repair", url])
                    #expect(repaired.status == 0, "step \(step): \(repaired.errors)")
                    try checkEnd(roost, url)
                }
            }
        }

        @Test(arguments: MigrateCrashTests.engines)
        func twoAtOnceBothEndRight(engine: String) throws {
            try withDatabase(engine) { (roost: RoostBinary, url: String) throws in
                // SQLite makes a new file alone.
                #expect(try roost.run(["query", url, "select 1"]).status == 0)
                let outcome = try roost.run(
                    shell: """
                        "$0" migrate apply "$1" --yes 2>first & one=$!
                        "$0" migrate apply "$1" --yes 2>second & two=$!
                        wait $one; a=$?; wait $two; b=$?; cat first second >&2; echo $a $b
                        """,
                    [url]
                )
                #expect(outcome.output.contains("0 0\n"), "\(outcome.errors)")
                #expect(outcome.errors.contains("nothing to apply"))
                try checkEnd(roost, url)
            }
        }
    }
}
