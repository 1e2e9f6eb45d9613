public import Roost

/// What a copy will do, made before anything is changed.
public struct CopyPlan: Sendable {
    let tables: [TargetTable]
    let existing: Set<String>
    /// What an interrupted copy left, by the staging tables' names.
    let staged: [String: DatabaseSchema.Table]
    let sourceEngine: Engine
    let targetEngine: Engine
    let options: CopyOptions

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
                    let source = column.source.type.isEmpty ? "no type" : column.source.type
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
                refused.append(
                    "\(table.displayName).\(column.name) (\(column.source.type.isEmpty ? "no type" : column.source.type))"
                )
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
        let schema = try await schema(of: source)
        let targetTables = try await self.schema(of: target).tables
        let existing = Set(targetTables.map(\.name))
        let own = schema.tables.filter { table in
            !table.name.hasSuffix("__roost") && !table.name.hasSuffix("__roost_old") && table.name != CopyState.table
        }
        let chosen = try select(own, options.tables)
        var tables: [TargetTable] = []
        let keys = Dictionary(schema.tables.map { ($0.name, $0.primaryKey) }, uniquingKeysWith: { first, _ in first })
        for var table in ordered(chosen) {
            // Not every engine knows what is meant by a reference without columns.
            for index in table.foreignKeys.indices where table.foreignKeys[index].referencedColumns.isEmpty {
                table.foreignKeys[index].referencedColumns = keys[table.foreignKeys[index].referencedTable] ?? []
            }
            var columns = table.columns.filter { !$0.isGenerated }
            if let names = options.columns {
                if let unknown = names.first(where: { name in !columns.contains { $0.name == name } }) {
                    throw DatabaseError(
                        .programming,
                        .undefinedColumn,
                        "The table \(table.name) has no column \(unknown).",
                        hint: "Its columns are \(columns.map(\.name).joined(separator: ", "))."
                    )
                }
                columns = columns.filter { names.contains($0.name) }
            }
            let targetColumns = columns.map {
                TargetColumn($0, of: table, from: engine, to: targetEngine, types: options.types)
            }
            let parts = engine == .postgresql ? table.name.split(separator: ".").map(String.init) : [table.name]
            let name = chosen.count == 1 ? options.targetTable ?? parts.last ?? table.name : parts.last ?? table.name
            var entry = TargetTable(
                source: table,
                engine: targetEngine,
                dialect: target.dialect,
                sourceName: parts,
                name: name.split(separator: ".").map(String.init),
                columns: targetColumns,
                notes: options.mode == .replace ? targetColumns.flatMap(\.notes) : []
            )
            if options.mode == .replace { entry.notes += notes(entry, table) }
            if options.mode != .replace, !existing.contains(name) {
                throw DatabaseError(
                    .programming,
                    .undefinedTable,
                    "The target has no table \(name) to \(options.mode.rawValue) to.",
                    hint: "Copy with --mode replace first."
                )
            }
            if options.mode == .upsert, entry.primaryKey.isEmpty {
                throw DatabaseError(
                    .programming,
                    .misuse,
                    "The table \(table.name) has no primary key to upsert by."
                )
            }
            tables.append(entry)
        }
        return CopyPlan(
            tables: tables,
            existing: existing,
            staged: Dictionary(
                targetTables.filter { $0.name.hasSuffix("__roost") }.map { ($0.name, $0) },
                uniquingKeysWith: { first, _ in first }
            ),
            sourceEngine: engine,
            targetEngine: targetEngine,
            options: options
        )
    }

    private static func notes(_ entry: TargetTable, _ table: DatabaseSchema.Table) -> [String] {
        var notes: [String] = []
        let kept = Set(entry.indexes.map(\.columns))
        for index in table.indexes
        where index.isPartial || !kept.contains(index.columns) && entry.indexes.count < table.indexes.count {
            notes.append("\(table.name): the index \(index.name) does not come along.")
        }
        if !table.checks.isEmpty {
            notes.append("\(table.name): \(table.checks.count) CHECK constraints do not come along.")
        }
        for column in table.columns where column.isGenerated {
            notes.append("\(table.name).\(column.name): a generated column is not copied.")
        }
        return notes
    }

    static func schema(of connection: any Connection) async throws(DatabaseError) -> DatabaseSchema {
        guard let connection = connection as? any SchemaInspectingConnection else {
            throw DatabaseError(
                .notSupported,
                .notSupported,
                "The driver \(connection.driverName) cannot read schemas yet."
            )
        }
        return try await connection.inspectSchema()
    }

    /// The tables that names and patterns choose.
    static func select(
        _ tables: [DatabaseSchema.Table],
        _ patterns: [String]
    ) throws(DatabaseError) -> [DatabaseSchema.Table] {
        guard !patterns.isEmpty else { return tables }
        var chosen: Set<String> = []
        for pattern in patterns {
            let found = tables.filter { NamePattern(pattern).matches($0.name) }
            guard !found.isEmpty else {
                throw DatabaseError(
                    .programming,
                    .undefinedTable,
                    "No table is named \(pattern).",
                    hint: "There are \(tables.prefix(24).map(\.name).joined(separator: ", "))."
                )
            }
            chosen.formUnion(found.map(\.name))
        }
        return tables.filter { chosen.contains($0.name) }
    }

    /// Tables that others refer to first; circles in the order of their names.
    private static func ordered(_ tables: [DatabaseSchema.Table]) -> [DatabaseSchema.Table] {
        var result: [DatabaseSchema.Table] = []
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
