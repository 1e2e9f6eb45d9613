public import Roost

/// How the rows of a query become values: chosen where the query is written, and carried by it, so that whoever runs it needs no
/// types.
public struct RowFetcher<Output>: Sendable {
    @usableFromInline let all: @Sendable (ResultSet, FetchLimit) async throws(DatabaseError) -> [Output]
    @usableFromInline package let one: @Sendable (ResultSet) async throws(DatabaseError) -> Output?
    @usableFromInline let only: @Sendable (ResultSet) async throws(DatabaseError) -> Output
    @usableFromInline let each: @Sendable (ResultSet, (Output) throws -> Void) async throws -> Void

    @inlinable
    init<D: RowDecoding & SendableMetatype>(
        _ decoding: D.Type,
        _ rows: @escaping @Sendable (ResultSet) -> DecodedRows<D, Output>
    ) {
        all = { (results: ResultSet, limit: FetchLimit) async throws(DatabaseError) -> [Output] in
            try await rows(results).fetchAll(limit: limit)
        }
        one = { (results: ResultSet) async throws(DatabaseError) -> Output? in try await rows(results).fetchOne() }
        only = { (results: ResultSet) async throws(DatabaseError) -> Output in try await rows(results).fetchOnly() }
        each = { try await rows($0).forEach($1) }
    }

    /// Tuples by position; of one column, its values.
    @inlinable
    public static func tuples<each T: QueryValue>() -> RowFetcher where Output == (repeat each T) {
        RowFetcher(TupleDecoding<repeat each T>.self) { $0.decode((repeat each T).self) }
    }

    /// The values of one column.
    @inlinable
    public static func values() -> RowFetcher where Output: QueryValue {
        RowFetcher(ScalarDecoding<Output>.self) { $0.decode(Output.self) }
    }

    /// Values of a type.
    @inlinable
    public static func rows(_ type: Output.Type) -> RowFetcher where Output: RowDecodable & SendableMetatype {
        RowFetcher(TypeDecoding<Output>.self) { $0.decode(Output.self) }
    }
}

/// Anything that is rendered and run.
public protocol RenderableQuery: Sendable {
    /// The query's tree.
    var node: QueryNode { get }
}

/// A query that returns rows.
public protocol RowQuery<Output>: RenderableQuery {
    /// What a row becomes.
    associatedtype Output
    /// How its rows are read.
    var fetcher: RowFetcher<Output> { get }
}
