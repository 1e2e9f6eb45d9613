public import Roost
public import RoostQuery

/// A query of models whose related rows come in the same statement, by a left join; made by ``RoostQuery/Select/joining(_:)``.
public struct JoinedQuery<M: Model, Related: Sendable>: Sendable {
    let fetch: @Sendable (any Connection, FetchLimit, ExecutionOptions) async throws -> [With<M, Related>]
}

extension Select where Output: Model {
    /// Loads related rows with the models by one statement that joins both tables. ``including(_:)`` sends a statement more, and each row
    /// only once: prefer it where a model has many related rows, or several relations are loaded.
    ///
    /// - Throws: fetching it, `programming.misuse` for a relation without columns (``Model/belongs(to:by:_:)`` names one), for one with a
    ///   limit, and for a query with a limit whose models may have several related rows: it would count the rows of the join.
    public func joining<T: Model, R: Sendable>(_ relation: Relation<Output, T, T, R>) -> JoinedQuery<Output, R> {
        let join = RelationJoin(select: self, relation: relation)
        return JoinedQuery { try await join.fetch($0, $1, $2) }
    }
}

/// How a query and a relation become one statement.
private struct RelationJoin<M: Model, T: Model, R: Sendable>: Sendable {
    let select: Select<M>
    let relation: Relation<M, T, T, R>

    /// The name of the joined table, which may be the model's own table once more.
    private static var joined: String { "roost_joined" }

    private static func column(_ name: String) -> QueryNode { QueryNode(.column(source: joined, name: name)) }

    private func misuse(_ message: String, _ hint: String) -> DatabaseError {
        DatabaseError(.programming, .misuse, message, hint: hint).concerning(table: T.Columns.tableName)
    }

    private func statement() throws(DatabaseError) -> Select<JoinedRow<M, T>> {
        guard let columns = relation.columns, let first = columns.target.first else {
            throw misuse(
                "The relation cannot be joined: it knows no columns.",
                "Name the column where the relation is made, or load it with including."
            )
        }
        guard columns.source.count == columns.target.count else {
            throw RelationColumns.mismatch(of: T.self, columns.source.count)
        }
        let hasLimit = !select[part: .limit].isAbsent || !select[part: .offset].isAbsent
        guard relation.query.limit == nil, !(hasLimit && columns.isMany) else {
            throw misuse("A limit would count the rows of the join.", "Load the relation with including.")
        }
        guard select[part: .groups].isAbsent, !select[part: .from].isAbsent,
            select[part: .from].children.count == 1
        else { throw misuse("Only a query of one table's rows can be joined.", "Load the relation with including.") }
        var target = T.all
        for condition in relation.query.conditions { target = target.where(condition) }
        let source = QueryNode(
            .derived(alias: Self.joined, columns: T.mapping.columnNames, isLateral: false),
            [target.node]
        )
        let equal = zip(columns.source, columns.target).map { own, other in
            SQLCondition(
                .binary(.equal),
                [QueryNode(.column(source: M.Columns.tableName, name: own)), Self.column(other)]
            )
        }
        let join = QueryNode(
            .join(.left),
            [select[part: .from].children[0], source, SQLCondition.all(of: equal).node]
        )
        let isPresent = SQLCondition(.isNull(negated: true), [Self.column(first)]).value.node
        var other = select.retyped(RowFetcher<JoinedRow<M, T>>.rows(JoinedRow<M, T>.self))
        other[part: .columns] = .list(
            select[part: .columns].children + [isPresent] + T.mapping.columnNames.map(Self.column)
        )
        other[part: .from] = .list([join])
        let order =
            (select[part: .order].isAbsent ? [] : select[part: .order].children)
            + relation.query.order.map { $0.moved(from: T.Columns.tableName, to: Self.joined) }
        if !order.isEmpty { other[part: .order] = .list(order) }
        return other
    }

    func fetch(
        _ connection: any Connection,
        _ limit: FetchLimit,
        _ options: ExecutionOptions
    ) async throws -> [With<M, R>] {
        let query = try statement()
        var models: [M] = []
        var related: [[T]] = []
        var places: [M.Key: Int] = [:]
        let results = try await connection.query(connection.statement(for: query), options: options)
        try await results.decode(JoinedRow<M, T>.self).forEach { row in
            let place: Int
            if let key = row.model.key, let known = places[key] {
                place = known
            } else {
                if case .rows(let most) = limit, models.count >= most {
                    throw DatabaseError(
                        .programming,
                        .tooManyRows,
                        "The query has more than \(most) rows of \(M.Columns.tableName).",
                        hint: "Narrow the query, or raise the limit."
                    )
                }
                place = models.count
                if let key = row.model.key { places[key] = place }
                models.append(row.model)
                related.append([])
            }
            if let target = row.target { related[place].append(target) }
        }
        var loaded: [With<M, R>] = []
        loaded.reserveCapacity(models.count)
        for (model, targets) in zip(models, related) {
            loaded.append(With(model: model, related: try relation.collect(targets)))
        }
        return loaded
    }
}

/// A model and one related row, read from one row of a join.
struct JoinedRow<M: Model, T: Model>: RowDecodable, Sendable, SendableMetatype {
    let model: M
    let target: T?

    init(from row: inout RowReader) throws(DatabaseError) {
        model = try M(from: &row)
        let isPresent = try row.next(Bool.self)
        target = isPresent ? try T(from: &row) : nil
    }
}

extension QueryNode {
    /// The tree with the columns of one source named as another's.
    fileprivate func moved(from source: String, to other: String) -> QueryNode {
        if case .column(source, let name) = kind { return QueryNode(.column(source: other, name: name)) }
        if case .literal = kind { return self }
        return children.isEmpty ? self : QueryNode(kind, children.map { $0.moved(from: source, to: other) })
    }
}

extension Connection {
    /// The models of a query with their related rows, in one statement.
    ///
    /// - Throws: `programming.tooManyRows` when there are more models than `limit`.
    public nonisolated func fetchAll<M: Model, Related: Sendable>(
        _ query: JoinedQuery<M, Related>,
        limit: FetchLimit,
        fileID: String = #fileID,
        line: Int = #line
    ) async throws -> [With<M, Related>] {
        try await query.fetch(self, limit, .at(fileID, line))
    }
}

extension Database {
    /// The models of a query with their related rows, in one statement, on one connection for reading.
    ///
    /// - Throws: `programming.tooManyRows` when there are more models than `limit`.
    public func fetchAll<M: Model, Related: Sendable>(
        _ query: JoinedQuery<M, Related>,
        limit: FetchLimit,
        fileID: String = #fileID,
        line: Int = #line
    ) async throws -> [With<M, Related>] {
        try await withConnection(for: .reading, fileID: fileID, line: line) {
            try await $0.fetchAll(query, limit: limit, fileID: fileID, line: line)
        }
    }
}
