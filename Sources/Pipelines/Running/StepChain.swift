import Roost
import RoostFormats
import RoostPipelineDefinition
import RoostSchema

/// A step's rows from their source to what its target takes.
struct StepChain: Sendable {
    let plan: PipelinePlan
    let step: StepDefinition
    let environment: PipelineEnvironment
    let log: RejectLog
    /// The connections of the step's sources, by name.
    let connections: [String: any Connection]
    /// What was read of their structure: an incremental step looks at its source twice.
    private let schemas = Locked<[String: Schema]>([:])

    init(
        plan: PipelinePlan,
        step: StepDefinition,
        environment: PipelineEnvironment,
        log: RejectLog,
        connections: [String: any Connection]
    ) {
        self.plan = plan
        self.step = step
        self.environment = environment
        self.log = log
        self.connections = connections
    }

    /// The rows of the step's source, and the table they come from as they are.
    struct Head: Sendable {
        var source: any Source
        var positions: RowPositions?
        var table: Schema.Table?
        /// The connection, for tables and queries.
        var connection: (any Connection)?
        /// How many rows were read, with those that were left out at once; nil where nobody counts yet.
        var rowsRead: Locked<Int>?

        /// Has the rows counted from here on.
        mutating func counted() -> Locked<Int> {
            if let rowsRead { return rowsRead }
            let count = Locked(0)
            source = CountedSource(source, count)
            rowsRead = count
            return count
        }
    }

    /// A source with the types of its columns told as every step understands them.
    ///
    /// - Parameter cursors: the bounds of an incremental step.
    func head(_ source: PipelineSource, cursors: [Statement] = []) async throws(DatabaseError) -> Head {
        switch source.kind {
        case .files(let pattern): return try files(pattern, source)
        case .table(let name, let table):
            let connection = try connection(name)
            let engine = try Engine(connection)
            let schema = try await schema(name, connection)
            let found = schema.tables.first { $0.typedName == table }
            let view = schema.views.first { $0.name.typed == table }
            guard let known = found.map({ ($0.name, $0.storedColumns) }) ?? view.map({ ($0.name, $0.columns) }) else {
                throw DatabaseError(
                    .programming,
                    .undefinedTable,
                    "\(name) has no table or view \(table).",
                    hint: "There are \(schema.tables.prefix(24).map(\.typedName).joined(separator: ", "))."
                )
            }
            let (parts, own) = known
            let names = source.columns ?? own.map(\.name)
            if let unknown = names.first(where: { name in !own.contains { $0.name == name } }) {
                throw DatabaseError(
                    .programming,
                    .undefinedColumn,
                    "The table \(table) has no column \(unknown).",
                    hint: "Its columns are \(own.map(\.name).joined(separator: ", "))."
                )
            }
            var types: [String: ColumnType] = [:]
            for column in own { types[column.name] = ColumnType(column.type.spelling, in: engine) }
            var statement = StatementSource.select(names, from: parts.parts)
            var conditions = cursors
            if let condition = source.condition {
                let text = try Statement(sql: condition, parameters: plan.parameters, dialect: connection.dialect)
                var bracketed: Statement = "("
                bracketed.append(text)
                bracketed.append(unsafe: ")")
                conditions.insert(bracketed, at: 0)
            }
            statement.append(conditions: conditions)
            var rows = StatementSource("\(name).\(table)", on: connection, statement)
            if conditions.isEmpty, found != nil {
                rows.forecast = RowForecast(try await RowEstimate.rows(of: parts.parts, on: connection))
            }
            return Head(
                source: TypedSource(base: rows, engine: engine, types: types),
                table: found,
                connection: connection
            )
        case .query(let name, let sql, let file):
            let connection = try connection(name)
            let query = try Statement(sql: sql, parameters: plan.parameters, dialect: connection.dialect)
            var statement = query
            if !cursors.isEmpty {
                statement = "select * from ("
                statement.append(query)
                // A comment in the query's last line must not swallow the bracket.
                statement.append(unsafe: "\n) as source")
                statement.append(conditions: cursors)
            }
            let rows = StatementSource(file ?? "the query of \(step.name)", on: connection, statement)
            return Head(
                source: TypedSource(base: rows, engine: try Engine(connection), types: [:]),
                connection: connection
            )
        }
    }

