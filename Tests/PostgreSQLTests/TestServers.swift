import Foundation
import Roost
import RoostPostgreSQL
import Testing

/// The real servers `scripts/servers` started, by the variables it printed.
enum TestServer: String, CaseIterable, CustomStringConvertible {
    case postgresql15 = "ROOST_TEST_POSTGRESQL_15_URL"
    case postgresql18 = "ROOST_TEST_POSTGRESQL_18_URL"
    case pgbouncer = "ROOST_TEST_PGBOUNCER_URL"

    var description: String {
        switch self {
        case .postgresql15: "PostgreSQL 15"
        case .postgresql18: "PostgreSQL 18"
        case .pgbouncer: "PgBouncer"
        }
    }

    var url: String? { ProcessInfo.processInfo.environment[rawValue] }

    /// Those that run. Without any, the tests that need one are skipped; `make test` starts them all, and fails if it cannot.
    static var running: [TestServer] { allCases.filter { $0.url != nil } }
    /// Servers without a pooler in between.
    static var direct: [TestServer] { running.filter { $0 != .pgbouncer } }

    static func variable(_ name: String) -> String {
        ProcessInfo.processInfo.environment[name] ?? ""
    }

    func configuration(_ change: (inout DatabaseURL) -> Void = { _ in }) throws -> ConnectionConfiguration {
        var url = try DatabaseURL(try #require(url))
        change(&url)
        if url.option("cancel_timeout") == nil { url.set("cancel_timeout", "300s") }
        var configuration = try ConnectionConfiguration(url: url)
        // A busy machine is slow, and that is no failure.
        if url.option("connect_timeout") == nil { configuration.connectTimeout = .seconds(300) }
        if url.option("pool_timeout") == nil { configuration.poolTimeout = .seconds(300) }
        return configuration
    }

    func connect(_ change: (inout DatabaseURL) -> Void = { _ in }) async throws -> PostgreSQLConnection {
        try await PostgreSQLDriver().connect(configuration(change))
    }

    /// Connects, runs `body`, and closes whatever happens.
    func withConnection<R>(
        _ change: (inout DatabaseURL) -> Void = { _ in },
        _ body: (PostgreSQLConnection) async throws -> R
    ) async throws -> R {
        let connection = try await connect(change)
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

extension DatabaseURL {
    mutating func set(_ name: String, _ value: String?) {
        options.removeAll { $0.name == name }
        if let value { options.append(Option(name: name, value: value)) }
    }
}
