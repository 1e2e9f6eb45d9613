public import Roost
import RoostSchema

extension StatementSource {
    /// Some or all columns and rows of a table.
    ///
    /// - Parameters:
    ///   - columns: nil for all that are not computed.
    ///   - condition: what stands after `where`. Never text from outside.
    /// - Throws: `programming.undefinedTable`, `programming.undefinedColumn`.
    public static func table(
        _ name: String,
        on connection: any Connection,
        columns: [String]? = nil,
        where condition: String? = nil
    ) async throws(DatabaseError) -> (source: StatementSource, columns: [String], key: [String]) {
        let schema = try await Schema.read(from: connection)
        guard let table = schema.tables.first(where: { $0.typedName == name }) else {
            throw DatabaseError(
                .programming,
                .undefinedTable,
                "No table is named \(name).",
                hint: "There are \(schema.tables.prefix(24).map(\.typedName).joined(separator: ", "))."
            )
        }
        let own = table.storedColumns.map(\.name)
        let chosen = columns ?? own
        if let unknown = chosen.first(where: { !own.contains($0) }) {
            throw DatabaseError(
                .programming,
                .undefinedColumn,
                "The table \(name) has no column \(unknown).",
                hint: "Its columns are \(own.joined(separator: ", "))."
            )
        }
        let statement = select(chosen, from: table.name.parts, where: condition)
        let key = table.keyColumns.allSatisfy(chosen.contains) ? table.keyColumns : []
        return (StatementSource(name, on: connection, statement), chosen, key)
    }
}

/// The names of a database's tables.
public enum TableNames {
    /// The tables that names and patterns choose; all for none.
    ///
    /// - Throws: `programming.undefinedTable` for a pattern that chooses none.
    public static func matching(
        _ patterns: [String],
        on connection: any Connection
    ) async throws(DatabaseError) -> [String] {
        try CopyPlan.select(try await Schema.read(from: connection).tables, patterns).map(\.typedName)
    }
}