    private func schema(_ name: String, _ connection: any Connection) async throws(DatabaseError) -> Schema {
        if let known = schemas.withLock({ $0[name] }) { return known }
        let schema = try await Schema.read(from: connection)
        schemas.withLock { $0[name] = schema }
        return schema
    }

    private func connection(_ name: String) throws(DatabaseError) -> any Connection {
        guard let connection = connections[name] else {
            throw DatabaseError(.internal, .misuse, "The connection \(name) was not opened.")
        }
        return connection
    }

    private func files(_ pattern: String, _ source: PipelineSource) throws(DatabaseError) -> Head {
        var path = pattern
        for (name, value) in plan.parameters {
            // A value cannot lead elsewhere.
            guard path.contains("{\(name)}") else { continue }
            guard !value.contains("/"), value != ".." else {
                throw DatabaseError(
                    .interface,
                    .invalidConfiguration,
                    "The parameter \(name) stands in a path, and holds a slash."
                )
            }
            path = path.replacing("{\(name)}", with: value)
        }
        guard let form = FileForm(path: path, options: source.form) else {
            throw DatabaseError(
                .interface,
                .invalidConfiguration,
                "\(path): say how its rows are written: format: csv, tsv or ndjson."
            )
        }
        var files = try FileSource(path, form: form, columns: source.form.header ?? [])
        let positions = RowPositions(paths: files.paths)
        files.positions = positions
        var casts: [String: ValueCast] = [:]
        for (column, text) in source.types {
            guard let type = PipelineType(text) else { continue }
            casts[column] = ValueCast(type: ColumnType(type))
        }
        let (types, place, log) = (casts, path, log)
        let count = Locked(0)
        if plan.pipeline.contract.types == .discardRow || plan.pipeline.contract.types == .discardValue {
            files.leavingOut = { (place, reason) throws(DatabaseError) in
                count.withLock { $0 += 1 }
                try log.add(position: place, column: nil, reason: reason, isRow: true, values: [])
            }
        }
        let counted = CountedSource(files, count)
        let typed = FittedSource(base: counted, rule: plan.pipeline.contract.types, log: log, positions: positions) {
            (columns) throws(DatabaseError) in
            if let unknown = types.keys.sorted().first(where: { columns.index(exactly: $0) == nil }) {
                throw DatabaseError(
                    .programming,
                    .undefinedColumn,
                    "\(place) has no column \(unknown), whose type the step tells.",
                    hint: "Its columns are \(columns.names.joined(separator: ", "))."
                )
            }
            return FittedSource.Layout(casts: types)
        }
        return Head(source: typed, positions: types.isEmpty ? positions : nil, rowsRead: count)
    }

    /// What the transform and the column rules make of the rows.
    func changed(_ head: Head) async throws(DatabaseError) -> Head {
        var result = head
        if let transform = step.transform {
            var lookups: [String: any Source] = [:]
            for (name, lookup) in step.lookups { lookups[name] = try await self.head(lookup).source }
            let environment = environment
            result.source = TransformSource(
                base: head.source,
                lookups: lookups,
                transform: transform,
                parameters: plan.parameters
            ) { (inMemory) async throws(DatabaseError) in try await environment.scratch(inMemory: inMemory) }
            result.positions = nil
            result.table = nil
        }
        if !step.rules.isEmpty {
            let pipeline = plan.pipeline.name
            result.source = try RuledSource(
                result.source,
                step.rules,
                rule: plan.pipeline.contract.types,
                log: log,
                positions: result.positions
            ) { (name) throws(DatabaseError) in try environment.secret(pipeline, name) }
            // What a rule changed has neither the key nor the NOT NULL of what it was.
            if let table = result.table {
                let touched = Set(step.rules.map(\.column))
                var rest = table
                rest.columns.removeAll { touched.contains($0.name) }
                if table.keyColumns.contains(where: touched.contains) { rest.primaryKey = nil }
                result.table = rest
            }
        }
        return result
    }

