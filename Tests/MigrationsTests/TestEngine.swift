import Foundation
import Roost
import RoostMySQL
import RoostPostgreSQL
import RoostSQLite
import Testing

/// The engines migrations run on, each with databases of their own for each test.
enum TestEngine: String, CaseIterable, CustomStringConvertible {
    case sqlite
    case postgresql = "ROOST_TEST_POSTGRESQL_15_URL"
    case postgresql18 = "ROOST_TEST_POSTGRESQL_18_URL"
    case mariadb = "ROOST_TEST_MARIADB_URL"
    case mysql = "ROOST_TEST_MYSQL_URL"

    var description: String {
        switch self {
        case .sqlite: "SQLite"
        case .postgresql: "PostgreSQL 15"
        case .postgresql18: "PostgreSQL 18"
        case .mariadb: "MariaDB"
        case .mysql: "MySQL"
        }
    }

    /// What `scripts/servers` calls its server.
    var serverName: String {
        switch self {
        case .sqlite: ""
        case .postgresql: "postgresql15"
        case .postgresql18: "postgresql18"
        case .mariadb: "mariadb"
        case .mysql: "mysql"
        }
    }

    /// Those that run. SQLite always does; `make test` starts the others, and fails if it cannot.
    static var running: [TestEngine] {
        allCases.filter { $0 == .sqlite || ProcessInfo.processInfo.environment[$0.rawValue] != nil }
    }

    static let drivers = DriverRegistry([
        SQLiteDriver(), PostgreSQLDriver(), MySQLDriver(.mysql), MySQLDriver(.mariadb),
    ])

    var isPostgreSQL: Bool { self == .postgresql || self == .postgresql18 }
    var isMySQL: Bool { self == .mysql || self == .mariadb }
    var isTransactional: Bool { self == .sqlite || isPostgreSQL }

    /// Makes an empty database, lends the means to connect to it, and removes it.
    func withDatabase<R>(_ body: (ConnectionConfiguration) async throws -> R) async throws -> R {
        let name = "mig_" + UUID().uuidString.lowercased().replacing("-", with: "").prefix(20)
        if self == .sqlite {
            let folder = FileManager.default.temporaryDirectory.appending(path: name)
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(at: folder) }
            let path = folder.appending(path: "test.db").path(percentEncoded: false)
            return try await body(try ConnectionConfiguration("sqlite:\(path)?mode=rwc"))
        }
        var url = try DatabaseURL(try #require(ProcessInfo.processInfo.environment[rawValue]))
        let administration = try await Self.drivers.connect(try Self.patient(url))
        try await administration.execute("create database \(identifier: name)")
        url.database = name
        do {
            let result = try await body(try Self.patient(url))
            await drop(name, administration)
            return result
        } catch {
            await drop(name, administration)
            throw error
        }
    }

    /// Empties the database of a connection, and returns one to it: for SQLite another one, in memory.
    func emptied(_ connection: any Connection) async throws -> any Connection {
        switch self {
        case .sqlite:
            await connection.close()
            return try await Self.drivers.connect(try ConnectionConfiguration("sqlite::memory:"))
        case .postgresql, .postgresql18:
            for namespace in ["other", "public"] {
                try await connection.execute("drop schema if exists \(identifier: namespace) cascade")
            }
            try await connection.execute("create schema public")
            try await connection.execute("reset check_function_bodies")
        case .mysql, .mariadb:
            let name = try await connection.query("select database()").decode(String.self).fetchOnly()
            try await connection.execute("drop database \(identifier: name)")
            try await connection.execute("create database \(identifier: name)")
            try await connection.execute("use \(identifier: name)")
        }
        return connection
    }

    private func drop(_ name: String, _ administration: any Connection) async {
        let force = isPostgreSQL ? " with (force)" : ""
        _ = try? await administration.execute("drop database \(identifier: name)\(unsafe: force)")
        await administration.close()
    }

    /// A busy machine is slow, and that is no failure.
    private static func patient(_ url: DatabaseURL) throws -> ConnectionConfiguration {
        var configuration = try ConnectionConfiguration(url: url)
        configuration.connectTimeout = .seconds(300)
        return configuration
    }

    static func withConnection<R>(
        _ configuration: ConnectionConfiguration,
        _ body: (any Connection) async throws -> R
    ) async throws -> R {
        let connection = try await drivers.connect(configuration)
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
