public import Roost
public import RoostQuery

/// A query of models whose related rows come in the same statement, by a left join; made by ``RoostQuery/Select/joining(_:)``.
public struct JoinedQuery<M: Model, Related: Sendable>: Sendable {
    let fetch: @Sendable (any Connection, FetchLimit, ExecutionOptions) async throws -> [With<M, Related>]
}

extension Select where Output: Model {
    /// Loads related rows with the models by one statement that joins their tables. ``including(_:)`` sends a statement more, and each row
    /// only once: prefer it where a model has many related rows, or several relations are loaded.
    ///
    /// A relation is joined to what it is related to in turn: `Artist.all.joining(Artist.albums.joining(Album.tracks))`.
    ///
    /// - Throws: fetching it, `programming.misuse` for a relation without columns (``Model/belongs(to:by:_:)`` names one), for one with a
    ///   limit, and for a query with a limit whose models may have several related rows: it would count the rows of the join.
    public func joining<J: JoinableRelation>(_ relation: J) -> JoinedQuery<Output, J.Result> where J.Source == Output {
        let select = self
        return JoinedQuery { try await select.fetch(relation.join, $0, $1, $2) }
    }

    private func statement<Row: RowDecodable & Sendable & SendableMetatype, R: Sendable>(
        _ join: RelationJoin<Output, Row, R>
    ) throws(DatabaseError) -> Select<JoinedRow<Output, Row>> {
        guard self[part: .groups].isAbsent, !self[part: .from].isAbsent, self[part: .from].children.count == 1
        else {
            throw RelationJoins.misuse(
                of: Output.self,
                "Only a query of one table's rows can be joined.",
                "Load the relation with including."
            )
        }
        var joins = RelationJoins(
            source: self[part: .from].children[0],
            columns: self[part: .columns].children,
            order: self[part: .order].isAbsent ? [] : self[part: .order].children
        )
        try join.add(&joins, Output.Columns.tableName)
        let hasLimit = !self[part: .limit].isAbsent || !self[part: .offset].isAbsent
        guard !(hasLimit && joins.isMany) else { throw RelationJoins.limited(Output.self) }
        var other = retyped(RowFetcher<JoinedRow<Output, Row>>.rows(JoinedRow<Output, Row>.self))
        other[part: .columns] = .list(joins.columns)
        other[part: .from] = .list([joins.source])
        if !joins.order.isEmpty { other[part: .order] = .list(joins.order) }
        return other
    }

    private func fetch<Row: RowDecodable & Sendable & SendableMetatype, R: Sendable>(
        _ join: RelationJoin<Output, Row, R>,
        _ connection: any Connection,
        _ limit: FetchLimit,
        _ options: ExecutionOptions
    ) async throws -> [With<Output, R>] {
        let query = try statement(join)
        var groups = JoinedGroups<Output, Row>()
        let results = try await connection.query(connection.statement(for: query), options: options)
        try await results.decode(JoinedRow<Output, Row>.self).forEach { row in
            groups.add(row)
            if case .rows(let most) = limit, groups.models.count > most {
                throw DatabaseError(
                    .programming,
                    .tooManyRows,
                    "The query has more than \(most) rows of \(Output.Columns.tableName).",
                    hint: "Narrow the query, or raise the limit."
                )
            }
        }
        return try groups.loaded(by: join)
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
