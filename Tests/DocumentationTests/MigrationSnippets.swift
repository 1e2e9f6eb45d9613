import Roost
import RoostMigrations

// The Swift blocks of Documentation/Migrations.md. They compile here; what they do is tested by RoostMigrationsTests on real servers.

/// A migration in Swift, beside those in files.
struct Greeting: Migration {
    let revision = "20261125160000"
    let parents = ["20261125153000"]
    let description = "a first customer"

    func up(on connection: any Connection) async throws {
        try await connection.execute("insert into customer (id, name) values (\(1), \("Ana"))")
    }

    func down(on connection: any Connection) async throws {
        try await connection.execute("delete from customer where id = \(1)")
    }
}

func migrate(_ connection: any Connection) async throws {
    let folder = try MigrationFolder(path: "migrations")
    try folder.checkIntegrity()
    let graph = try RevisionGraph(folder.revisions + [Revision(Greeting())])
    let migrator = Migrator(connection: connection, graph: graph)
    for entry in try await migrator.apply() { print("applied", entry.revision) }
}
