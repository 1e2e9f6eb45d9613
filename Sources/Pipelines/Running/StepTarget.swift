import Roost
import RoostPipelineDefinition
import RoostSchema

/// A step's table at the target, and what its contract makes of rows that come for it.
struct StepTarget: Sendable {
    let pipeline: PipelineDefinition
    let step: StepDefinition
    let engine: Engine
    let dialect: Dialect
    let name: [String]
    let existing: Schema.Table?
    let tables: Set<String>
    /// The table the rows come from as they are, whose key and `NOT NULL`s a new table gets.
    let sourceTable: Schema.Table?
    /// Whether each value is looked at: where the engine would not refuse what does not fit, or the contract lets it be left out.
    let looksAtValues: Bool

    var displayName: String { name.joined(separator: ".") }
    var mode: CopyMode { CopyMode(step.target.mode) }
    private var contract: PipelineContract { pipeline.contract }

    /// The table's own columns, but those that history has.
    var existingColumns: [Schema.Column] {
        (existing?.storedColumns ?? []).filter { mode != .scd2 || !MergeRule.history.contains($0.name) }
    }

    /// Says whether there may be rows at all.
    ///
    /// - Throws: ``DatabaseError/Condition/contractBroken`` for a table that is not there and must not be made.
    func check() throws(DatabaseError) {
        if existing == nil, contract.tables == .freeze {
            throw DatabaseError(
                .programming,
                .contractBroken,
                "The target has no table \(displayName), and the contract makes none.",
                hint: "Make it, or write contract: {tables: evolve}."
            )
        }
        if let existing, mode == .scd2, let missing = MergeRule.history.first(where: { existing.column($0) == nil }) {
            throw DatabaseError(
                .programming,
                .contractBroken,
                "The table \(displayName) has no column \(missing), which scd2 keeps history in.",
                hint: "Add \(MergeRule.history.joined(separator: ", ")), or let the pipeline make a new table."
            )
        }
    }

    /// What becomes of each column that comes.
    func layout(_ columns: ColumnList) throws(DatabaseError) -> FittedSource.Layout {
        var layout = FittedSource.Layout()
        for column in columns {
            if let known = existingColumns.first(where: { $0.name == column.name }) {
                let type = self.type(of: known, for: column)
                if looksAtValues { layout.casts[column.name] = ValueCast(type: type) }
                continue
            }
            if existing != nil {
                switch contract.columns {
                case .evolve: break
                case .freeze:
                    throw DatabaseError(
                        .programming,
                        .contractBroken,
                        "The rows have a column \"\(column.name)\" that the table \(displayName) has not, and the contract adds none.",
                        hint: "Drop it by a rule, or write contract: {columns: evolve}."
                    )
                case .discardValue:
                    layout.dropped.insert(column.name)
                    continue
                case .discardRow:
                    layout.dropped.insert(column.name)
                    layout.unknown.insert(column.name)
                    continue
                }
            }
            if looksAtValues { layout.casts[column.name] = ValueCast(type: newType(column)) }
        }
        return layout
    }

    /// The type of a column that is there, or the wider one that the contract makes it.
    private func type(of known: Schema.Column, for column: ColumnDescription) -> ColumnType {
        let type = ColumnType(known.type.spelling, in: engine)
        return contract.types == .evolve ? type.widened(to: ColumnType(carriedBy: column)) ?? type : type
    }

    private func newType(_ column: ColumnDescription) -> ColumnType {
        if let text = step.target.types[column.name], let type = PipelineType(text) { return ColumnType(type) }
        return ColumnType(carriedBy: column)
    }

    // MARK: The table

    /// What is made at the target for rows of these columns.
    struct Layout: Sendable {
        var table: TargetTable
        /// What is changed of a table that is there, or what makes it.
        var preparation: [Statement]
        /// What is changed of the staging table that was made like one that is there.
        var stagingChanges: [String] = []
    }

