import Roost
import RoostMigrations
import RoostSchema

extension Connection {
    /// Runs the statements of a text.
    nonisolated func run(_ script: String) async throws {
        for part in StatementSplitter.split(script + "\n;", dialect: dialect) {
            try await execute(Statement(unsafe: part.text))
        }
    }
}

extension MigrationGenerator {
    /// One from the structure a database has.
    static func from(_ connection: any Connection, to desired: Schema) async throws -> MigrationGenerator {
        from(try await Schema.read(from: connection), to: desired)
    }

    /// One between two structures.
    static func from(_ current: Schema, to desired: Schema) -> MigrationGenerator {
        MigrationGenerator(from: current, to: desired, historyTable: MigrationConfiguration().historyTable)
    }

    /// Writes the migrations into a folder, and returns them.
    @discardableResult
    func write(into files: MigrationFiles) throws -> [MigrationTemplate] {
        var number = 0
        let templates = try templates(parents: [], description: "change") {
            number += 1
            return "g\(number)"
        }
        for template in templates { try template.write(into: files.path) }
        return templates
    }
}
