import Roost
import RoostSchema

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The primary key rows are filled along, on MySQL and MariaDB.
///
/// A place in it is kept as a JSON array of texts. Comparisons are written out, `a > x or (a = x and b > y)`: these servers read the whole
/// table for `(a, b) > (x, y)` (MySQL documentation, "Range Optimization of Row Constructor Expressions").
struct MySQLOnlineKey {
    private let columns: [Schema.Column]

    /// The key of a table.
    ///
    /// - Throws: `usage` for a type whose values do not come back from text as they were.
    init(_ table: Schema.Table) throws(MigrationError) {
        columns = (table.primaryKey?.columns ?? []).compactMap { table.column($0) }
        for column in columns where Self.cast("", column.type) == nil {
            throw MigrationError(
                .usage,
                "Rows cannot be filled along a primary key of the type \(column.type).",
                hint: "Online changes go along keys of integers, decimals, texts, bytes, dates and times."
            )
        }
    }

    /// The columns, as `order by` takes them.
    var list: Statement {
        var statement: Statement = ""
        for (index, column) in columns.enumerated() {
            statement.append("\(unsafe: index > 0 ? ", " : "")\(identifier: column.name)")
        }
        return statement
    }

    /// The key of a row as one text.
    var text: Statement {
        var statement: Statement = "cast(json_array("
        for (index, column) in columns.enumerated() {
            let function = column.type.family == .bytes ? "hex" : "concat"
            statement.append("\(unsafe: index > 0 ? ", " : "")\(unsafe: function)(\(identifier: column.name))")
        }
        statement.append(") as char)")
        return statement
    }

    /// A value of a column's type, from its text.
    private static func cast(_ text: String, _ type: Schema.ColumnType) -> Statement? {
        switch type.family {
        case .integer: type.isUnsigned == true ? "cast(\(text) as unsigned)" : "cast(\(text) as signed)"
        case .decimal:
            "cast(\(text) as decimal(\(unsafe: "\(type.precision ?? 65)"), \(unsafe: "\(type.scale ?? 30)")))"
        case .date: "cast(\(text) as date)"
        case .time: "cast(\(text) as time(6))"
        case .timestamp: "cast(\(text) as datetime(6))"
        case .bytes: "unhex(\(text))"
        case .text, .uuid, .network: "\(text)"
        default: nil
        }
    }

    /// The condition that a row comes after a place, or not after it.
    func condition(_ order: Order, _ position: String) throws(MigrationError) -> Statement {
        guard let values = try? JSONDecoder().decode([String].self, from: Data(position.utf8)),
            values.count == columns.count
        else {
            throw MigrationError(
                .database,
                "The table of online changes holds a place that is none in the primary key."
            )
        }
        var statement: Statement = "("
        for last in columns.indices {
            if last > 0 { statement.append(" or ") }
            statement.append("(")
            for (index, column) in columns[...last].enumerated() {
                guard let value = Self.cast(values[index], column.type) else { continue }
                let isLast = index == last
                let sign =
                    !isLast ? "=" : order == .after ? ">" : last == columns.count - 1 ? "<=" : "<"
                statement.append(
                    "\(unsafe: index > 0 ? " and " : "")\(identifier: column.name) \(unsafe: sign) \(value)"
                )
            }
            statement.append(")")
        }
        statement.append(")")
        return statement
    }

    /// On which side of a place rows are.
    enum Order { case after, upTo }
}