    /// Decides what is made.
    ///
    /// - Throws: `data.typeMismatch` for columns that no type of the target holds.
    func table(for columns: ColumnList) throws(DatabaseError) -> Layout {
        var definition = existing ?? Schema.Table(name: ObjectName(name.last ?? "", in: name.count > 1 ? name[0] : nil))
        var preparation: [Statement] = []
        var stagingChanges: [String] = []
        let staging = (name.dropLast() + ["\((name.last ?? "").prefix(48))__roost"]).map(dialect.quoted)
            .joined(separator: ".")
        let key = newKey(columns)
        var refused: [String] = []
        for column in columns {
            let quoted = dialect.quoted(column.name)
            let table = name.map(dialect.quoted).joined(separator: ".")
            if let position = definition.columns.firstIndex(where: { $0.name == column.name }) {
                let known = ColumnType(definition.columns[position].type.spelling, in: engine)
                guard contract.types == .evolve, let wide = known.widened(to: ColumnType(carriedBy: column)),
                    let text = wide.mapping(to: engine, isKey: key.contains(column.name)).declaration
                else { continue }
                definition.columns[position].type = Schema.ColumnType(text, engine: engine)
                for (index, name) in [table, staging].enumerated() {
                    guard let text = widening(definition.columns[position], of: name) else { continue }
                    if index == 0 { preparation.append(Statement(unsafe: text)) } else { stagingChanges.append(text) }
                }
                continue
            }
            let declared = step.target.types[column.name].flatMap { PipelineType($0) == nil ? $0 : nil }
            let mapped = newType(column).mapping(to: engine, isKey: key.contains(column.name)).declaration
            guard let text = declared ?? mapped else {
                refused.append(column.name)
                continue
            }
            let source = sourceTable?.column(column.name)
            let isNullable = !key.contains(column.name) && source?.isNullable ?? true
            definition.columns.append(
                Schema.Column(
                    name: column.name,
                    type: Schema.ColumnType(text, engine: engine),
                    isNullable: existing != nil || isNullable
                )
            )
            if existing != nil {
                preparation.append(Statement(unsafe: "ALTER TABLE \(table) ADD COLUMN \(quoted) \(text)"))
            }
        }
        guard refused.isEmpty else {
            throw DatabaseError(
                .data,
                .typeMismatch,
                "No type of the target is known for the columns \(refused.joined(separator: ", ")).",
                hint: "Cast them, or choose under target: types: {\(refused[0]): …}."
            )
        }
        if existing == nil, !key.isEmpty, mode != .scd2 { definition.primaryKey = Schema.Key(columns: key) }
        let taken = definition.storedColumns.filter { mode == .replace || columns.index(exactly: $0.name) != nil }
        var entry = TargetTable(
            source: definition,
            engine: engine,
            dialect: dialect,
            sourceName: [step.source.displayName],
            name: name,
            columns: taken.map { TargetColumn($0, of: definition, from: engine, to: engine, types: [:]) },
            notes: []
        )
        // A new table numbers nothing by itself.
        if existing == nil { entry.columns = entry.columns.map { $0.withoutIdentity() } }
        if mode == .replace { return Layout(table: entry, preparation: []) }
        if engine == .sqlite { stagingChanges = [] }
        if existing == nil {
            let isHistory = mode == .scd2
            let text = entry.creationText(
                of: name,
                withKey: true,
                key: isHistory ? key + [MergeRule.history[0]] : nil,
                more: isHistory ? entry.historyColumns : []
            )
            preparation = [Statement(unsafe: text)]
        }
        return Layout(table: entry, preparation: preparation, stagingChanges: stagingChanges)
    }

    /// What gives a column its wider type; nil in SQLite, whose columns hold what they are given.
    private func widening(_ column: Schema.Column, of table: String) -> String? {
        let (name, type) = (dialect.quoted(column.name), column.type.spelling)
        switch engine {
        case .postgresql: return "ALTER TABLE \(table) ALTER COLUMN \(name) TYPE \(type)"
        case .mysql, .mariadb:
            return "ALTER TABLE \(table) MODIFY COLUMN \(name) \(type)\(column.isNullable ? " NULL" : " NOT NULL")"
        case .sqlite: return nil
        }
    }

    /// The key of a table that is made.
    private func newKey(_ columns: ColumnList) -> [String] {
        if !step.target.key.isEmpty { return step.target.mode == .deleteInsert ? [] : step.target.key }
        let key = sourceTable?.keyColumns ?? []
        return key.allSatisfy { columns.index(exactly: $0) != nil } ? key : []
    }

    /// Makes the staging table.
    func staging(_ layout: Layout) -> [String] {
        let table = layout.table
        if mode == .replace { return table.creation() }
        // Where a table is there its own declarations count, which need not be of types known here.
        let drop = table.dropping
        if existing == nil || engine == .sqlite {
            return [drop, table.creationText(of: table.stagingName, withKey: false, isBare: true)]
        }
        var like = table
        let added = table.columns.filter { column in existing?.column(column.name) == nil }
        like.columns.removeAll { column in added.contains { $0.name == column.name } }
        let name = table.quoted(table.stagingName)
        return like.creationLikeTarget()
            + added.map { "ALTER TABLE \(name) ADD COLUMN \(dialect.quoted($0.name)) \($0.mapping.declaration ?? "")" }
            + layout.stagingChanges
    }
}

extension CopyMode {
    /// What a definition says, in the words of copies.
    fileprivate init(_ mode: PipelineTarget.Mode) {
        self =
            switch mode {
            case .replace: .replace
            case .append: .append
            case .upsert: .upsert
            case .incremental: .incremental
            case .deleteInsert: .deleteInsert
            case .scd2: .scd2
            }
    }
}

extension ColumnList {
    /// The position of the column of exactly this name.
    func index(exactly name: String) -> Int? { firstIndex { $0.name == name } }
}

extension ColumnType {
    /// The type that holds the values of both, where that is another one; nil where this one does, or none is known.
    func widened(to other: ColumnType) -> ColumnType? {
        switch (self, other) {
        case (.integer(let bits, false), .integer(let more, let isUnsigned)):
            let needed = isUnsigned ? more * 2 : more
            if needed <= bits { return nil }
            return needed > 64
                ? .decimal(precision: 20, scale: 0) : .integer(bits: needed > 32 ? 64 : 32, isUnsigned: false)
        case (.integer, .decimal): return other
        case (.float, .double): return .double
        case (.decimal(let precision?, let scale), .decimal(let more?, let places)):
            let (scale, places) = (scale ?? 0, places ?? 0)
            let whole = max(precision - scale, more - places)
            let fraction = max(scale, places)
            return whole == precision - scale && fraction == scale
                ? nil : .decimal(precision: whole + fraction, scale: fraction)
        case (.decimal(_?, _), .decimal(nil, _)): return other
        case (.text(let limit?), .text(let more)):
            guard let more else { return .text(limit: nil) }
            return more > limit ? other : nil
        case (.text, _), (.decimal(nil, _), _), (.double, _), (.none, _), (.native, _): return nil
        case (.date, .timestamp), (.date, .timestampTZ): return other
        default: return nil
        }
    }
}

extension TargetColumn {
    fileprivate func withoutIdentity() -> TargetColumn {
        TargetColumn(name: name, source: source, type: type, mapping: mapping, isNullable: isNullable)
    }
}
