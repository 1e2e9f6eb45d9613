import Roost

/// The rows of a model that were changed, in batches by the columns that differ from what was read.
///
/// Rows are compared and copied as cells: no column becomes a value of its own.
struct ChangedRows<M: Model> {
    /// Rows whose same columns changed: parameters of one statement.
    final class Group {
        let positions: [Int]
        private let rowPositions: [Int]
        private var builder: RowBatchBuilder
        private var full: [RowBatch] = []

        init(_ positions: [Int], rowPositions: [Int]) {
            self.positions = positions
            self.rowPositions = rowPositions
            builder = RowBatchBuilder(columnCount: positions.count + rowPositions.count, rowCapacity: 64)
        }

        func append(_ row: Int, of changed: RowBatch, _ originalRow: Int, of originals: RowBatch) throws(DatabaseError)
        {
            for position in positions { builder.append(cellOf: changed, row: row, column: position) }
            for position in rowPositions { builder.append(cellOf: originals, row: originalRow, column: position) }
            try builder.endRow()
            if builder.byteCount > ModelBatches<M>.size { full.append(builder.takeBatch()) }
        }

        func batches() -> [RowBatch] { builder.rowCount > 0 ? full + [builder.takeBatch()] : full }
    }

    private(set) var groups: [Group] = []
    /// The rows as they will be, those among them of which no column is written.
    private(set) var updated: [(known: KnownModel<M>, next: M)] = []

    init(_ changes: [KnownModel<M>]) throws(DatabaseError) {
        let mapping = M.mapping
        let width = mapping.columnNames.count
        var before = ColumnWriter(columnCount: width, rowCapacity: changes.count)
        var wanted = ColumnWriter(columnCount: width, rowCapacity: changes.count)
        for known in changes {
            known.original.write(to: &before)
            try before.endRow(M.self)
            known.current.write(to: &wanted)
            try wanted.endRow(M.self)
        }
        let (originals, currents) = (before.takeBatch(), wanted.takeBatch())
        let columns = (0..<width).filter { !mapping.computedPositions.contains($0) }
        var next = ColumnWriter(columnCount: width, rowCapacity: changes.count)
        var rows: [Int] = []
        for (row, known) in changes.enumerated() {
            // Saved, but as it was.
            if columns.allSatisfy({
                currents.hasCell(row: row, column: $0, equalTo: originals, row: row, column: $0)
            }) {
                continue
            }
            var model = known.current
            // The version read counts, whatever the application did to the property.
            if let version = mapping.version { version.write(&model, version.read(known.original)) }
            model = try model.prepared(isNew: false, mapping)
            model.write(to: &next)
            try next.endRow(M.self)
            rows.append(row)
            updated.append((known, model))
        }
        try group(next.takeBatch(), rows, originals, mapping)
    }

    private mutating func group(
        _ changed: RowBatch,
        _ rows: [Int],
        _ originals: RowBatch,
        _ mapping: Mapping<M>
    ) throws(DatabaseError) {
        let others = mapping.otherPositions
        let rowPositions = mapping.rowPositions
        guard rowPositions.count == mapping.rowValueCount else { throw DatabaseError.withoutKey(M.self) }
        var byPositions: [[Int]: Group] = [:]
        var last: Group?
        var positions: [Int] = []
        for (index, row) in rows.enumerated() {
            positions.removeAll(keepingCapacity: true)
            for position in others
            where !changed.hasCell(row: index, column: position, equalTo: originals, row: row, column: position) {
                positions.append(position)
            }
            guard !positions.isEmpty else { continue }
            // Neighbours mostly change the same columns.
            let group: Group
            if let last, last.positions == positions {
                group = last
            } else if let known = byPositions[positions] {
                group = known
            } else {
                group = Group(positions, rowPositions: rowPositions)
                byPositions[positions] = group
                groups.append(group)
            }
            try group.append(index, of: changed, row, of: originals)
            last = group
        }
    }
}
