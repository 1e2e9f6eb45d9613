import Roost

/// A part of a table's rows: those whose key lies from `lower` up to, but not including, `upper`. A part without bounds is all rows.
struct KeyRange: Hashable, Sendable {
    var column: String?
    var lower: Int64?
    var upper: Int64?

    static let all = KeyRange()

    /// The condition that chooses the part, besides another one.
    func condition(_ other: String?, _ dialect: Dialect) -> String? {
        var parts = other.map { ["(\($0))"] } ?? []
        if let column {
            if let lower { parts.append("\(dialect.quoted(column)) >= \(lower)") }
            if let upper { parts.append("\(dialect.quoted(column)) < \(upper)") }
        }
        return parts.isEmpty ? nil : parts.joined(separator: " and ")
    }

    /// So many rows are not counted where the engine knows about how many there are.
    private static let countedRows = 1_000_000

    /// Cuts a table into parts of about so many rows, by an integer primary key of one column; one part where it has none, or few rows.
    ///
    /// The outermost parts have no outer bound, so that the parts are all rows whatever came since.
    static func parts(
        of table: TargetTable,
        on connection: any Connection,
        where condition: String?,
        rows: Int
    ) async throws(DatabaseError) -> (ranges: [KeyRange], expected: Int?) {
        let estimate =
            condition == nil ? try await RowEstimate.rows(of: table.sourceName, on: connection) : nil
        guard table.primaryKey.count == 1, let key = table.primaryKey.first,
            let column = table.columns.first(where: { $0.name == key }), case .integer = column.type
        else { return ([.all], estimate) }
        // SQLite's numbers of rows tell nothing of how many there are.
        let isCounted = connection.driverName == "sqlite" || (estimate ?? 0) < countedRows
        var statement: Statement = "select min(\(identifier: key)), max(\(identifier: key))"
        statement.append(unsafe: isCounted ? ", count(*) from " : " from ")
        statement.append(identifier: table.sourceName)
        if let condition { statement.append(unsafe: " where (\(condition))") }
        let row = try await connection.query(statement).fetchOne()?.values ?? []
        guard row.count >= 2, let count = isCounted ? row.last?.integer : estimate.map(Int64.init) else {
            return ([.all], estimate)
        }
        let expected = Int(exactly: count)
        guard let first = row[0].integer, let last = row[1].integer, count > rows, last > first else {
            return ([.all], expected)
        }
        let wanted = min(count / Int64(max(rows, 1)) + 1, 4_096)
        let (span, overflow) = last.subtractingReportingOverflow(first)
        guard !overflow else { return ([.all], expected) }
        let step = max(span / wanted, 1)
        var parts: [KeyRange] = []
        var lower: Int64?
        var next = first
        for _ in 1..<wanted {
            let (bound, overflow) = next.addingReportingOverflow(step)
            guard !overflow, bound <= last else { break }
            parts.append(KeyRange(column: key, lower: lower, upper: bound))
            lower = bound
            next = bound
        }
        parts.append(KeyRange(column: key, lower: lower, upper: nil))
        return (parts, expected)
    }
}

extension Value {
    /// A whole number of 64 signed bits, however the engine gave it.
    var integer: Int64? {
        switch self {
        case .int(let number): number
        case .uint(let number): Int64(exactly: number)
        case .decimal(let number): number.integer()
        default: nil
        }
    }
}
