import Roost
import RoostSchema

/// Looks at values on their way where the target would change them without a word, or has no form for their kind: a decimal with more
/// places than its column keeps, an unsigned number beyond 64 signed bits for SQLite, an array for a column of texts.
struct CellGuard: Sendable {
    private enum Rule: Sendable {
        /// At most so many places.
        case scale(Int)
        /// Unsigned numbers become decimals.
        case unsignedAsDecimal
        /// Arrays become JSON.
        case arrayAsText
    }

    private let rules: [(column: Int, rule: Rule)]
    private let columns: [TargetColumn]
    private let table: String

    /// What is to be looked at for a table; nil when nothing is.
    init?(_ table: TargetTable, from engine: Engine) {
        columns = table.columns
        self.table = table.displayName
        var rules: [(column: Int, rule: Rule)] = []
        for (index, column) in table.columns.enumerated() {
            let isArray = engine == .postgresql && column.source.type.spelling.hasSuffix("[]")
            if isArray, column.mapping.declaration?.hasSuffix("[]") != true { rules.append((index, .arrayAsText)) }
            switch column.type {
            // Of the other engines a column's values have its scale.
            case .decimal(_?, let scale) where engine == .sqlite && table.engine != .sqlite:
                rules.append((index, .scale(scale ?? 0)))
            case .integer(64, true), .bits(64):
                if table.engine == .sqlite { rules.append((index, .unsignedAsDecimal)) }
            default: break
            }
        }
        guard !rules.isEmpty else { return nil }
        self.rules = rules
    }

    /// The batch, changed where it has to be.
    ///
    /// - Throws: `data.valueOutOfRange` naming the column.
    func apply(_ batch: RowBatch) throws(DatabaseError) -> RowBatch {
        var needsChange = false
        for row in 0..<batch.rowCount {
            let failed = batch.withCells(ofRow: row) { cells, heap -> Int? in
                for (column, rule) in rules where column < cells.count {
                    let cell = cells[column]
                    switch rule {
                    case .scale(let scale):
                        if cell.kind == .decimal, Self.places(cell, heap) > scale { return column }
                    case .unsignedAsDecimal:
                        if cell.kind == .uint, cell.payload > UInt64(Int64.max) { needsChange = true }
                    case .arrayAsText:
                        if cell.kind == .array { needsChange = true }
                    }
                }
                return nil
            }
            if let failed { throw tooPrecise(columns[failed]) }
        }
        return needsChange ? try changed(batch) : batch
    }

    private static func places(_ cell: Cell, _ heap: UnsafeRawPointer) -> Int {
        let start = heap + Int(truncatingIfNeeded: cell.payload)
        let text = UnsafeRawBufferPointer(start: start, count: Int(cell.length))
        guard let point = text.firstIndex(of: 0x2E) else { return 0 }
        var end = text.count
        while end > point + 1, text[end - 1] == 48 { end -= 1 }
        return end - point - 1
    }

    private func tooPrecise(_ column: TargetColumn) -> DatabaseError {
        DatabaseError(
            .data,
            .valueOutOfRange,
            "A value of \(table).\(column.name) has more decimal places than \(column.mapping.declaration ?? "its type") keeps.",
            hint: "Choose a wider type with --type \(column.name)=TYPE.",
            sqlState: "22003"
        ).concerning(table: table, column: column.name)
    }

    private func changed(_ batch: RowBatch) throws(DatabaseError) -> RowBatch {
        var builder = RowBatchBuilder(columnCount: batch.columnCount, rowCapacity: batch.rowCount)
        let texts = Set(rules.compactMap { if case .arrayAsText = $0.rule { $0.column } else { nil } })
        for row in 0..<batch.rowCount {
            for column in 0..<batch.columnCount {
                switch batch.value(row: row, column: column) ?? .null {
                case .array(let elements) where texts.contains(column):
                    builder.append(.text(Value.array(elements).text ?? ""))
                case .uint(let number) where number > UInt64(Int64.max): builder.append(.decimal(BigDecimal(number)))
                case let value: builder.append(value)
                }
            }
            try builder.endRow()
        }
        return builder.finish()
    }
}
