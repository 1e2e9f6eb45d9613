import Foundation
import Roost
import RoostMySQL
import RoostPostgreSQL
import RoostSQLite

/// The engines a copy can go between: SQLite always, others where `scripts/servers` started them.
enum TestDatabase: String, CaseIterable, CustomStringConvertible {
    case sqlite, postgresql, mysql, mariadb

    var description: String { rawValue }

    private var variable: String? {
        switch self {
        case .sqlite: nil
        case .postgresql: "ROOST_TEST_POSTGRESQL_15_URL"
        case .mysql: "ROOST_TEST_MYSQL_URL"
        case .mariadb: "ROOST_TEST_MARIADB_URL"
        }
    }

    var isRunning: Bool { variable.map { ProcessInfo.processInfo.environment[$0] != nil } ?? true }
    static var running: [TestDatabase] { allCases.filter(\.isRunning) }

    /// Every ordered pair of two that run, an engine with itself included.
    static var pairs: [(TestDatabase, TestDatabase)] {
        running.flatMap { one in running.map { (one, $0) } }
    }

    private static let drivers = DriverRegistry([
        SQLiteDriver(), PostgreSQLDriver(), MySQLDriver(.mysql), MySQLDriver(.mariadb),
    ])

    /// Calls `body` with a connection to a database of its own, which is gone afterwards.
    func withDatabase<R>(_ body: (any Connection) async throws -> R) async throws -> R {
        try await withDatabaseURL { _, connection in try await body(connection) }
    }

    /// The same, for tests that need further connections.
    func withDatabaseURL<R>(_ body: (DatabaseURL, any Connection) async throws -> R) async throws -> R {
        let name = "roost_copy_\(UInt32.random(in: 0...(.max)))"
        guard let variable else {
            let path = FileManager.default.temporaryDirectory.appending(path: "\(name).sqlite").path
            defer { for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + suffix) } }
            let url = try DatabaseURL("sqlite:\(path)?mode=rwc")
            return try await Self.using(url) { try await body(url, $0) }
        }
        let url = try DatabaseURL(ProcessInfo.processInfo.environment[variable] ?? "")
        return try await Self.using(url) { admin in
            // MariaDB's own default is latin1.
            let charset = self == .mariadb ? " character set utf8mb4" : ""
            try await admin.execute("create database \(identifier: name)\(unsafe: charset)")
            var own = url
            own.database = name
            do {
                let result = try await Self.using(own) { try await body(own, $0) }
                try await admin.execute("drop database \(identifier: name)")
                return result
            } catch {
                _ = try? await admin.execute("drop database \(identifier: name)")
                throw error
            }
        }
    }

    /// A connection to any of the engines.
    static func connect(_ url: DatabaseURL) async throws(DatabaseError) -> any Connection {
        var configuration = try ConnectionConfiguration(url: url)
        configuration.connectTimeout = .seconds(300)
        return try await drivers.connect(configuration)
    }

    static func using<R>(_ url: DatabaseURL, _ body: (any Connection) async throws -> R) async throws -> R {
        let connection = try await connect(url)
        do {
            let result = try await body(connection)
            await connection.close()
            return result
        } catch {
            await connection.close()
            throw error
        }
    }
}

extension Connection {
    /// Runs statements one after the other.
    nonisolated func run(_ statements: [String]) async throws {
        for text in statements { try await execute(Statement(unsafe: text)) }
    }

    /// All rows of a query.
    nonisolated func all(_ text: String) async throws -> [[Value]] {
        try await query(Statement(unsafe: text)).fetchAll(limit: .unbounded).map(\.values)
    }
}
