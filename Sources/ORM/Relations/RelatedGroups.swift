import Roost
import RoostQuery

/// The query for the related rows of many sources at once, and how they are told apart.
struct RelatedGroups<Row: RowDecodable & Sendable & SendableMetatype>: Sendable {
    /// Selects the related rows of all sources.
    let select: Select<Row>
    /// The columns that hold the source's key.
    let key: [QueryNode]
    /// What makes the order of rows definite where the application's own does not.
    let tieBreak: [QueryNode]
    let query: RelationQuery

    /// The name of the derived table in which rows are numbered, and of their number.
    private static var numbered: String { "roost_numbered" }
    private static var place: String { "roost_place" }

    func rows<S: Model>(
        of sources: [S],
        _ connection: any Connection,
        _ options: ExecutionOptions,
        key property: (Row) -> S.Key?
    ) async throws(DatabaseError) -> RelatedRows<Row> {
        guard key.count == S.mapping.key.columns.count else {
            throw RelationColumns.mismatch(of: S.self, key.count)
        }
        let keys = Array(Set(sources.compactMap(\.key)))
        var elements: [Row] = []
        for condition in KeyChunks.conditions(keys.map(\.keyValues), columns: key, connection.capabilities) {
            let chunk = narrowed(by: condition)
            elements += try await connection.rows(of: chunk, options)
        }
        var places: [S.Key: [Int]] = [:]
        for (index, element) in elements.enumerated() {
            if let key = property(element) { places[key, default: []].append(index) }
        }
        return RelatedRows(elements: elements, places: sources.map { $0.key.flatMap { places[$0] } ?? [] })
    }

    private func narrowed(by condition: SQLCondition) -> Select<Row> {
        var chunk = select.where(condition)
        for condition in query.conditions { chunk = chunk.where(condition) }
        guard let limit = query.limit else {
            return query.order.isEmpty ? chunk : chunk.with(.order, .list(query.order))
        }
        // Each source's rows are numbered, and those with a high number left out.
        let number = QueryNode(
            .over(nil),
            [RelationNumber.function, .list(key), .list(query.order + tieBreak)]
        )
        let columns = chunk[part: .columns].children
        let named = columns.enumerated().map { QueryNode(.alias("c\($0)"), [$1]) }
        chunk[part: .columns] = .list(named + [QueryNode(.alias(Self.place), [number])])
        let source = QueryNode(.derived(alias: Self.numbered, columns: nil, isLateral: false), [chunk.node])
        func column(_ name: String) -> QueryNode { QueryNode(.column(source: Self.numbered, name: name)) }
        return Select<Row>(columns: columns.indices.map { column("c\($0)") }, fetcher: chunk.fetcher)
            .with(.from, .list([source]))
            .where(
                SQLCondition(.binary(.lessOrEqual), [column(Self.place), QueryNode(literal: .int(Int64(limit)))])
            )
            .with(.order, .list([column(Self.place)]))
    }
}

/// `ROW_NUMBER()`.
enum RelationNumber {
    static let function: QueryNode = rowNumber().over().node.children[0]
}

extension Connection {
    /// All rows of a query.
    nonisolated func rows<R: RowDecodable & SendableMetatype>(
        of query: Select<R>,
        _ options: ExecutionOptions
    ) async throws(DatabaseError) -> [R] {
        try await self.query(statement(for: query), options: options).decode(R.self).fetchAll(limit: .unbounded)
    }
}
