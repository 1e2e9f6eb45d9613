public import Roost
import RoostSchema

/// What a copy will do, made before anything is changed.
public struct CopyPlan: Sendable {
    let tables: [TargetTable]
    let existing: Set<String>
    /// What an interrupted copy left, by the staging tables' names.
    let staged: [String: Schema.Table]
    let sourceEngine: Engine
    let targetEngine: Engine
    let options: CopyOptions
    /// Where an incremental copy goes on, by the tables' names at the target; none for those that are empty.
    var lastCursors: [String: StatementSource.Cursor] = [:]

    /// The tables, in the order they are copied.
    public var tableNames: [String] { tables.map(\.displayName) }

    /// What does not come along, a sentence each.
    public var notes: [String] { tables.flatMap(\.notes) }

    /// The plan for people: each table with its columns and what becomes of their types.
    public var lines: [String] {
        tables.flatMap { table in
            let head = "\(table.sourceName.joined(separator: ".")) → \(table.displayName) (\(options.mode.rawValue))"
            return [head]
                + table.columns.map { column in
                    let spelling = column.source.type.spelling
                    let source = spelling.isEmpty ? "no type" : spelling
                    let target: String
                    switch column.mapping {
                    case .exact(let text): target = text
                    case .checked(let text): target = "\(text), values checked"
                    case .refused(let suggestion): target = "refused; try --type \(column.name)=\(suggestion)"
                    }
                    return options.mode == .replace ? "  \(column.name): \(source) → \(target)" : "  \(column.name)"
                }
        }
    }

    /// The columns whose values no type of the target holds as they are.
    ///
    /// - Throws: `data.typeMismatch` that lists them all, each with what to say to copy it anyway.
    public func check() throws(DatabaseError) {
        guard options.mode == .replace else { return }
        var refused: [String] = []
        var advice: [String] = []
        for table in tables {
            for column in table.columns {
                guard case .refused(let suggestion) = column.mapping else { continue }
                let spelling = column.source.type.spelling
                refused.append("\(table.displayName).\(column.name) (\(spelling.isEmpty ? "no type" : spelling))")
                advice.append("--type \(table.displayName).\(column.name)=\(suggestion)")
            }
        }
        guard !refused.isEmpty else { return }
        throw DatabaseError(
            .data,
            .typeMismatch,
            "\(targetEngine.rawValue) has no type that holds these columns as they are: \(refused.joined(separator: ", ")).",
            hint: "Choose types: \(advice.joined(separator: " "))"
        )
    }

    /// Reads both structures and decides what becomes of each table and column.
    ///
    /// - Throws: `programming.undefinedTable`, `programming.undefinedColumn`, `notSupported` for engines that are unknown here.
    public static func make(
        from source: any Connection,
        to target: any Connection,
        _ options: CopyOptions
    ) async throws(DatabaseError) -> CopyPlan {
        let (engine, targetEngine) = (try Engine(source), try Engine(target))
        let schema = try await Schema.read(from: source)
        let targetTables = try await Schema.read(from: target).tables
        let existing = Set(targetTables.map(\.typedName))
        let chosen = withoutParts(try select(schema.tables.filter { !$0.isRoosts }, options.tables))
        var tables: [TargetTable] = []
        let names = Dictionary(
            chosen.map { ($0.name, targetName($0.name, isOnly: chosen.count == 1, options)) },
            uniquingKeysWith: { first, _ in first }
        )
        for var table in ordered(chosen) {
            complete(&table.foreignKeys, schema.tables, names)
            var columns = table.storedColumns
            if let names = options.columns {
                if let unknown = names.first(where: { name in !columns.contains { $0.name == name } }) {
                    throw DatabaseError(
                        .programming,
                        .undefinedColumn,
                        "The table \(table.typedName) has no column \(unknown).",
                        hint: "Its columns are \(columns.map(\.name).joined(separator: ", "))."
                    )
                }
                columns = columns.filter { names.contains($0.name) }
            }
            let targetColumns = columns.map {
                TargetColumn($0, of: table, from: engine, to: targetEngine, types: options.types)
            }
            let name = names[table.name] ?? table.name
            var entry = TargetTable(
                source: table,
                engine: targetEngine,
                dialect: target.dialect,
                sourceName: table.name.parts,
                name: name.parts,
                columns: targetColumns,
                notes: options.mode == .replace ? targetColumns.flatMap(\.notes) : []
            )
            if options.mode == .replace { entry.notes += notes(entry, table) }
            if options.mode != .replace, !existing.contains(name.typed) {
                throw DatabaseError(
                    .programming,
                    .undefinedTable,
                    "The target has no table \(name.typed) to \(options.mode.rawValue) to.",
                    hint: "Copy with --mode replace first."
                )
            }
            try checkKey(entry, options)
            tables.append(entry)
        }
        var plan = CopyPlan(
            tables: tables,
            existing: existing,
            staged: Dictionary(
                targetTables.filter { $0.name.name.hasSuffix("__roost") }.map { ($0.typedName, $0) },
                uniquingKeysWith: { first, _ in first }
            ),
            sourceEngine: engine,
            targetEngine: targetEngine,
            options: options
        )
        try await plan.findCursors(on: target)
        return plan
    }

