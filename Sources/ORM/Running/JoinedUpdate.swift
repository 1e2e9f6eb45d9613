import Roost
import RoostQuery

/// Updates of many rows as few statements, for MySQL, which has no command that runs a statement for many rows: the values are a table
/// that the model's is joined to.
///
/// A value reaches its column as it would as a parameter. Its type in between is one of five that lose nothing: times travel as text with
/// all of their digits, which a column of text keeps, too (of a parameter it would not keep the fraction).
struct JoinedUpdate<M: Model> {
    /// Rows of a statement: few sizes, so that few are prepared, and none for so few rows that their executions cost little.
    private static var sizes: [Int] { [512, 64] }
    /// Bytes of a statement's values, within what every server takes (`max_allowed_packet`).
    private static var mostBytes: Int { 1 << 20 }
    /// Parameters of a statement that MySQL takes.
    private static var mostParameters: Int { 65_535 }

    let positions: [Int]
    private let rows: RowBatch
    private let casts: [ValueCast]

    /// - Parameter rows: the values of the columns at `positions`, and then those that tell a row.
    /// - Returns: nil where one statement for each row is the way: for another engine, few rows, keys that are no numbers (they might be
    ///   compared by another collation than the column's), values of several kinds in a column, or a row that occurs twice.
    init?(_ positions: [Int], _ rows: RowBatch, _ profile: DialectProfile) {
        guard profile.engine == .mysql, profile.version >= 8_000_019, let smallest = Self.sizes.last,
            rows.rowCount >= smallest, positions.count + M.mapping.rowValueCount == rows.columnCount
        else { return nil }
        var casts: [ValueCast] = []
        for column in 0..<rows.columnCount {
            guard let cast = ValueCast(of: rows, column: column),
                column < positions.count || cast == .signed || cast == .unsigned
            else { return nil }
            casts.append(cast)
        }
        let key = positions.count..<(positions.count + M.mapping.key.columns.count)
        var keys: Set<[Value]> = []
        for row in 0..<rows.rowCount {
            let values = key.compactMap { rows.value(row: row, column: $0) }
            guard !values.contains(.null), keys.insert(values).inserted else { return nil }
        }
        self.positions = positions
        self.rows = rows
        self.casts = casts
    }

    /// Runs the statements; the rows that are too few for one more, or too large, by `rest`.
    ///
    /// - Returns: how many rows were found.
    func run(
        on connection: some Connection,
        _ options: ExecutionOptions,
        rest: (RowBatch) async throws(DatabaseError) -> Int
    ) async throws(DatabaseError) -> Int {
        var found = 0
        var row = 0
        var others = RowBatchBuilder(columnCount: rows.columnCount, rowCapacity: 8)
        while row < rows.rowCount {
            if let values = values(from: row) {
                let count = values.count / rows.columnCount
                let shape = ModelStatements<M>.Shape.updateRows(positions, casts, count)
                let template = try M.mapping.statements.statement(shape, for: connection)
                found += try await connection.execute(template.binding(values), options: options).rowsAffected ?? 0
                row += count
            } else {
                for column in 0..<rows.columnCount { others.append(cellOf: rows, row: row, column: column) }
                try others.endRow()
                row += 1
            }
        }
        return others.rowCount > 0 ? try await rest(others.takeBatch()) + found : found
    }

    /// The values of as many rows as the next statement takes; nil where it would be too few or too much.
    private func values(from row: Int) -> [Value]? {
        for size in Self.sizes
        where size <= rows.rowCount - row && size * rows.columnCount <= Self.mostParameters {
            var values: [Value] = []
            values.reserveCapacity(size * rows.columnCount)
            var bytes = 0
            for row in row..<(row + size) where bytes <= Self.mostBytes {
                for (column, cast) in casts.enumerated() {
                    guard let value = cast.value(rows.value(row: row, column: column) ?? .null) else { return nil }
                    bytes += ValueCast.size(of: value)
                    values.append(value)
                }
            }
            if bytes <= Self.mostBytes { return values }
        }
        return nil
    }

