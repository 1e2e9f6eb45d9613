import ArgumentParser
import Foundation
import Logging
import Roost
import RoostConfiguration
import RoostMySQL
import RoostPostgreSQL
import RoostSQLite

/// The drivers this binary was linked with.
let linkedDrivers = DriverRegistry([
    SQLiteDriver(), PostgreSQLDriver(), MySQLDriver(.mysql), MySQLDriver(.mariadb),
])

/// Options of every command that reads the configuration.
struct CommonOptions: ParsableArguments {
    @Option(name: .long, help: ArgumentHelp("The configuration file.", valueName: "file"))
    var config: String?

    @Option(name: .long, help: "How much is logged to standard error: trace, debug, info, notice, warning, error.")
    var logLevel: String = "warning"

    func logger() throws -> Logger {
        guard let level = Logger.Level(rawValue: logLevel) else {
            throw ValidationError(
                "--log-level must be one of \(Logger.Level.allCases.map(\.rawValue).joined(separator: ", "))."
            )
        }
        var logger = Logger(label: "roost", factory: { StreamLogHandler.standardError(label: $0) })
        logger.logLevel = level
        return logger
    }

    func environment() throws -> Environment {
        try Environment.load(directory: FileManager.default.currentDirectoryPath)
    }

    func project() throws -> ProjectConfiguration {
        try ProjectConfiguration.load(
            path: config,
            directory: FileManager.default.currentDirectoryPath,
            environment: try environment()
        )
    }

    /// The configuration of what the user named: a connection of `roost.yaml`, a URL, or without either `DATABASE_URL`.
    func resolve(_ target: String?) throws -> ConnectionConfiguration {
        let environment = try environment()
        let project = try project()
        let name: String
        if let target {
            name = target
        } else if let url = environment["DATABASE_URL"] {
            name = url
        } else if project.connections.count == 1, let only = project.connections.first {
            name = only.name
        } else {
            throw ConfigurationError(
                "No database was named. Give a connection's name or a URL such as sqlite:shop.sqlite, or set DATABASE_URL."
            )
        }
        var configuration = try project.resolve(name, environment: environment)
        configuration.logger = try logger()
        return configuration
    }

    /// What the user named, as it may be shown: a URL without its secrets.
    static func shown(_ target: String) -> String {
        target.contains(":") ? (try? DatabaseURL(target)).map { "\($0)" } ?? "(URL)" : target
    }

    /// Connects, and closes when `body` is done.
    func withConnection<R>(
        _ target: String?,
        _ change: (inout ConnectionConfiguration) -> Void = { _ in },
        _ body: (any Connection) async throws -> R
    ) async throws -> R {
        var configuration = try resolve(target)
        change(&configuration)
        let connection = try await linkedDrivers.connect(configuration)
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