    /// A mode that knows rows by a key needs one.
    static func checkKey(_ entry: TargetTable, _ options: CopyOptions) throws(DatabaseError) {
        if let unknown = options.key.first(where: { !entry.columnNames.contains($0) }) {
            throw DatabaseError(
                .programming,
                .undefinedColumn,
                "The key's column \(unknown) is none of \(entry.displayName)."
            )
        }
        switch options.mode {
        case .replace, .append: return
        case .incremental:
            guard let cursor = options.cursor, entry.columnNames.contains(cursor) else {
                throw DatabaseError(
                    .programming,
                    .undefinedColumn,
                    "An incremental copy needs a cursor that is a column of \(entry.displayName)."
                )
            }
        case .upsert, .deleteInsert, .scd2:
            guard options.key.isEmpty, entry.primaryKey.isEmpty else { return }
            throw DatabaseError(
                .programming,
                .misuse,
                "The table \(entry.displayName) has no primary key to \(options.mode.rawValue) by.",
                hint: "Name the columns of a key."
            )
        }
    }

    /// Asks the target how far it is.
    private mutating func findCursors(on target: any Connection) async throws(DatabaseError) {
        guard options.mode == .incremental, let column = options.cursor else { return }
        for table in tables {
            var statement: Statement = "select max("
            statement.append(identifier: [column])
            statement.append(unsafe: ") from ")
            statement.append(identifier: table.name)
            guard let value = try await target.query(statement).fetchOne()?.values.first, !value.isNull else {
                continue
            }
            let hasKey = !options.key.isEmpty || !table.primaryKey.isEmpty
            lastCursors[table.displayName] = StatementSource.Cursor(column: column, value: value, isIncluded: hasKey)
        }
    }

    /// The tables without those that are parts of another that is there: its rows are theirs.
    private static func withoutParts(_ tables: [Schema.Table]) -> [Schema.Table] {
        let names = Set(tables.map(\.name))
        return tables.filter { table in table.partition.map { !names.contains($0.of) } ?? true }
    }

    private static func targetName(_ source: ObjectName, isOnly: Bool, _ options: CopyOptions) -> ObjectName {
        guard isOnly, let name = options.targetTable else { return ObjectName(source.name) }
        let parts = name.split(separator: ".").map(String.init)
        return ObjectName(parts.last ?? name, in: parts.count > 1 ? parts.dropLast().joined(separator: ".") : nil)
    }

    /// Says which columns are referred to, for not every engine knows what is meant by none, and the tables by their names at the target.
    private static func complete(
        _ foreignKeys: inout [Schema.ForeignKey],
        _ tables: [Schema.Table],
        _ names: [ObjectName: ObjectName]
    ) {
        for index in foreignKeys.indices {
            let referenced = foreignKeys[index].referencedTable
            if foreignKeys[index].referencedColumns.isEmpty {
                foreignKeys[index].referencedColumns = tables.first { $0.name == referenced }?.keyColumns ?? []
            }
            foreignKeys[index].referencedTable = names[referenced] ?? referenced
        }
    }

    private static func notes(_ entry: TargetTable, _ table: Schema.Table) -> [String] {
        let name = table.typedName
        var notes = entry.indexesLeft.map { "\(name): the index \($0) does not come along." }
        if !table.checks.isEmpty { notes.append("\(name): \(table.checks.count) CHECK constraints do not come along.") }
        notes += table.exclusions.map { "\(name): the exclusion constraint \($0.name) does not come along." }
        for column in table.columns where column.generation != nil {
            notes.append("\(name).\(column.name): a generated column is not copied.")
        }
        return notes
    }

    /// The tables that names and patterns choose.
    static func select(
        _ tables: [Schema.Table],
        _ patterns: [String]
    ) throws(DatabaseError) -> [Schema.Table] {
        guard !patterns.isEmpty else { return tables }
        var chosen: Set<ObjectName> = []
        for pattern in patterns {
            let found = tables.filter { NamePattern(pattern).matches($0.typedName) }
            guard !found.isEmpty else {
                throw DatabaseError(
                    .programming,
                    .undefinedTable,
                    "No table is named \(pattern).",
                    hint: "There are \(tables.prefix(24).map(\.typedName).joined(separator: ", "))."
                )
            }
            chosen.formUnion(found.map(\.name))
        }
        return tables.filter { chosen.contains($0.name) }
    }

    /// Tables that others refer to first; circles in the order of their names.
    private static func ordered(_ tables: [Schema.Table]) -> [Schema.Table] {
        var result: [Schema.Table] = []
        var rest = tables
        while !rest.isEmpty {
            let names = Set(rest.map(\.name))
            let free = rest.filter { table in
                table.foreignKeys.allSatisfy { $0.referencedTable == table.name || !names.contains($0.referencedTable) }
            }
            let next = free.isEmpty ? [rest[0]] : free
            result += next
            let done = Set(next.map(\.name))
            rest.removeAll { done.contains($0.name) }
        }
        return result
    }
}

/// A name with `*` for any characters and `?` for one.
struct NamePattern {
    private let pattern: [Character]

    init(_ pattern: String) { self.pattern = Array(pattern) }

    func matches(_ name: String) -> Bool {
        let name = Array(name)
        // The places in the pattern that the characters so far may have reached.
        var reached: Set<Int> = closure([0])
        for character in name {
            var next: Set<Int> = []
            for place in reached where place < pattern.count {
                if pattern[place] == "*" { next.insert(place) }
                if pattern[place] == "?" || pattern[place] == character { next.insert(place + 1) }
            }
            reached = closure(next)
        }
        return reached.contains(pattern.count)
    }

    private func closure(_ places: Set<Int>) -> Set<Int> {
        var result = places
        for place in places {
            var next = place
            while next < pattern.count, pattern[next] == "*" {
                next += 1
                result.insert(next)
            }
        }
        return result
    }
}
