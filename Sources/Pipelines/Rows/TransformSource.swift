public import Roost
import RoostPipelineDefinition
import RoostSchema

/// What a query in embedded SQLite makes of the rows of another source.
struct TransformSource: Source {
    let base: any Source
    let lookups: [String: any Source]
    let transform: StepDefinition.Transform
    let parameters: [String: String]
    /// Opens an empty database: in memory, or in a file that goes with the connection.
    let embedded: @Sendable (_ inMemory: Bool) async throws(DatabaseError) -> EmbeddedDatabase

    var name: String { "the transform of \(base.name)" }
    /// What a query over all rows makes of them nobody knows.
    var forecast: RowForecast? { transform.scope == .batch ? base.forecast : nil }

    func open() async throws(DatabaseError) -> sending ResultSet {
        let results = try await base.open()
        let database = try await embedded(transform.scope == .batch)
        let connection = database.connection
        do throws(DatabaseError) {
            for (name, source) in lookups.sorted(by: { $0.key < $1.key }) {
                try await Self.create(name, try await Self.load(source, name, connection), connection)
            }
            let inputs = results.columns
            try await Self.create("input", inputs, connection)
            let statement = try Statement(
                sql: transform.sql,
                parameters: parameters,
                dialect: connection.dialect
            )
            let description = try await connection.describe(statement)
            guard !description.columns.isEmpty else {
                throw DatabaseError(
                    .programming,
                    .syntaxError,
                    "The transform returns no columns; it has to be a query."
                )
            }
            let columns = description.columns.map { column in
                var result = ColumnDescription(name: column.name, kind: column.kind)
                if let type = column.typeName {
                    let known = ColumnType(type, in: .sqlite)
                    result.typeName = known.carriedName
                    result.kind = known.kind ?? column.kind
                }
                return result
            }
            let rows = TransformedRows(results, inputs.names, statement, transform.scope, database)
            let (list, first) = try await rows.begin(columns)
            return ResultSet(columns: list, first: first, source: rows)
        } catch {
            await database.close()
            throw error.inTransform(transform)
        }
    }

    /// Makes the table of a source's rows, with types that keep them as they are.
    static func create(
        _ name: String,
        _ columns: ColumnList,
        _ connection: any Connection
    ) async throws(DatabaseError) {
        let dialect = connection.dialect
        let parts = columns.map { column in
            let type = ColumnType(carriedBy: column).mapping(to: .sqlite, isKey: false).declaration ?? ""
            return "\(dialect.quoted(column.name)) \(type)"
        }
        guard !parts.isEmpty else {
            throw DatabaseError(.programming, .misuse, "\(name) has no columns.")
        }
        try await connection.execute(
            Statement(unsafe: "CREATE TABLE IF NOT EXISTS \(dialect.quoted(name)) (\(parts.joined(separator: ", ")))")
        )
    }

    private static func load(
        _ source: any Source,
        _ name: String,
        _ connection: any Connection
    ) async throws(DatabaseError) -> ColumnList {
        let results = try await source.open()
        let columns = results.columns
        try await create(name, columns, connection)
        try await connection.begin(.readWrite)
        let load = try await connection.bulkLoad(into: [name], columns: columns.names)
        while let batch = try await results.nextBatch() { try await load.write(batch) }
        _ = try await load.finish()
        try await connection.commit()
        return columns
    }
}

/// A database of embedded SQLite that nobody else sees.
public struct EmbeddedDatabase: Sendable {
    /// The connection to it.
    public let connection: any Connection
    private let cleaning: @Sendable () -> Void

    /// A database.
    ///
    /// - Parameter cleaning: takes away what it left.
    public init(_ connection: any Connection, cleaning: @escaping @Sendable () -> Void = {}) {
        self.connection = connection
        self.cleaning = cleaning
    }

    /// Closes it and takes it away.
    func close() async {
        await connection.close()
        cleaning()
    }
}

