public import Roost

/// Reads one engine's catalogue, in a number of statements that does not depend on what is in it.
protocol SchemaReader {
    /// A reader that asks `connection`.
    init(_ connection: any Connection)
    /// Reads the structure of the session's database.
    func read() async throws(DatabaseError) -> Schema
}

extension Schema {
    /// Reads the structure of a connection's database, the system's own objects left out.
    ///
    /// Names in the session's own namespace (`current_schema()`, MySQL's database, SQLite's `main`) come without one. The number of
    /// statements is constant: 4 for SQLite, 9 for PostgreSQL, 11 for MySQL and 12 for MariaDB with sequences.
    ///
    /// - Throws: `notSupported` for an engine whose catalogue nobody here knows, and what the statements throw.
    public static func read(from connection: any Connection) async throws(DatabaseError) -> Schema {
        guard let engine = Engine(rawValue: connection.driverName) else {
            throw DatabaseError(
                .notSupported,
                .notSupported,
                "The schema of a \(connection.driverName) database cannot be read.",
                hint: "Schemas are read from \(Engine.allCases.map(\.rawValue).joined(separator: ", "))."
            )
        }
        let reader: any SchemaReader =
            switch engine {
            case .sqlite: SQLiteSchemaReader(connection)
            case .postgresql: PostgreSQLSchemaReader(connection)
            case .mysql, .mariadb: MySQLSchemaReader(connection)
            }
        var schema = try await reader.read()
        schema.sort()
        return schema
    }
}

extension Connection {
    /// All rows of a statement of the catalogue.
    nonisolated func catalogue<Entry: RowDecodable & Sendable>(
        _ text: String,
        as type: Entry.Type
    ) async throws(DatabaseError) -> [Entry] {
        try await query(Statement(unsafe: text), options: .standard).decode(type).fetchAll(limit: .unbounded)
    }
}

/// Texts that come again and again in a catalogue, each kept once.
struct TypeCache {
    private var types: [String: Schema.ColumnType] = [:]
    let engine: Schema.Engine

    init(_ engine: Schema.Engine) { self.engine = engine }

    mutating func type(_ spelling: String) -> Schema.ColumnType {
        if let known = types[spelling] { return known }
        let type = Schema.ColumnType(spelling, engine: engine)
        types[spelling] = type
        return type
    }
}
