import Roost
import RoostPipelineDefinition

/// Rows of another source whose columns have certain types: what does not fit ends the run, or is left out and told of.
struct FittedSource: Source {
    /// What is made of the columns that come in.
    struct Layout: Sendable {
        /// The types, by column; columns without one stay as they are.
        var casts: [String: ValueCast] = [:]
        /// Columns that must hold nothing, for rows with something in them are left out.
        var unknown: Set<String> = []
        /// Columns that do not come out.
        var dropped: Set<String> = []
    }

    let base: any Source
    /// What becomes of what does not fit.
    let rule: PipelineContract.Rule
    let log: RejectLog
    let positions: RowPositions?
    /// Decides once the columns are known.
    let layout: @Sendable (ColumnList) throws(DatabaseError) -> Layout

    var name: String { base.name }
    var forecast: RowForecast? { base.forecast }

    func open() async throws(DatabaseError) -> sending ResultSet {
        let results = try await base.open()
        let columns = results.columns
        let layout = try layout(columns)
        let indices = columns.indices.filter { !layout.dropped.contains(columns[$0].name) }
        let list = ColumnList(
            indices.map { index in
                let column = columns[index]
                guard let cast = layout.casts[column.name] else { return column }
                return ColumnDescription(name: column.name, type: cast.type, kind: nil)
            }
        )
        return ResultSet(columns: list, source: FittedRows(results, self, layout, columns, indices))
    }
}

/// The rows of a ``FittedSource``.
private actor FittedRows: RowBatchSource {
    private let results: ResultSet
    private let source: FittedSource
    private let columns: ColumnList
    private let indices: [Int]
    private let casts: [ValueCast?]
    private let isUnknown: [Bool]
    /// Whether all of it goes through as it is.
    private let isPlain: Bool
    private var rowCount = 0

    init(
        _ results: sending ResultSet,
        _ source: FittedSource,
        _ layout: FittedSource.Layout,
        _ columns: ColumnList,
        _ indices: [Int]
    ) {
        self.results = results
        self.source = source
        self.columns = columns
        self.indices = indices
        casts = columns.map { layout.casts[$0.name] }
        isUnknown = columns.map { layout.unknown.contains($0.name) }
        isPlain = layout.casts.isEmpty && layout.unknown.isEmpty && indices.count == columns.count
    }

    func nextBatch() async throws(DatabaseError) -> RowBatch? {
        guard let batch = try await results.nextBatch() else { return nil }
        if isPlain {
            rowCount += batch.rowCount
            return batch
        }
        var builder = RowBatchBuilder(columnCount: indices.count, rowCapacity: batch.rowCount)
        for row in 0..<batch.rowCount {
            defer { rowCount += 1 }
            guard let values = try fitted(row, of: batch) else { continue }
            for value in values { builder.append(value) }
            try builder.endRow()
        }
        return builder.finish()
    }

    private func fitted(_ row: Int, of batch: RowBatch) throws(DatabaseError) -> [Value]? {
        var values: [Value] = []
        values.reserveCapacity(indices.count)
        for index in columns.indices where isUnknown[index] {
            guard let value = batch.value(row: row, column: index), !value.isNull else { continue }
            try reject(row, of: batch, index, "is a column the target has not", isRow: true)
            return nil
        }
        for index in indices {
            let value = batch.value(row: row, column: index) ?? .null
            guard let cast = casts[index] else {
                values.append(value)
                continue
            }
            switch cast(value) {
            case .value(let value): values.append(value)
            case .unfit(let reason):
                switch source.rule {
                case .discardRow:
                    try reject(row, of: batch, index, reason, isRow: true)
                    return nil
                case .discardValue:
                    try reject(row, of: batch, index, reason, isRow: false)
                    values.append(.null)
                case .freeze, .evolve:
                    throw DatabaseError(
                        .data,
                        .typeMismatch,
                        "A value of the column \(columns[index].name) in \(position) \(reason).",
                        hint:
                            "Mend it there, give the column another type, or let the contract discard it: types: discard_row."
                    ).concerning(column: columns[index].name)
                }
            }
        }
        return values
    }

    private var position: String {
        source.positions?.place(ofRow: rowCount) ?? "\(source.name), row \(rowCount + 1)"
    }

    private func reject(
        _ row: Int,
        of batch: RowBatch,
        _ column: Int,
        _ reason: String,
        isRow: Bool
    ) throws(DatabaseError) {
        try source.log.add(
            position: position,
            column: columns[column].name,
            reason: reason,
            isRow: isRow,
            values: columns.indices.map { index in
                Value.Field(name: columns[index].name, value: batch.value(row: row, column: index) ?? .null)
            }
        )
    }

    func nextResult() async throws(DatabaseError) -> ColumnList? { nil }
    func currentSummary() async -> ExecutionSummary { ExecutionSummary(rowsAffected: rowCount) }
    nonisolated func abandon() {}
}