    /// The statement for so many rows.
    static func statement(
        _ positions: [Int],
        _ casts: [ValueCast],
        _ count: Int,
        _ dialect: Dialect
    ) throws(DatabaseError) -> Statement {
        let mapping = M.mapping
        let row = "row(" + casts.map(\.text).joined(separator: ", ") + ")"
        let names = casts.indices.map { "c\($0)" }
        let table = dialect.quoted(M.Columns.tableName)
        let path = (M.Columns.schemaName.map { dialect.quoted($0) + "." } ?? "") + table
        func column(_ name: String) -> String { table + "." + dialect.quoted(name) }
        let telling = mapping.key.columns + (mapping.version.map { [$0.column] } ?? [])
        let conditions = zip(telling, names.dropFirst(positions.count)).map { "\(column($0)) = roost_rows.\($1)" }
        let assignments = zip(positions, names).map { "\(column(mapping.columnNames[$0])) = roost_rows.\($1)" }
        // In this order: the values lead to the rows by their key, however the engine estimates either.
        let text =
            "update (values \(repeatElement(row, count: count).joined(separator: ", "))) as roost_rows "
            + "(\(names.joined(separator: ", "))) straight_join \(path) on \(conditions.joined(separator: " and ")) "
            + "set \(assignments.joined(separator: ", "))"
        return try Statement(template: text, dialect: dialect).prepared(for: dialect)
    }
}

/// What the values of a column are made between a parameter and the column.
enum ValueCast: Hashable, Sendable {
    case signed, unsigned, double, text, bytes

    /// Nil when the column holds values of several kinds, or of one that is a parameter alone.
    init?(of rows: RowBatch, column: Int) {
        var found: ValueCast?
        for row in 0..<rows.rowCount {
            guard let value = rows.value(row: row, column: column) else { return nil }
            let cast: ValueCast
            switch value {
            case .null: continue
            case .int, .bool: cast = .signed
            case .uint: cast = .unsigned
            case .double: cast = .double
            case .decimal, .text, .json, .uuid, .date, .time, .timestamp, .timestampTZ: cast = .text
            case .bytes: cast = .bytes
            default: return nil
            }
            guard found == nil || found == cast else { return nil }
            found = cast
        }
        self = found ?? .text
    }

    var text: String {
        switch self {
        case .signed: "cast(? as signed)"
        case .unsigned: "cast(? as unsigned)"
        case .double: "cast(? as double)"
        case .text: "cast(? as char)"
        case .bytes: "cast(? as binary)"
        }
    }

    /// What is bound; nil for what has to be refused as the driver does it.
    func value(_ value: Value) -> Value? {
        switch value {
        case .time(let time): Self.text(of: time).map { .text($0) }
        case .timestamp(let moment): Self.text(of: moment).map { .text($0) }
        case .timestampTZ(let instant) where instant.isFinite:
            // The session's time zone is UTC.
            Self.text(
                of: LocalDateTime(
                    microsecondsSinceEpoch: instant.microsecondsSinceEpoch,
                    nanosecondRemainder: instant.nanosecondRemainder
                )
            ).map { .text($0) }
        case .timestampTZ: nil
        case .date(let date): Self.text(of: date).map { .text($0) }
        case .decimal(let number): number.isFinite ? .text(number.description) : nil
        case .double(let number): number.isFinite ? value : nil
        default: value
        }
    }

    /// About how many bytes a value takes.
    static func size(of value: Value) -> Int {
        switch value {
        case .text(let text): text.utf8.count + 9
        case .json(let json): json.text.utf8.count + 9
        case .bytes(let bytes): bytes.count + 9
        default: 40
        }
    }

    private static func text(of date: LocalDate) -> String? {
        date.isFinite && (0...9_999).contains(date.year) ? date.description : nil
    }

    private static func text(of moment: LocalDateTime) -> String? {
        guard moment.isFinite, moment.nanosecondRemainder == 0, let date = text(of: moment.date),
            let time = text(of: moment.time)
        else { return nil }
        return date + " " + time
    }

    /// Six digits of fraction or none, as MySQL writes a time.
    private static func text(of time: LocalTime) -> String? {
        let nanosecond = time.nanosecond
        guard nanosecond % 1_000 == 0 else { return nil }
        let whole = String(time.description.prefix { $0 != "." })
        guard nanosecond != 0 else { return whole }
        let digits = String(nanosecond / 1_000)
        return whole + "." + String(repeating: "0", count: 6 - digits.count) + digits
    }
}
