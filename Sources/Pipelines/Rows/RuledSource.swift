import Roost
import RoostPipelineDefinition

/// Rows of another source after a step's column rules.
struct RuledSource: Source {
    let base: any Source
    let rules: [ColumnRule]
    let masks: [Int: Masking]
    let rule: PipelineContract.Rule
    let log: RejectLog
    var positions: RowPositions?

    /// A source.
    ///
    /// - Parameters:
    ///   - rule: what becomes of values that cannot be cast.
    ///   - secret: gives a secret by its name.
    init(
        _ base: any Source,
        _ rules: [ColumnRule],
        rule: PipelineContract.Rule,
        log: RejectLog,
        positions: RowPositions?,
        secret: (String) throws(DatabaseError) -> Secret
    ) throws(DatabaseError) {
        self.base = base
        self.rules = rules
        self.rule = rule
        self.log = log
        self.positions = positions
        var masks: [Int: Masking] = [:]
        for (index, rule) in rules.enumerated() {
            if case .mask(let mask) = rule.action { masks[index] = try Masking(mask, secret: secret) }
        }
        self.masks = masks
    }

    var name: String { base.name }
    var forecast: RowForecast? { base.forecast }

    func open() async throws(DatabaseError) -> sending ResultSet {
        let results = try await base.open()
        let layout = try RowLayout(results.columns, rules, masks, name)
        let list = ColumnList(
            layout.columns.map { column in
                // A cast or a mask decides the kind; other columns keep what the driver says of them.
                guard column.steps.isEmpty, let index = column.input, column.type == nil else {
                    let type = column.type ?? .none
                    return ColumnDescription(name: column.name, type: type, kind: nil)
                }
                var description = results.columns[index]
                description.name = column.name
                return description
            }
        )
        return ResultSet(columns: list, source: RuledRows(results, self, layout))
    }
}

/// What each column that comes out is made of.
struct RowLayout: Sendable {
    /// What is done to a value, in order.
    enum Step: Sendable {
        case cast(ValueCast)
        case mask(Masking, by: Int?)
        case constant(Value)
    }

    struct Column: Sendable {
        var name: String
        var source: String
        var input: Int?
        var steps: [Step] = []
        /// The type that a rule gave it.
        var type: ColumnType?
    }

    var columns: [Column]

    init(
        _ list: ColumnList,
        _ rules: [ColumnRule],
        _ masks: [Int: Masking],
        _ source: String
    ) throws(DatabaseError) {
        columns = list.enumerated().map { Column(name: $1.name, source: $1.name, input: $0) }
        for (number, rule) in rules.enumerated() {
            guard let index = columns.firstIndex(where: { $0.source == rule.column }) else {
                if case .constant(let text) = rule.action {
                    let value = text.map(Value.text) ?? .null
                    columns.append(
                        Column(
                            name: rule.column,
                            source: rule.column,
                            steps: [.constant(value)],
                            type: .text(limit: nil)
                        )
                    )
                    continue
                }
                throw DatabaseError(
                    .programming,
                    .undefinedColumn,
                    "A rule names the column \(rule.column), which \(source) has not.",
                    hint: "Its columns are \(list.names.joined(separator: ", "))."
                )
            }
            switch rule.action {
            case .rename(let name): columns[index].name = name
            case .drop: columns.remove(at: index)
            case .constant(let text):
                columns[index].steps = [.constant(text.map(Value.text) ?? .null)]
                columns[index].type = .text(limit: nil)
            case .cast(let text):
                guard let type = PipelineType(text) else {
                    throw DatabaseError(.interface, .invalidConfiguration, "\(text) is no type.")
                }
                let columnType = ColumnType(type)
                columns[index].steps.append(.cast(ValueCast(type: columnType, isExplicit: true)))
                columns[index].type = columnType
            case .mask:
                guard let mask = masks[number] else { continue }
                var by: Int?
                if let name = mask.by {
                    by = list.index(named: name)
                    guard by != nil else {
                        throw DatabaseError(
                            .programming,
                            .undefinedColumn,
                            "The mask of \(rule.column) goes by the column \(name), which \(source) has not."
                        )
                    }
                }
                let before =
                    columns[index].type ?? columns[index].input.map { ColumnType(carriedBy: list[$0]) } ?? .none
                columns[index].steps.append(.mask(mask, by: by))
                columns[index].type = mask.type(of: before)
            }
        }
        let names = columns.map(\.name)
        if let twice = names.first(where: { name in names.count { $0 == name } > 1 }) {
            throw DatabaseError(.programming, .misuse, "Two columns would be named \(twice) after the rules.")
        }
    }
}

/// The rows of a ``RuledSource``.
private actor RuledRows: RowBatchSource {
    private let results: ResultSet
    private let source: RuledSource
    private let layout: RowLayout
    private var rowCount = 0

    init(_ results: sending ResultSet, _ source: RuledSource, _ layout: RowLayout) {
        self.results = results
        self.source = source
        self.layout = layout
    }

    func nextBatch() async throws(DatabaseError) -> RowBatch? {
        guard let batch = try await results.nextBatch() else { return nil }
        var builder = RowBatchBuilder(columnCount: layout.columns.count, rowCapacity: batch.rowCount)
        for row in 0..<batch.rowCount {
            defer { rowCount += 1 }
            guard let values = try values(row, of: batch) else { continue }
            for value in values { builder.append(value) }
            try builder.endRow()
        }
        return builder.finish()
    }

    private func values(_ row: Int, of batch: RowBatch) throws(DatabaseError) -> [Value]? {
        var values: [Value] = []
        values.reserveCapacity(layout.columns.count)
        for column in layout.columns {
            var value = column.input.flatMap { batch.value(row: row, column: $0) } ?? .null
            for step in column.steps {
                switch step {
                case .constant(let constant): value = constant
                case .mask(let mask, let by): value = mask(value, by: by.flatMap { batch.value(row: row, column: $0) })
                case .cast(let cast):
                    switch cast(value) {
                    case .value(let result): value = result
                    case .unfit(let reason):
                        guard try mayGoOn(row, of: batch, column, reason) else { return nil }
                        value = .null
                    }
                }
            }
            values.append(value)
        }
        return values
    }

    /// Whether the row comes without the value; false when it does not come at all.
    private func mayGoOn(
        _ row: Int,
        of batch: RowBatch,
        _ column: RowLayout.Column,
        _ reason: String
    ) throws(DatabaseError) -> Bool {
        let position = source.positions?.place(ofRow: rowCount) ?? "\(source.name), row \(rowCount + 1)"
        guard source.rule == .discardRow || source.rule == .discardValue else {
            throw DatabaseError(
                .data,
                .typeMismatch,
                "A value of the column \(column.source) in \(position) \(reason).",
                hint: "Mend it there, cast to another type, or let the contract discard it: types: discard_row."
            ).concerning(column: column.source)
        }
        let isRow = source.rule == .discardRow
        try source.log.add(position: position, column: column.source, reason: reason, isRow: isRow, values: [])
        return !isRow
    }

    func nextResult() async throws(DatabaseError) -> ColumnList? { nil }
    func currentSummary() async -> ExecutionSummary { ExecutionSummary(rowsAffected: rowCount) }
    nonisolated func abandon() {}
}
