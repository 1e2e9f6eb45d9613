import Foundation
import Roost
import RoostMySQL
import RoostPostgreSQL
import RoostSQLite
import Testing

/// The Chinook sample database (Tests/Data/Chinook), loaded through Roost into every engine: each copy equals SQLite's, row by row.
@Suite(.timeLimit(.minutes(5))) struct ChinookTests {
    /// A table, its columns' types by their first letters (integer, text, date and time, number), and its rows.
    private struct Table {
        let name: String
        let kinds: String
        let rowCount: Int

        var columnCount: Int { kinds.count }
    }

    private func configuration(_ url: DatabaseURL) throws -> ConnectionConfiguration {
        var configuration = try ConnectionConfiguration(url: url)
        // A busy machine is slow, and that is no failure.
        configuration.connectTimeout = .seconds(300)
        return configuration
    }

    private static let tables = [
        Table(name: "Artist", kinds: "it", rowCount: 275), Table(name: "Album", kinds: "iti", rowCount: 347),
        Table(name: "Genre", kinds: "it", rowCount: 25), Table(name: "MediaType", kinds: "it", rowCount: 5),
        Table(name: "Track", kinds: "itiiitiin", rowCount: 3_503),
        Table(name: "Employee", kinds: "itttiddtttttttt", rowCount: 8),
        Table(name: "Customer", kinds: "ittttttttttti", rowCount: 59),
        Table(name: "Invoice", kinds: "iidtttttn", rowCount: 412),
        Table(name: "InvoiceLine", kinds: "iiini", rowCount: 2_240),
        Table(name: "Playlist", kinds: "it", rowCount: 18),
        Table(name: "PlaylistTrack", kinds: "ii", rowCount: 8_715),
    ]

    enum Server: String, CaseIterable, CustomStringConvertible {
        case mariadb = "ROOST_TEST_MARIADB_URL"
        case mysql = "ROOST_TEST_MYSQL_URL"
        case postgresql15 = "ROOST_TEST_POSTGRESQL_15_URL"
        case postgresql18 = "ROOST_TEST_POSTGRESQL_18_URL"

        var description: String { rawValue.dropFirst("ROOST_TEST_".count).dropLast("_URL".count).lowercased() }
        var url: String? { ProcessInfo.processInfo.environment[rawValue] }
        static var running: [Server] { allCases.filter { $0.url != nil } }
    }

    // MARK: Loading and reading

    private func script() throws -> String {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../Data/Chinook/chinook.sql")
        return try String(contentsOf: file, encoding: .utf8)
    }

    private func load(_ script: String, into connection: some Connection) async throws {
        for part in StatementSplitter.split(script, dialect: connection.dialect) {
            try await connection.execute(Statement(unsafe: part.text))
        }
    }

    /// A table's rows, each value as the type its column has.
    private func rows(of table: Table, suffix: String = "", in connection: some Connection) async throws -> [[String]] {
        let rows = try await connection.query("select * from \(unsafe: table.name + suffix) order by 1, 2")
        #expect(rows.columns.count == table.columnCount)
        return try await rows.fetchAll(limit: .unbounded).map { row in
            try table.kinds.enumerated().map { index, kind in
                switch kind {
                case "i": try row.decode(index, as: Int?.self).map { "\($0)" } ?? "NULL"
                case "t": try row.decode(index, as: String?.self).map { "'\($0)'" } ?? "NULL"
                case "d": try row.decode(index, as: LocalDateTime?.self).map { "\($0)" } ?? "NULL"
                default: try row.decode(index, as: Double?.self).map { "\($0)" } ?? "NULL"
                }
            }
        }
    }

    private func compare(_ rows: [[String]], _ expected: [[String]], _ name: String) {
        #expect(rows.count == expected.count, "\(name)")
        for (number, (left, right)) in zip(rows, expected).enumerated() where left != right {
            Issue.record("\(name), row \(number): \(left) instead of \(right)")
            return
        }
    }

    /// What SQLite made of the script, against which the others are held.
    private func expectSame(as sqlite: SQLiteConnection, _ connection: some Connection, suffix: String = "")
        async throws
    {
        for table in Self.tables {
            compare(
                try await rows(of: table, suffix: suffix, in: connection),
                try await rows(of: table, in: sqlite),
                table.name + suffix
            )
        }
    }

    private func withSQLite(_ body: (SQLiteConnection) async throws -> Void) async throws {
        let sqlite = try await SQLiteDriver().connect(ConnectionConfiguration("sqlite::memory:"))
        try await load(try script(), into: sqlite)
        try await body(sqlite)
        await sqlite.close()
    }

    /// Copies every table, rows as they come from SQLite, by `executeMany`.
    private func copy(_ sqlite: SQLiteConnection, into connection: some Connection) async throws {
        for table in Self.tables {
            try await connection.execute(
                "create table \(unsafe: table.name)Copy as select * from \(unsafe: table.name) where 1 = 0"
            )
            let columns = try await connection.query("select * from \(unsafe: table.name) where 1 = 0").columns.names
            let marks = repeatElement("?", count: columns.count).joined(separator: ", ")
            let template = try Statement(
                template: "insert into \(table.name)Copy (\(columns.joined(separator: ", "))) values (\(marks))",
                dialect: connection.dialect
            )
            var values: [[Value]] = []
            for row in try await sqlite.query("select * from \(unsafe: table.name)").fetchAll(limit: .unbounded) {
                values.append(
                    try table.kinds.enumerated().map { index, kind in
                        switch kind {
                        case "d": try row.decode(index, as: LocalDateTime?.self)?.databaseValue ?? .null
                        case "n":
                            try row.decode(index, as: Double?.self).flatMap { BigDecimal("\($0)") }?.databaseValue
                                ?? .null
                        default: try row.decode(index, as: Value.self)
                        }
                    }
                )
            }
            let summary = try await connection.executeMany(template, values: values)
            #expect(summary.rowsAffected == table.rowCount)
        }
    }

    // MARK: Tests

    @Test func sqliteHasEveryRow() async throws {
        try await withSQLite { sqlite in
            for table in Self.tables {
                #expect(try await rows(of: table, in: sqlite).count == table.rowCount, "\(table.name)")
            }
            let total = try await sqlite.query("select sum(Total) from Invoice").decode(Double.self).fetchOnly()
            #expect(abs(total - 2_328.60) < 0.001)
        }
    }

    @Test(arguments: Server.running) func aServersCopyEqualsSQLites(server: Server) async throws {
        let address = try #require(server.url)
        var url = try DatabaseURL(address)
        let name = "chinook_\(UInt32.random(in: 0 ... .max))"
        try await withSQLite { sqlite in
            switch server {
            case .mariadb, .mysql:
                let driver = MySQLDriver(server == .mariadb ? .mariadb : .mysql)
                let administrator = try await driver.connect(try configuration(url))
                try await administrator.execute("create database \(unsafe: name) character set utf8mb4")
                url.database = name
                let connection = try await driver.connect(try configuration(url))
                // Backslashes escape there, and a TIMESTAMP has a time zone and ends in 2038.
                let script = try script().replacing("\\", with: "\\\\").replacing(" TIMESTAMP", with: " DATETIME")
                try await load(script, into: connection)
                try await expectSame(as: sqlite, connection)
                try await copy(sqlite, into: connection)
                try await expectSame(as: sqlite, connection, suffix: "Copy")
                await connection.close()
                try await administrator.execute("drop database \(unsafe: name)")
                await administrator.close()
            case .postgresql15, .postgresql18:
                let connection = try await PostgreSQLDriver().connect(try configuration(url))
                try await connection.execute("create schema \(unsafe: name)")
                try await connection.execute("set search_path to \(unsafe: name)")
                try await load(try script(), into: connection)
                try await expectSame(as: sqlite, connection)
                try await copy(sqlite, into: connection)
                try await expectSame(as: sqlite, connection, suffix: "Copy")
                try await connection.execute("drop schema \(unsafe: name) cascade")
                await connection.close()
            }
        }
    }
}
