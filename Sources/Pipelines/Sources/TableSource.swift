public import Roost

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
        let schema = try await CopyPlan.schema(of: connection)
        guard let table = schema.tables.first(where: { $0.name == name }) else {
            throw DatabaseError(
                .programming,
                .undefinedTable,
                "No table is named \(name).",
                hint: "There are \(schema.tables.prefix(24).map(\.name).joined(separator: ", "))."
            )
        }
        let own = table.columns.filter { !$0.isGenerated }.map(\.name)
        let chosen = columns ?? own
        if let unknown = chosen.first(where: { !own.contains($0) }) {
            throw DatabaseError(
                .programming,
                .undefinedColumn,
                "The table \(name) has no column \(unknown).",
                hint: "Its columns are \(own.joined(separator: ", "))."
            )
        }
        let parts = connection.driverName == "postgresql" ? name.split(separator: ".").map(String.init) : [name]
        let statement = select(chosen, from: parts, where: condition)
        let key = table.primaryKey.allSatisfy(chosen.contains) ? table.primaryKey : []
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
        try CopyPlan.select(try await CopyPlan.schema(of: connection).tables, patterns).map(\.name)
    }
}