    /// Whether the rows come from a table as they are, which a database's own types say all about.
    var isPlain: Bool {
        if step.transform != nil || !step.rules.isEmpty { return false }
        if case .files = step.source.kind { return false }
        return true
    }
}

extension Statement {
    /// Appends a `where` of several conditions.
    mutating func append(conditions: [Statement]) {
        for (index, condition) in conditions.enumerated() {
            append(unsafe: index == 0 ? " where " : " and ")
            append(condition)
        }
    }
}

extension FileForm {
    /// The form that a name and what is said beside it tell.
    init?(path: String, options: FileOptions) {
        guard var form = options.format.flatMap(Layout.init).map({ FileForm($0) }) ?? FileForm(path: path) else {
            return nil
        }
        form.isGzip = path.lowercased().hasSuffix(".gz")
        if let encoding = options.encoding.flatMap(TextEncoding.init) { form.encoding = encoding }
        if let delimiter = options.delimiter { form.separator = delimiter.utf8.first }
        form.hasHeader = options.header == nil
        self = form
    }
}

extension PipelineEnvironment {
    /// Opens the connections that a step's rows are read from, by name.
    func sources(of step: StepDefinition) async throws(DatabaseError) -> [String: any Connection] {
        var connections: [String: any Connection] = [:]
        do throws(DatabaseError) {
            for name in Set(([step.source] + step.lookups.values).compactMap(\.connection)).sorted() {
                connections[name] = try await connect(name)
            }
        } catch {
            for connection in connections.values { await connection.close() }
            throw error
        }
        return connections
    }

    /// An empty database that goes with its connection.
    func scratch(inMemory: Bool) async throws(DatabaseError) -> EmbeddedDatabase {
        if inMemory { return EmbeddedDatabase(try await embedded(nil)) }
        let path = "\(temporaryFolder)/roost-\(UInt64.random(in: 0 ... .max)).sqlite"
        return EmbeddedDatabase(try await embedded(path)) {
            for suffix in ["", "-wal", "-shm", "-journal"] { _ = TemporaryFile.remove(path + suffix) }
        }
    }
}

/// Rows whose columns say their types as definitions spell them.
struct TypedSource: Source {
    let base: StatementSource
    let engine: Engine
    /// The types of columns whose table tells.
    let types: [String: ColumnType]

    var name: String { base.name }
    var forecast: RowForecast? { base.forecast }

    func open() async throws(DatabaseError) -> sending ResultSet {
        let results = try await base.open()
        let columns = ColumnList(
            results.columns.map { column in
                var result = column
                let type = types[column.name] ?? Self.type(of: column, engine)
                result.typeName = type.carriedName
                return result
            }
        )
        return ResultSet(columns: columns, source: PassedRows(results))
    }

    /// What a query's column holds, by its name for the type and the kind of its values.
    private static func type(of column: ColumnDescription, _ engine: Engine) -> ColumnType {
        let byKind = ColumnType(
            carriedBy: ColumnDescription(name: "", kind: column.kind, precision: column.precision, scale: column.scale)
        )
        guard let type = column.typeName.map({ ColumnType($0, in: engine) }), let kind = type.kind, kind == column.kind
        else {
            return byKind
        }
        // The result may know the digits that the type's name leaves out.
        if case .decimal = type { return byKind }
        if case .fixedText = type, column.typeName?.contains("(") != true { return byKind }
        return type
    }
}

/// The rows of another result.
private actor PassedRows: RowBatchSource {
    private let results: ResultSet

    init(_ results: sending ResultSet) { self.results = results }

    func nextBatch() async throws(DatabaseError) -> RowBatch? { try await results.nextBatch() }
    func nextResult() async throws(DatabaseError) -> ColumnList? { nil }
    func currentSummary() async -> ExecutionSummary { results.summary }
    nonisolated func abandon() {}
}
