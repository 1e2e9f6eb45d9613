public import Roost
import RoostQuery

/// What a join can load: a relation, or one that is joined to another in turn; see ``RoostQuery/Select/joining(_:)``.
public protocol JoinableRelation<Source>: Sendable {
    /// Where it begins.
    associatedtype Source: Model
    /// What each source gets.
    associatedtype Result: Sendable
    /// The part of a row that is its own.
    associatedtype Row: RowDecodable & Sendable & SendableMetatype
    /// How it is joined and read.
    var join: RelationJoin<Source, Row, Result> { get }
}

/// How a relation becomes part of a statement, and how its rows become what each source gets.
public struct RelationJoin<Source: Model, Row: RowDecodable & Sendable & SendableMetatype, Result: Sendable>: Sendable {
    /// Adds its tables after that of the source, whose name in the statement is given.
    let add: @Sendable (inout RelationJoins, String) throws(DatabaseError) -> Void
    /// What one source gets of its rows.
    let collect: @Sendable ([Row]) throws(DatabaseError) -> Result
}

/// A relation whose rows are joined to those of another one; made by ``Relation/joining(_:)``.
public struct JoinedRelation<Source: Model, Target: Model, Next: RowDecodable & Sendable & SendableMetatype, Result>:
    JoinableRelation
where Result: Sendable {
    /// How it is joined and read.
    public let join: RelationJoin<Source, JoinedRow<Target, Next>, Result>

    init<R: Sendable, Inner: JoinableRelation>(
        _ relation: Relation<Source, Target, Target, R>,
        _ inner: Inner,
        collect: @escaping @Sendable ([With<Target, Inner.Result>]) throws(DatabaseError) -> Result
    ) where Inner.Source == Target, Inner.Row == Next {
        let (columns, query, next) = (relation.columns, relation.query, inner.join)
        join = RelationJoin(
            add: { (joins, source) throws(DatabaseError) in
                let name = try joins.add(Target.self, columns, query, to: source)
                try next.add(&joins, name)
            },
            collect: { (rows) throws(DatabaseError) in
                var groups = JoinedGroups<Target, Next>()
                for row in rows { groups.add(row) }
                return try collect(groups.loaded(by: next))
            }
        )
    }
}

extension Relation: JoinableRelation where Element == Target {
    /// How it is joined and read.
    public var join: RelationJoin<Source, Target, Result> {
        let (columns, query, collect) = (columns, query, collect)
        return RelationJoin(
            add: { (joins, source) throws(DatabaseError) in
                _ = try joins.add(Target.self, columns, query, to: source)
            },
            collect: collect
        )
    }

    /// Joins the related rows to what they are related to in turn.
    public func joining<Inner: JoinableRelation>(
        _ inner: Inner
    ) -> JoinedRelation<Source, Target, Inner.Row, [With<Target, Inner.Result>]>
    where Inner.Source == Target, Result == [Target] {
        JoinedRelation(self, inner) { (elements) throws(DatabaseError) in elements }
    }

    /// Joins the related row to what it is related to in turn.
    public func joining<Inner: JoinableRelation>(
        _ inner: Inner
    ) -> JoinedRelation<Source, Target, Inner.Row, With<Target, Inner.Result>?>
    where Inner.Source == Target, Result == Target? {
        JoinedRelation(self, inner) { (elements) throws(DatabaseError) in elements.first }
    }

    /// Joins the related row, which every source has, to what it is related to in turn.
    public func joining<Inner: JoinableRelation>(
        _ inner: Inner
    ) -> JoinedRelation<Source, Target, Inner.Row, With<Target, Inner.Result>>
    where Inner.Source == Target, Result == Target {
        JoinedRelation(self, inner) { (elements) throws(DatabaseError) in
            if let element = elements.first { return element }
            throw Self.missing
        }
    }
}

