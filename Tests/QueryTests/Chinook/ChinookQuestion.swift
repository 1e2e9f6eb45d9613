import Roost
import RoostQuery

/// What analysts ask of the Chinook database: a query built in Swift, and the SQL somebody wrote for it.
struct ChinookQuestion: Sendable, CustomStringConvertible {
    let description: String
    /// The rows of the query built in Swift.
    let built: @Sendable (any Connection) async throws -> [String]
    /// The rows of the SQL.
    let written: @Sendable (any Connection, Words) async throws -> [String]

    init<Q: RowQuery>(
        _ description: String,
        _ query: @autoclosure @escaping @Sendable () -> Q,
        _ sql: @escaping @Sendable (Words) -> String
    ) {
        self.description = description
        built = { try await $0.fetchAll(query(), limit: 10_000).map { describe($0) } }
        written = { connection, words in
            let text = condition(SQLFragment(Statement(unsafe: sql(words)))).node
            let statement = Returning<Q.Output>(node: text, fetcher: query().fetcher)
            return try await connection.fetchAll(statement, limit: 10_000).map { describe($0) }
        }
    }

    /// What the engines say in different words.
    struct Words: Sendable {
        let engine: QueryEngine

        private func field(_ column: String, _ sqlite: String, _ name: String) -> String {
            switch engine {
            case .sqlite: "cast(strftime('\(sqlite)', \(column)) as integer)"
            case .postgresql: "cast(extract(\(name) from \(column)) as integer)"
            default: "extract(\(name) from \(column))"
            }
        }

        func year(_ column: String) -> String { field(column, "%Y", "year") }
        func month(_ column: String) -> String { field(column, "%m", "month") }
        func weekday(_ column: String) -> String {
            switch engine {
            case .mysql, .mariadb: "dayofweek(\(column)) - 1"
            default: field(column, "%w", "dow")
            }
        }
    }
}
