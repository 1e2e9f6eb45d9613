public import Roost

/// The rows of a statement: a table, some of its columns and rows, or any query.
public struct StatementSource: Source {
    public let name: String
    /// Where it runs.
    public let connection: any Connection
    /// What is read.
    public let statement: Statement
    public internal(set) var forecast: RowForecast?

    /// A source from any statement that returns rows.
    public init(_ name: String, on connection: any Connection, _ statement: Statement) {
        self.name = name
        self.connection = connection
        self.statement = statement
    }

    public func open() async throws(DatabaseError) -> sending ResultSet {
        // A copy takes as long as it takes: no statement time-out but the one the user gave the connection.
        try await connection.query(statement, options: ExecutionOptions(batchBytes: 131_072))
    }

    /// How far rows were read already.
    struct Cursor: Sendable {
        var column: String
        var value: Value
        /// Whether rows with this very value are read again: who has a key to know them by misses none that came later with it.
        var isIncluded: Bool

        /// The rows that are left.
        var condition: Statement {
            var statement: Statement = ""
            statement.append(identifier: [column])
            statement.append(unsafe: isIncluded ? " >= " : " > ")
            statement.append(parameter: value)
            return statement
        }
    }

    /// What reads columns of a table.
    static func select(
        _ columns: [String],
        from table: [String],
        where condition: String? = nil,
        limit: Int? = nil,
        beyond cursor: Cursor? = nil
    ) -> Statement {
        var statement: Statement = "select "
        for (index, column) in columns.enumerated() {
            if index > 0 { statement.append(unsafe: ", ") }
            statement.append(identifier: [column])
        }
        statement.append(unsafe: " from ")
        statement.append(identifier: table)
        if let condition { statement.append(unsafe: " where (\(condition))") }
        if let cursor {
            statement.append(unsafe: condition == nil ? " where " : " and ")
            statement.append(cursor.condition)
        }
        if let limit { statement.append(unsafe: " limit \(limit)") }
        return statement
    }
}
