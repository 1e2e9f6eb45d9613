import Roost
import RoostSchema

/// Rows made up from a schema, so that migrations are tried on tables that have some.
///
/// Rows are plain and the same each time: numbers count up, texts are short, every other value that may be missing is, and what refers
/// to another table refers to a row of it. A condition that such rows do not keep leaves its table empty.
struct SeedRows: Sendable {
    private let schema: Schema
    private let count: Int

    /// Rows for the tables of a schema.
    init(for schema: Schema, count: Int) {
        self.schema = schema
        self.count = count
    }

    /// Fills the tables that have no rows.
    ///
    /// - Parameter except: tables that are left alone.
    /// - Returns: what could not be filled, and why, in the server's words.
    func fill(_ connection: any Connection, except: Set<ObjectName> = []) async throws -> [String] {
        var left = schema.tables.filter { $0.kind == .base && $0.partition == nil && !except.contains($0.name) }
        var reasons: [ObjectName: String] = [:]
        // What refers to a table that is filled later gets its turn in the next round.
        while true {
            var failed: [Schema.Table] = []
            for table in left {
                if try await Self.count(table.name, on: connection) > 0 { continue }
                do {
                    try await connection.inTransaction {
                        for number in 1...max(count, 1) {
                            try await connection.execute(
                                Statement(unsafe: try row(of: table, number, connection.dialect))
                            )
                        }
                    }
                } catch let error as DatabaseError where error.category != .operational {
                    reasons[table.name] = error.message
                    failed.append(table)
                }
            }
            guard !failed.isEmpty, failed.count < left.count else {
                return failed.map { "\($0.name): \(reasons[$0.name] ?? "?")" }
            }
            left = failed
        }
    }

    /// The rows of a table.
    static func count(_ table: ObjectName, on connection: any Connection) async throws(DatabaseError) -> Int64 {
        try await connection.query("select count(*) from \(identifier: table.parts)").decode(Int64.self).fetchOnly()
    }

    private func row(of table: Schema.Table, _ number: Int, _ dialect: Dialect) throws(DatabaseError) -> String {
        var names: [String] = []
        var values: [String] = []
        func quoted(_ parts: [String]) -> String {
            var statement = Statement(unsafe: "")
            statement.append(identifier: parts)
            return statement.rendered(for: dialect)
        }
        var referring: [String: (ObjectName, String)] = [:]
        for key in table.foreignKeys where key.columns.count == key.referencedColumns.count {
            for (own, other) in zip(key.columns, key.referencedColumns) {
                referring[own] = (key.referencedTable, other)
            }
        }
        for column in table.columns where column.generation == nil && column.identity == nil {
            let isKey = table.primaryKey?.columns.contains(column.name) ?? false
            if column.isNullable, !isKey, number.isMultiple(of: 2) { continue }
            if let (other, name) = referring[column.name] {
                if other == table.name, column.isNullable { continue }
                let (key, place) = (quoted([name]), (number - 1) % max(count, 1))
                names.append(quoted([column.name]))
                // All columns of one key take them from one row.
                let order = (schema.tables.first { $0.name == other }?.primaryKey?.columns ?? [name]).map {
                    quoted([$0])
                }
                values.append(
                    "(select \(key) from \(quoted(other.parts)) order by \(order.joined(separator: ", ")) limit 1 offset \(place))"
                )
                continue
            }
            guard let value = literal(of: column.type, number, dialect) else {
                if column.isNullable || column.defaultValue != nil { continue }
                throw DatabaseError(
                    .notSupported,
                    .notSupported,
                    "no value is made up for the type \(column.type.spelling) of \(column.name)"
                )
            }
            names.append(quoted([column.name]))
            values.append(value)
        }
        let target = quoted(table.name.parts)
        guard !names.isEmpty else {
            return dialect.name == "mysql" || dialect.name == "mariadb"
                ? "insert into \(target) () values ()" : "insert into \(target) default values"
        }
        return "insert into \(target) (\(names.joined(separator: ", "))) values (\(values.joined(separator: ", ")))"
    }

    private func literal(of type: Schema.ColumnType, _ number: Int, _ dialect: Dialect) -> String? {
        let isPostgreSQL = dialect.name == "postgresql"
        guard type.dimensions == nil else { return "'{}'" }
        func text(_ value: String) -> String { SQLLiteral.text(.text(value), dialect: dialect) }
        switch type.family {
        case .boolean: return isPostgreSQL ? "true" : "1"
        case .integer, .float: return "\(number)"
        case .decimal:
            let whole = type.precision.map { $0 - (type.scale ?? 0) } ?? 9
            return whole > 0 ? "\(number % (whole == 1 ? 10 : 100))" : "0"
        case .text, .any:
            let short = String(number, radix: 36)
            guard let length = type.length, length < 8 else { return text("row \(number)") }
            return text(String(short.suffix(max(length, 0))))
        case .bytes:
            let digits = String(number % 256, radix: 16)
            let hex = digits.count == 1 ? "0" + digits : digits
            return isPostgreSQL ? "'\\x\(hex)'" : "x'\(hex)'"
        case .date: return "'2026-01-\(number % 28 + 1 < 10 ? "0" : "")\(number % 28 + 1)'"
        case .time: return "'12:00:\(number % 60 < 10 ? "0" : "")\(number % 60)'"
        case .timestamp: return "'2026-01-01 12:00:\(number % 60 < 10 ? "0" : "")\(number % 60)'"
        case .interval: return isPostgreSQL ? "'\(number) seconds'" : nil
        case .uuid: return "'00000000-0000-4000-8000-" + "\(100_000_000_000 + number)'"
        case .json: return "'{}'"
        case .xml: return "'<a/>'"
        case .enumeration, .set:
            let names = schema.enumerations.first {
                type.spelling == $0.name.name || type.spelling == $0.name.description
            }
            guard let values = type.values ?? names?.values, !values.isEmpty else { return nil }
            return text(values[number % values.count])
        case .network: return "'192.0.2.\(number % 256)'"
        case .bits, .geometry, .range, .textSearch, .vector, .domain, .composite: return nil
        }
    }
}
