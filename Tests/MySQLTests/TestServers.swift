import Foundation
import Roost
import RoostMySQL
import Testing

/// The real servers `scripts/servers` started, by the variables it printed.
enum TestServer: String, CaseIterable, CustomStringConvertible {
    case mariadb = "ROOST_TEST_MARIADB_URL"
    case mysql = "ROOST_TEST_MYSQL_URL"

    var description: String { self == .mariadb ? "MariaDB" : "MySQL" }
    var flavour: MySQLFlavour { self == .mariadb ? .mariadb : .mysql }
    var url: String? { ProcessInfo.processInfo.environment[rawValue] }

    /// Those that run. Without any, the tests that need one are skipped; `make test` starts them all, and fails if it cannot.
    static var running: [TestServer] { allCases.filter { $0.url != nil } }

    static func variable(_ name: String) -> String {
        ProcessInfo.processInfo.environment[name] ?? ""
    }

    func configuration(_ change: (inout DatabaseURL) -> Void = { _ in }) throws -> ConnectionConfiguration {
        try Self.configuration(try DatabaseURL(try #require(url)), change)
    }

    static func configuration(
        _ url: DatabaseURL,
        _ change: (inout DatabaseURL) -> Void = { _ in }
    ) throws -> ConnectionConfiguration {
        var url = url
        change(&url)
        if url.option("cancel_timeout") == nil { url.set("cancel_timeout", "300s") }
        var configuration = try ConnectionConfiguration(url: url)
        // A busy machine is slow, and that is no failure.
        if url.option("connect_timeout") == nil { configuration.connectTimeout = .seconds(300) }
        if url.option("pool_timeout") == nil { configuration.poolTimeout = .seconds(300) }
        return configuration
    }

    func connect(_ change: (inout DatabaseURL) -> Void = { _ in }) async throws -> MySQLConnection {
        try await MySQLDriver(flavour).connect(configuration(change))
    }

    /// Connects, runs `body`, and closes whatever happens.
    func withConnection<R>(
        _ change: (inout DatabaseURL) -> Void = { _ in },
        _ body: (MySQLConnection) async throws -> R
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
