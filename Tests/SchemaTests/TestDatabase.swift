import Foundation
import Roost
import RoostMySQL
import RoostPostgreSQL
import RoostSQLite
import RoostSchema
import Testing

/// The engines schemas are read from; the servers are those `scripts/servers` started.
enum TestEngine: String, CaseIterable, CustomStringConvertible {
    case sqlite = ""
    case postgresql15 = "ROOST_TEST_POSTGRESQL_15_URL"
    case postgresql18 = "ROOST_TEST_POSTGRESQL_18_URL"
    case mariadb = "ROOST_TEST_MARIADB_URL"
    case mysql = "ROOST_TEST_MYSQL_URL"

    var description: String {
        switch self {
        case .sqlite: "SQLite"
        case .postgresql15: "PostgreSQL 15"
        case .postgresql18: "PostgreSQL 18"
        case .mariadb: "MariaDB"
        case .mysql: "MySQL"
        }
    }

    var url: String? { ProcessInfo.processInfo.environment[rawValue] }
    /// Those that run. `make test` starts them all, and fails if it cannot.
    static var running: [TestEngine] { allCases.filter { $0 == .sqlite || $0.url != nil } }
    static var postgresql: [TestEngine] { running.filter { $0 == .postgresql15 || $0 == .postgresql18 } }

    var engine: Schema.Engine {
        switch self {
        case .sqlite: .sqlite
        case .postgresql15, .postgresql18: .postgresql
        case .mariadb: .mariadb
        case .mysql: .mysql
        }
    }

    private func configuration(_ database: String?, _ observer: (any DatabaseObserver)?) throws
        -> ConnectionConfiguration
    {
        var url = try DatabaseURL(self == .sqlite ? "sqlite::memory:" : try #require(url))
        if let database { url.database = database }
        var configuration = try ConnectionConfiguration(url: url)
        // A busy machine is slow, and that is no failure.
        configuration.connectTimeout = .seconds(300)
        configuration.observer = observer
        return configuration
    }

    private func connect(_ configuration: ConnectionConfiguration) async throws -> any Connection {
        switch self {
        case .sqlite: try await SQLiteDriver().connect(configuration)
        case .postgresql15, .postgresql18: try await PostgreSQLDriver().connect(configuration)
        case .mariadb: try await MySQLDriver(.mariadb).connect(configuration)
        case .mysql: try await MySQLDriver(.mysql).connect(configuration)
        }
    }

    /// Runs `body` with a connection to a database of its own, which is dropped whatever happens.
    func withDatabase<R>(
        observer: (any DatabaseObserver)? = nil,
        _ body: (any Connection) async throws -> R
    ) async throws -> R {
        guard self != .sqlite else { return try await use(connect(configuration(nil, observer)), body) }
        let name = "roost_schema_\(UUID().uuidString.prefix(8).lowercased())"
        return try await use(connect(configuration(nil, nil))) { admin in
            try await admin.execute("create database \(identifier: name)")
            do {
                let result = try await use(connect(configuration(name, observer)), body)
                try await admin.execute("drop database \(identifier: name)")
                return result
            } catch {
                try await admin.execute("drop database \(identifier: name)")
                throw error
            }
        }
    }

    private func use<R>(_ connection: any Connection, _ body: (any Connection) async throws -> R) async throws -> R {
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
    /// Runs a script of this engine.
    nonisolated func run(script: String) async throws {
        for part in StatementSplitter.split(script, dialect: dialect) { try await run([part.text]) }
    }

    /// Runs statements; one that fails is told with its text.
    nonisolated func run(_ statements: [String]) async throws {
        for statement in statements {
            do { try await execute(Statement(unsafe: statement)) } catch {
                Issue.record("\(error)\n\(statement)")
                throw error
            }
        }
    }
}

/// Counts statements.
final class StatementCounter: DatabaseObserver {
    private let lock = NSLock()
    nonisolated(unsafe) private var counted = 0

    var count: Int { lock.withLock { counted } }
    func reset() { lock.withLock { counted = 0 } }

    func statementBegan(_ statement: ObservedStatement) -> (any Sendable)? {
        lock.withLock { counted += 1 }
        return nil
    }

    func statementEnded(_ statement: ObservedStatement, _ outcome: StatementOutcome, token: (any Sendable)?) {}
}

/// What is in one schema and not in the other, to be read in a failure.
func difference(_ left: Schema, _ right: Schema) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    let texts = [left, right].map { String(decoding: (try? encoder.encode($0)) ?? Data(), as: UTF8.self) }
    let lines = texts.map { $0.split(separator: "\n").map(String.init) }
    let removed = lines[0].difference(from: lines[1])
    return removed.prefix(60).map { change in
        switch change {
        case .insert(let offset, let line, _): "- \(offset): \(line)"
        case .remove(let offset, let line, _): "+ \(offset): \(line)"
        }
    }.joined(separator: "\n")
}
