public import Roost
import RoostSchema

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Copies the rows of one source, a query's or files', into one table.
///
/// A table that is there keeps its columns, types, keys and indexes, whatever becomes of its rows; otherwise one is made with a column
/// for each of the source's.
public struct SourceCopy: Sendable {
    /// Where the rows go.
    public let target: any Connection
    private let options: CopyOptions
    private let table: String
    private let existing: Schema.Table?
    private let tables: Set<String>

    /// The columns of the table that is there, in its order; empty when there is none.
    public let columnNames: [String]
    /// What each column of the table that is there holds; empty when there is none.
    public let kinds: [String: ValueKind]

    /// Looks at the target.
    public init(into table: String, on target: any Connection, _ options: CopyOptions) async throws(DatabaseError) {
        self.target = target
        self.options = options
        self.table = table
        guard options.mode != .incremental else {
            throw DatabaseError(.programming, .misuse, "Queries and files are not copied incrementally; tables are.")
        }
        let schema = try await Schema.read(from: target)
        let found = schema.tables.first { $0.typedName == table }
        existing = found
        tables = Set(schema.tables.map(\.typedName))
        var kinds: [String: ValueKind] = [:]
        var names: [String] = []
        if let existing = found {
            names = existing.storedColumns.map(\.name)
            let description = try await target.describe(
                StatementSource.select(names, from: Self.parts(table))
            )
            for column in description.columns { kinds[column.name] = column.kind ?? .text }
        } else if options.mode != .replace {
            throw DatabaseError(
                .programming,
                .undefinedTable,
                "The target has no table \(table) to \(options.mode.rawValue) to.",
                hint: "Copy with --mode replace first."
            )
        }
        self.kinds = kinds
        columnNames = names
    }

    private static func parts(_ table: String) -> [String] { table.split(separator: ".").map(String.init) }

    private static func name(_ table: String) -> ObjectName {
        let parts = parts(table)
        return ObjectName(parts.last ?? table, in: parts.count > 1 ? parts.dropLast().joined(separator: ".") : nil)
    }

    /// Copies all rows.
    public func run(
        from source: any Source,
        progress: @escaping @Sendable (Int) -> Void = { _ in }
    ) async throws(DatabaseError) -> Int {
        let sink = StagedSink(self, from: source.name)
        return try await Transfer.run(from: source, to: sink, limit: options.limit, progress: progress)
    }

    /// What is made of a result's columns.
    fileprivate func publication(
        _ columns: ColumnList,
        from source: String
    ) throws(DatabaseError) -> (Publication, TargetTable) {
        let engine = try Engine(target)
        var definition = existing ?? Schema.Table(name: Self.name(table))
        if let existing {
            if let unknown = columns.first(where: { column in !existing.columns.contains { $0.name == column.name } }) {
                throw DatabaseError(
                    .programming,
                    .undefinedColumn,
                    "\(source) has a column \"\(unknown.name)\" that the table \(table) has not.",
                    hint: "Its columns are \(existing.columns.map(\.name).joined(separator: ", "))."
                )
            }
        } else {
            var refused: [String] = []
            for column in columns {
                let chosen =
                    options.types[column.name] ?? ColumnType(column.kind).mapping(to: engine, isKey: false).declaration
                if chosen == nil { refused.append(column.name) }
                definition.columns.append(
                    Schema.Column(name: column.name, type: Schema.ColumnType(chosen ?? "", engine: engine))
                )
            }
            guard refused.isEmpty else {
                throw DatabaseError(
                    .data,
                    .typeMismatch,
                    "No type is known for the columns \(refused.joined(separator: ", ")).",
                    hint: "Choose them: \(refused.map { "--type \($0)=TYPE" }.joined(separator: " "))"
                )
            }
        }
        // A column that the source has not keeps what it has, or its default.
        let taken = definition.storedColumns.filter { options.mode == .replace || columns.names.contains($0.name) }
        let targetColumns = taken.map {
            TargetColumn($0, of: definition, from: engine, to: engine, types: [:])
        }
        let entry = TargetTable(
            source: definition,
            engine: engine,
            dialect: target.dialect,
            sourceName: [source],
            name: Self.parts(table),
            columns: targetColumns,
            notes: []
        )
        try CopyPlan.checkKey(entry, options)
        let rule = MergeRule(mode: options.mode, key: options.key, time: Instant(Date()))
        return (Publication(target: target, tables: [entry], existing: tables, rule: rule), entry)
    }
}

/// Stages a source's rows and publishes them when all of them are there.
private actor StagedSink: Sink {
    nonisolated let name: String
    private let copy: SourceCopy
    private let source: String
    private var publication: Publication?
    private var load: TableSink?

    init(_ copy: SourceCopy, from source: String) {
        self.copy = copy
        self.source = source
        name = source
    }

    func begin(_ columns: ColumnList) async throws(DatabaseError) {
        let (publication, table) = try copy.publication(columns, from: source)
        self.publication = publication
        try await publication.open()
        try await publication.prepare(table)
        let sink = TableSink(table.stagingName, columns: columns.names, on: copy.target)
        load = sink
        try await sink.begin(columns)
    }

    func write(_ rows: RowBatch) async throws(DatabaseError) { try await load?.write(rows) }

    func commit() async throws(DatabaseError) -> Int {
        let count = try await load?.commit() ?? 0
        load = nil
        try await publication?.publish()
        return count
    }

    func abort(after error: DatabaseError) async -> DatabaseError {
        let error = await load?.abort(after: error) ?? error
        await publication?.clean()
        return error
    }
}

/// Writes the rows of a source into a file.
public enum FileCopy {
    /// Copies all rows.
    ///
    /// - Returns: the number of rows.
    public static func run(
        from source: any Source,
        to sink: FileSink,
        limit: Int? = nil,
        progress: @escaping @Sendable (Int) -> Void = { _ in }
    ) async throws(DatabaseError) -> Int {
        try await Transfer.run(from: source, to: sink, limit: limit, progress: progress)
    }
}
