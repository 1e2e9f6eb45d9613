import Foundation
import Roost
import RoostMySQL
import RoostPostgreSQL
import Testing

extension CLITests {
    /// Four jobs, killed again and again while another session writes to the source.
    @Suite(.serialized, .timeLimit(.minutes(10))) struct CopyJobsTests {
        private static let rowCount = 20_000

        private static func connect(_ url: String) async throws -> any Connection {
            let drivers = DriverRegistry([PostgreSQLDriver(), MySQLDriver(.mysql), MySQLDriver(.mariadb)])
            return try await drivers.connect(try ConnectionConfiguration(url: try DatabaseURL(url)))
        }

        /// Calls `body` with a database of its own on the server that a variable names.
        private func withDatabase(_ variable: String, _ body: (String, any Connection) async throws -> Void)
            async throws
        {
            guard let server = ProcessInfo.processInfo.environment[variable] else { return }
            let name = "roost_jobs_\(UInt32.random(in: 0...(.max)))"
            let administrator = try await Self.connect(server)
            try await administrator.execute("create database \(identifier: name)")
            let url = server.split(separator: "/roost?").joined(separator: "/\(name)?")
            let connection = try await Self.connect(url)
            let result: Result<Void, any Error>
            do { result = .success(try await body(url, connection)) } catch { result = .failure(error) }
            await connection.close()
            try await administrator.execute("drop database \(identifier: name)")
            await administrator.close()
            try result.get()
        }

        @Test func killedJobsGoOnWhileTheSourceIsWrittenTo() async throws {
            try await withDatabase("ROOST_TEST_POSTGRESQL_15_URL") { sourceURL, source in
                try await withDatabase("ROOST_TEST_MARIADB_URL") { targetURL, target in
                    try await source.execute("create table item (id int primary key, name text, n int not null)")
                    try await source.execute(
                        "insert into item select i, 'name ' || i, 0 from generate_series(1, \(Self.rowCount)::int) i"
                    )
                    let roost = try RoostBinary()
                    defer { roost.remove() }
                    let arguments = ["copy", sourceURL, targetURL, "--jobs", "4", "--part-rows", "1000", "--resume"]
                    try await killAgainAndAgain(roost, arguments, source, target)
                    let last = try roost.run(arguments + ["--verify"])
                    #expect(last.status == 0, "\(last.errors)")
                    let diff = try roost.run(["diff", sourceURL, targetURL])
                    #expect(diff.status == 0, "\(diff.errors)")
                    let tables = try await target.query(
                        "select table_name from information_schema.tables where table_schema = database()"
                    ).decode(String.self).fetchAll(limit: 9)
                    #expect(tables == ["item"])
                }
            }
        }

        private func killAgainAndAgain(
            _ roost: RoostBinary,
            _ arguments: [String],
            _ source: any Connection,
            _ target: any Connection
        ) async throws {
            for round in 1...6 {
                let process = Process()
                process.executableURL = RoostBinary.executable
                process.arguments = arguments
                process.currentDirectoryURL = roost.folder
                process.standardError = FileHandle.nullDevice
                let staged = Int.random(in: 0...round * 3)
                try process.run()
                var number = 0
                while process.isRunning {
                    number += 1
                    let id = (number * 7_919 + round) % Self.rowCount + 1
                    // Changed, gone, and new: in parts that are staged already too.
                    try await source.execute(
                        "update item set n = n + 1, name = 'round ' || \(round)::text where id = \(id)"
                    )
                    if number % 5 == 0 { try await source.execute("delete from item where id = \(id)") }
                    if number % 7 == 0 {
                        try await source.execute(
                            "insert into item values (\(Self.rowCount + round * 100_000 + number), 'new', 0)"
                        )
                    }
                    // Before the first copy there is no such table.
                    let done = try? await target.query("select count(copied_rows) from roost_copy_state").decode(
                        Int.self
                    ).fetchOnly()
                    if let done, done >= staged { kill(process.processIdentifier, SIGKILL) }
                }
                process.waitUntilExit()
            }
        }
    }
}
