import Roost
import RoostSchema

/// The code of `Documentation/Schema.md`.
enum SchemaSnippets {
    static func reading(_ connection: any Connection) async throws {
        let schema = try await Schema.read(from: connection)
        for table in schema.tables {
            print(table.name, table.columns.map(\.type.spelling), table.primaryKey?.columns ?? [])
        }
    }

    static func types() {
        let price = Schema.ColumnType("numeric(10,2)", engine: .postgresql)
        print(price.family, price.precision ?? 0, price.scale ?? 0)  // decimal 10 2
    }

    static func comparing(_ actual: Schema, _ wanted: Schema) {
        let changes = actual.changes(to: wanted)
        for change in changes { print(change) }
    }

    static func renaming(_ actual: Schema, _ wanted: Schema) -> [Schema.Change] {
        let renames = Schema.Renames(
            tables: [ObjectName("client"): ObjectName("customer")],
            columns: [ObjectName("client"): ["mail": "email"]]
        )
        let steps = actual.changes(to: wanted, renames: renames)
        return steps
    }

    static func writing(_ actual: Schema, _ wanted: Schema, _ connection: any Connection) async throws -> [String] {
        let everything = try wanted.definitions()
        let update = try actual.definitions(of: actual.changes(to: wanted), to: wanted)
        for statement in update { try await connection.execute(Statement(unsafe: statement)) }
        return everything
    }
}