/// The rows of a ``TransformSource``.
private actor TransformedRows: RowBatchSource {
    private let results: ResultSet
    private let inputNames: [String]
    private let statement: Statement
    private let scope: StepDefinition.Transform.Scope
    private let database: EmbeddedDatabase
    private var output: ResultSet?
    private var isOver = false
    private var rowCount = 0

    init(
        _ results: sending ResultSet,
        _ inputNames: [String],
        _ statement: Statement,
        _ scope: StepDefinition.Transform.Scope,
        _ database: EmbeddedDatabase
    ) {
        self.results = results
        self.inputNames = inputNames
        self.statement = statement
        self.scope = scope
        self.database = database
    }

    /// The columns with what their first values tell of those nothing else is known of, and the first rows.
    func begin(_ columns: [ColumnDescription]) async throws(DatabaseError) -> (ColumnList, RowBatch?) {
        let first = try await next()
        var columns = columns
        for index in columns.indices where columns[index].kind == nil {
            columns[index].kind = first.map { Self.kind(of: index, in: $0) } ?? .text
        }
        return (ColumnList(columns), first)
    }

    /// The kind that holds all values of a column.
    private static func kind(of column: Int, in batch: RowBatch) -> ValueKind {
        var kinds: Set<ValueKind> = []
        for row in 0..<batch.rowCount { kinds.insert(batch.value(row: row, column: column)?.kind ?? .null) }
        kinds.remove(.null)
        if kinds.count == 1, let only = kinds.first { return only }
        return kinds == [.int, .double] ? .double : .text
    }

    private func next() async throws(DatabaseError) -> RowBatch? {
        while true {
            if let output, let batch = try await output.nextBatch() {
                if batch.rowCount > 0 { return batch }
                continue
            }
            output = nil
            guard !isOver else {
                await database.close()
                return nil
            }
            let connection = database.connection
            if scope == .all {
                isOver = true
                try await connection.begin(.readWrite)
                let load = try await connection.bulkLoad(into: ["input"], columns: inputNames)
                while let batch = try await results.nextBatch() { try await load.write(batch) }
                _ = try await load.finish()
                try await connection.commit()
            } else {
                guard let batch = try await results.nextBatch() else {
                    isOver = true
                    continue
                }
                try await connection.begin(.readWrite)
                try await connection.execute("delete from input")
                let load = try await connection.bulkLoad(into: ["input"], columns: inputNames)
                try await load.write(batch)
                _ = try await load.finish()
                try await connection.commit()
            }
            output = try await connection.query(statement)
        }
    }

    func nextBatch() async throws(DatabaseError) -> RowBatch? {
        let batch = try await next()
        rowCount += batch?.rowCount ?? 0
        return batch
    }

    func nextResult() async throws(DatabaseError) -> ColumnList? { nil }
    func currentSummary() async -> ExecutionSummary { ExecutionSummary(rowsAffected: rowCount) }

    nonisolated func abandon() {
        let database = database
        Task { await database.close() }
    }
}

extension DatabaseError {
    fileprivate func inTransform(_ transform: StepDefinition.Transform) -> DatabaseError {
        guard hint == nil, let file = transform.file else { return self }
        return hinting("The transform stands in \(file).")
    }
}

extension Statement {
    /// A text whose `:name` are parameters of a pipeline.
    ///
    /// - Throws: `programming.parameterMismatch` for a name that is none of them.
    init(sql: String, parameters: [String: String], dialect: Dialect) throws(DatabaseError) {
        guard !parameters.isEmpty else {
            self.init(unsafe: sql)
            return
        }
        let template = try Statement(template: sql, style: .named, dialect: dialect)
        let names = Set(template.parameterNames ?? [])
        var values: [String: Value] = [:]
        for name in names {
            guard let text = parameters[name] else {
                throw DatabaseError(
                    .programming,
                    .parameterMismatch,
                    "The SQL has a parameter :\(name) that the pipeline has not.",
                    hint: "Its parameters are \(parameters.keys.sorted().joined(separator: ", "))."
                )
            }
            values[name] = Value(parameter: text)
        }
        try self.init(sql, named: values, style: .named, dialect: dialect)
    }
}

extension Value {
    /// What a parameter's text is: a number, a date or a truth value where it reads as one.
    init(parameter text: String) {
        if let number = Int64(text) {
            self = .int(number)
        } else if let number = BigDecimal(text), number.isFinite {
            self = .decimal(number)
        } else if text == "true" || text == "false" {
            self = .bool(text == "true")
        } else if let date = LocalDate(text), date.isFinite {
            self = .date(date)
        } else if let time = LocalDateTime(text), time.isFinite {
            self = .timestamp(time)
        } else {
            self = .text(text)
        }
    }
}
