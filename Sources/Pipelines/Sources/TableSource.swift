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
        var source = StatementSource(name, on: connection, statement)
        if condition == nil {
            source.forecast = RowForecast(try await RowEstimate.rows(of: table.name.parts, on: connection))
        }
        return (source, chosen, key)
    }
}

/// The names of a database's tables.
public enum TableNames {
    /// The tables that names and patterns choose; for none all but those that copies and pipelines keep for themselves.
    ///
    /// - Parameter others: the names of further tables that are left out where no pattern is given.
    /// - Throws: `programming.undefinedTable` for a pattern that chooses none.
    public static func matching(
        _ patterns: [String],
        on connection: any Connection,
        besides others: Set<String> = []
    ) async throws(DatabaseError) -> [String] {
        let tables = try await Schema.read(from: connection).tables
        guard patterns.isEmpty else { return try CopyPlan.select(tables, patterns).map(\.typedName) }
        return tables.filter { !$0.isRoosts && !others.contains($0.name.name) }.map(\.typedName)
    }
}
