import Foundation
import Roost
import RoostMigrations
import RoostSchema

/// A database of a command's own, where SQL is carried out to see what comes of it: in memory for SQLite, else on the same server, made
/// and removed again.
struct ScratchDatabase {
    let common: CommonOptions
    /// The database whose server it is on.
    let target: String?
    /// An empty database to use instead.
    let other: String?

    /// Lends it, empty.
    ///
    /// - Parameter neighbour: a connection to the database whose server it is on.
    func with<R>(like neighbour: any Connection, _ body: (any Connection) async throws -> R) async throws -> R {
        if let other {
            return try await common.withConnection(other) { connection in
                let schema = try await Schema.read(from: connection)
                guard schema.tables.isEmpty, schema.views.isEmpty, schema.routines.isEmpty else {
                    throw CommandFailure(status: .usage, message: "The scratch database is not empty.")
                }
                return try await body(connection)
            }
        }
        if neighbour.dialect.name == "sqlite" {
            let memory = try await linkedDrivers.connect(try ConnectionConfiguration("sqlite::memory:"))
            return try await closing(memory, body)
        }
        return try await onServer(neighbour, body)
    }

    /// The structure that a place describes: SQL files, a database or a dump.
    ///
    /// - Parameters:
    ///   - place: a path, a connection's name or a URL.
    ///   - neighbour: a connection to the database whose server SQL is tried on.
    func schema(of place: String, like neighbour: any Connection) async throws -> Schema {
        guard let files = try Self.sqlFiles(place) else { return try await common.schema(place) }
        return try await with(like: neighbour) { connection in
            for file in files { try await Self.carryOut(file, on: connection) }
            return try await Schema.read(from: connection)
        }
    }

    /// The structure that revisions make of an empty database.
    func schema(
        of graph: RevisionGraph,
        _ configuration: MigrationConfiguration,
        like neighbour: any Connection
    ) async throws -> Schema {
        try await with(like: neighbour) { connection in
            var configuration = configuration
            configuration.allowsDestructive = true
            try await Migrator(connection: connection, graph: graph, configuration: configuration).apply(upTo: .heads)
            return try await Schema.read(from: connection)
        }
    }

    /// The files in order; nil when it is no path of SQL.
    private static func sqlFiles(_ place: String) throws -> [String]? {
        var isDirectory = ObjCBool(false)
        guard FileManager.default.fileExists(atPath: place, isDirectory: &isDirectory) else {
            guard place.hasSuffix(".sql") else { return nil }
            throw CommandFailure(status: .usage, message: "There is no file \(place).")
        }
        guard isDirectory.boolValue else { return place.hasSuffix(".sql") ? [place] : nil }
        let names = try FileManager.default.contentsOfDirectory(atPath: place).filter { $0.hasSuffix(".sql") }
        guard !names.isEmpty else {
            throw CommandFailure(status: .usage, message: "The folder \(place) has no .sql files.")
        }
        return names.sorted().map { place + "/" + $0 }
    }

    static func carryOut(_ file: String, on connection: any Connection) async throws {
        guard let data = FileManager.default.contents(atPath: file), let text = String(bytes: data, encoding: .utf8)
        else {
            throw CommandFailure(status: .usage, message: "The file \(file) cannot be read as UTF-8 text.")
        }
        for part in StatementSplitter.split(text + "\n;", dialect: connection.dialect) {
            guard part.isComplete else {
                throw CommandFailure(
                    status: .usage,
                    message: "\(file):\(part.line): a quote, a comment or a body that begins here is not closed."
                )
            }
            do {
                try await connection.execute(Statement(unsafe: part.text))
            } catch {
                throw CommandFailure(status: .usage, message: "\(file):\(part.line): \(error.message)")
            }
        }
    }

    private func onServer<R>(
        _ neighbour: any Connection,
        _ body: (any Connection) async throws -> R
    ) async throws -> R {
        let name = "roost_scratch_\(UInt64.random(in: 0 ... .max))"
        let options = try await Self.options(like: neighbour)
        do {
            try await neighbour.execute("create database \(identifier: name)\(unsafe: options)")
        } catch {
            throw CommandFailure(
                status: .failed,
                message:
                    "No scratch database can be made on the server: \(error.message) Name an empty one with --scratch."
            )
        }
        let result: Result<R, any Error>
        do {
            var configuration = try common.resolve(target)
            configuration.url.database = name
            result = .success(try await closing(try await linkedDrivers.connect(configuration), body))
        } catch {
            result = .failure(error)
        }
        do {
            try await neighbour.execute("drop database \(identifier: name)")
        } catch {
            Terminal.note("The scratch database \(name) is left: \(error.message)")
        }
        return try result.get()
    }

    /// What a new database takes from the one beside it: on MySQL the character set and collation of its columns.
    private static func options(like neighbour: any Connection) async throws -> String {
        guard ["mysql", "mariadb"].contains(neighbour.dialect.name) else { return "" }
        let (charset, collation) = try await neighbour.query(
            "select @@character_set_database, @@collation_database"
        ).decode((String, String).self).fetchOnly()
        // Names of the server's own, of which none needs quotes.
        guard (charset + collation).utf8.allSatisfy({ ($0 | 0x20) &- 0x61 < 26 || $0 &- 0x30 < 10 || $0 == 0x5F })
        else {
            return ""
        }
        return " character set \(charset) collate \(collation)"
    }

    private func closing<R>(
        _ connection: any Connection,
        _ body: (any Connection) async throws -> R
    ) async throws -> R {
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