/// A model and one related row with what is joined to that, read from one row of a join.
public struct JoinedRow<M: Model, Next: RowDecodable & Sendable & SendableMetatype>: RowDecodable, Sendable,
    SendableMetatype
{
    let model: M
    let next: Next?

    /// By position.
    public static var columnNames: [String]? { nil }

    /// Reads the model, whether there is a related row, and if so that.
    public init(from row: inout RowReader) throws(DatabaseError) {
        model = try M(from: &row)
        let isPresent = try row.next(Bool.self)
        next = isPresent ? try Next(from: &row) : nil
    }
}

/// The rows of a join by the model they begin with, in the order they came.
struct JoinedGroups<M: Model, Next: RowDecodable & Sendable & SendableMetatype> {
    private(set) var models: [M] = []
    private var rows: [[Next]] = []
    private var places: [M.Key: Int] = [:]

    mutating func add(_ row: JoinedRow<M, Next>) {
        let key = row.model.key
        let place = key.flatMap { places[$0] } ?? models.count
        if place == models.count {
            if let key { places[key] = place }
            models.append(row.model)
            rows.append([])
        }
        if let next = row.next { rows[place].append(next) }
    }

    func loaded<R: Sendable>(by join: RelationJoin<M, Next, R>) throws(DatabaseError) -> [With<M, R>] {
        var loaded: [With<M, R>] = []
        loaded.reserveCapacity(models.count)
        for (model, rows) in zip(models, rows) { loaded.append(With(model: model, related: try join.collect(rows))) }
        return loaded
    }
}

/// The tables, columns and order of a statement that loads relations by joins.
struct RelationJoins {
    var source: QueryNode
    var columns: [QueryNode]
    var order: [QueryNode]
    /// Whether a model may come in several rows.
    private(set) var isMany = false
    private var count = 0

    init(source: QueryNode, columns: [QueryNode], order: [QueryNode]) {
        (self.source, self.columns, self.order) = (source, columns, order)
    }

    /// Joins the table of a relation's rows, and gives the name it has: it may be the source's own table once more.
    mutating func add<T: Model>(
        _ type: T.Type,
        _ columns: RelationColumns?,
        _ query: RelationQuery,
        to parent: String
    ) throws(DatabaseError) -> String {
        guard let columns, let first = columns.target.first else {
            throw Self.misuse(
                of: T.self,
                "The relation cannot be joined: it knows no columns.",
                "Name the column where the relation is made, or load it with including."
            )
        }
        guard columns.source.count == columns.target.count else {
            throw RelationColumns.mismatch(of: T.self, columns.source.count)
        }
        guard query.limit == nil else { throw Self.limited(T.self) }
        count += 1
        let name = count == 1 ? "roost_joined" : "roost_joined_\(count)"
        func column(_ column: String) -> QueryNode { QueryNode(.column(source: name, name: column)) }
        var target = T.all
        for condition in query.conditions { target = target.where(condition) }
        let equal = zip(columns.source, columns.target).map { own, other in
            SQLCondition(.binary(.equal), [QueryNode(.column(source: parent, name: own)), column(other)])
        }
        let table = QueryNode(
            .derived(alias: name, columns: T.mapping.columnNames, isLateral: false),
            [target.node]
        )
        source = QueryNode(.join(.left), [source, table, SQLCondition.all(of: equal).node])
        self.columns.append(SQLCondition(.isNull(negated: true), [column(first)]).value.node)
        self.columns += T.mapping.columnNames.map(column)
        order += query.order.map { $0.moved(from: T.Columns.tableName, to: name) }
        isMany = isMany || columns.isMany
        return name
    }

    static func limited<T: Model>(_ type: T.Type) -> DatabaseError {
        misuse(of: T.self, "A limit would count the rows of the join.", "Load the relation with including.")
    }

    static func misuse<T: Model>(of type: T.Type, _ message: String, _ hint: String) -> DatabaseError {
        DatabaseError(.programming, .misuse, message, hint: hint).concerning(table: T.Columns.tableName)
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
