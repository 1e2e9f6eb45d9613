import Roost
public import RoostQuery

/// How rows of one model lead to rows of another, as a value; nothing is loaded before a query names it.
///
/// ```swift
/// extension Artist {
///     static let albums = hasMany(\Album.artistID, \.artistID)
/// }
/// let artists = try await database.fetchAll(
///     Artist.all.including(Artist.albums.where { $0.title != "" }.orderBy { [$0.title] }.limit(3)),
///     limit: 100
/// )
/// for artist in artists { print(artist.name, artist.related.map(\.title)) }
/// ```
///
/// However many rows there are, a relation costs one statement (one more for each thousand keys or so).
///
/// `Element` is one related row with what was loaded with it, `Result` what each source gets: an array, an optional, one.
public struct Relation<Source: Model, Target: Model, Element: Sendable, Result: Sendable>: Sendable {
    typealias Loading =
        @Sendable (RelationQuery, [Source], any Connection, ExecutionOptions) async throws(DatabaseError) ->
        RelatedRows<Element>

    var query = RelationQuery()
    let load: Loading
    let collect: @Sendable ([Element]) throws(DatabaseError) -> Result
    /// The columns by which both tables can be joined, where they are known.
    var columns: RelationColumns?

    init(
        load: @escaping Loading,
        columns: RelationColumns? = nil,
        collect: @escaping @Sendable ([Element]) throws(DatabaseError) -> Result
    ) {
        self.load = load
        self.columns = columns
        self.collect = collect
    }

    /// Only related rows that fulfil the condition; called again, all of the conditions.
    public func `where`(_ condition: (TableReference<Target.Columns>) -> SQLCondition) -> Relation {
        var copy = self
        copy.query.conditions.append(condition(Target.columns))
        return copy
    }

    /// The order of the related rows of each source; called again, further keys.
    public func orderBy(_ terms: (TableReference<Target.Columns>) -> [any QueryTerm]) -> Relation {
        var copy = self
        copy.query.order += terms(Target.columns).map(\.node)
        return copy
    }

    func results(
        for sources: [Source],
        _ connection: any Connection,
        _ options: ExecutionOptions
    ) async throws(DatabaseError) -> [Result] {
        guard !sources.isEmpty else { return [] }
        let rows = try await load(query, sources, connection, options)
        var results: [Result] = []
        results.reserveCapacity(sources.count)
        for places in rows.places { results.append(try collect(places.map { rows.elements[$0] })) }
        return results
    }
}

extension Relation where Result == [Element] {
    /// At most so many related rows of each source, by the order; by a window function, in the same statement.
    public func limit(_ count: Int) -> Relation {
        var copy = self
        copy.query.limit = max(count, 0)
        return copy
    }
}

extension Relation where Result == Element? {
    /// The same relation where every source has its related row.
    ///
    /// - Throws: loading it, `data.noRow` when one has none.
    public var required: Relation<Source, Target, Element, Element> {
        var other = Relation<Source, Target, Element, Element>(load: load) { (elements) throws(DatabaseError) in
            if let element = elements.first { return element }
            throw Self.missing
        }
        other.query = query
        other.columns = columns
        return other
    }
}

extension Relation {
    /// A source has no related row, and must have one.
    static var missing: DatabaseError {
        DatabaseError(
            .data,
            .noRow,
            "A row of \(Source.Columns.tableName) has no related row of \(Target.Columns.tableName).",
            hint: "Leave out .required where rows may be missing."
        ).concerning(table: Target.Columns.tableName)
    }
}

/// The columns of both tables that are equal in related rows.
struct RelationColumns: Sendable {
    let source: [String]
    let target: [String]
    /// Whether a source may have several related rows.
    let isMany: Bool
}

/// What is asked of the related rows beside the keys.
struct RelationQuery: Sendable {
    var conditions: [SQLCondition] = []
    var order: [QueryNode] = []
    var limit: Int?
}

/// The related rows of several sources, and which belong to which.
struct RelatedRows<Element: Sendable>: Sendable {
    var elements: [Element]
    /// For each source the places of its elements, in their order.
    var places: [[Int]]
}

/// A related row, and the row that links it to its source.
@dynamicMemberLookup
public struct Linked<Element: Sendable, Link: Model>: Sendable {
    /// The related row.
    public let element: Element
    /// The row of the table between, with its payload.
    public let link: Link

    /// The related row's members.
    public subscript<V>(dynamicMember path: KeyPath<Element, V>) -> V { element[keyPath: path] }
}

extension Linked: Equatable where Element: Equatable, Link: Equatable {}
