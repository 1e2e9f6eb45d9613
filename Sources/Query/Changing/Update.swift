import Roost

/// An `UPDATE`. Without a condition it changes every row: say ``everyRow()`` to mean that.
public struct Update<T: Table>: RenderableQuery {
    private let table: TableReference<T>
    private var assignments: [QueryNode]
    private var from = QueryNode.absent
    private var condition: SQLCondition?
    private var tables = QueryNode.absent

    init(_ table: TableReference<T>, _ assignments: [Assignment]) {
        self.table = table
        self.assignments = assignments.map(\.node)
    }

    /// The update's tree.
    public var node: QueryNode { node(returning: .absent) }

    /// The update's tree with what it returns.
    public func node(returning: QueryNode) -> QueryNode {
        // An update that forgot its condition changes nothing.
        let condition = condition ?? .never
        let isEvery = condition.node === SQLCondition.always.node
        return QueryNode(
            .update,
            [tables, table.source, .list(assignments), from, isEvery ? .absent : condition.node, returning]
        )
    }

    /// Further rows of other sources, which condition and values may refer to (`UPDATE … FROM`).
    public func from(_ source: some QuerySource) -> Update {
        var copy = self
        copy.from = source.source
        return copy
    }

    /// Only rows that fulfil the condition; called again, all of the conditions.
    public func `where`(_ condition: SQLCondition) -> Update {
        var copy = self
        copy.condition = self.condition.map { $0 && condition } ?? condition
        return copy
    }

    /// Every row.
    public func everyRow() -> Update {
        var copy = self
        copy.condition = .always
        return copy
    }

    /// Common tables that the statement refers to.
    public func with(_ tables: any CommonTableTerm...) -> Update {
        var copy = self
        copy.tables = .list(tables.map(\.definition))
        return copy
    }

    /// The columns of the changed rows. Not for MySQL and MariaDB.
    @inlinable
    public func returning<each R: QueryValue>(_ columns: repeat SQLExpression<each R>) -> Returning<(repeat each R)> {
        var nodes: [QueryNode] = []
        for column in repeat each columns { nodes.append(column.node) }
        return Returning(node: node(returning: Returning<(repeat each R)>.list(nodes)), fetcher: .tuples())
    }
}

/// A `DELETE`. Without a condition it deletes nothing: say ``everyRow()`` to mean all.
public struct Delete<T: Table>: RenderableQuery {
    private let table: TableReference<T>
    private var using = QueryNode.absent
    private var condition: SQLCondition?
    private var tables = QueryNode.absent

    init(_ table: TableReference<T>) { self.table = table }

    /// The delete's tree.
    public var node: QueryNode { node(returning: .absent) }

    /// The delete's tree with what it returns.
    public func node(returning: QueryNode) -> QueryNode {
        let condition = condition ?? .never
        let isEvery = condition.node === SQLCondition.always.node
        return QueryNode(.delete, [tables, table.source, using, isEvery ? .absent : condition.node, returning])
    }

    /// Rows of other sources that the condition may refer to (`DELETE … USING`).
    public func using(_ source: some QuerySource) -> Delete {
        var copy = self
        copy.using = source.source
        return copy
    }

    /// Only rows that fulfil the condition; called again, all of the conditions.
    public func `where`(_ condition: SQLCondition) -> Delete {
        var copy = self
        copy.condition = self.condition.map { $0 && condition } ?? condition
        return copy
    }

    /// Every row.
    public func everyRow() -> Delete {
        var copy = self
        copy.condition = .always
        return copy
    }

    /// Common tables that the statement refers to.
    public func with(_ tables: any CommonTableTerm...) -> Delete {
        var copy = self
        copy.tables = .list(tables.map(\.definition))
        return copy
    }

    /// The columns of the deleted rows. Not for MySQL.
    @inlinable
    public func returning<each R: QueryValue>(_ columns: repeat SQLExpression<each R>) -> Returning<(repeat each R)> {
        var nodes: [QueryNode] = []
        for column in repeat each columns { nodes.append(column.node) }
        return Returning(node: node(returning: Returning<(repeat each R)>.list(nodes)), fetcher: .tuples())
    }
}

/// A `MERGE`: for each row of a source what becomes of the rows it matches, or of those it does not.
/// PostgreSQL 15, SQL Server, Oracle, DB2.
public struct Merge<T: Table>: RenderableQuery {
    private let table: TableReference<T>
    private let using: QueryNode
    private let condition: SQLCondition
    private var clauses: [QueryNode] = []

    init(_ table: TableReference<T>, _ source: QueryNode, _ condition: SQLCondition) {
        self.table = table
        using = source
        self.condition = condition
    }

    /// The merge's tree.
    public var node: QueryNode { QueryNode(.merge, [table.source, using, condition.node, .list(clauses)]) }

    private func adding(
        _ match: MergeMatch,
        _ action: MergeAction,
        _ condition: SQLCondition?,
        _ assignments: [Assignment] = []
    ) -> Merge {
        var copy = self
        let children = [condition?.node ?? .absent, QueryNode.list(assignments.map(\.node))]
        copy.clauses.append(QueryNode(.mergeWhen(match, action), children))
        return copy
    }

    /// Changes rows that match.
    public func whenMatched(_ condition: SQLCondition? = nil, update assignments: [Assignment]) -> Merge {
        adding(.matched, .update, condition, assignments)
    }

    /// Deletes rows that match.
    public func whenMatchedDelete(_ condition: SQLCondition? = nil) -> Merge { adding(.matched, .delete, condition) }

    /// Leaves rows that match alone (PostgreSQL).
    public func whenMatchedDoNothing(_ condition: SQLCondition? = nil) -> Merge {
        adding(.matched, .nothing, condition)
    }

    /// Inserts a row for each row of the source without a match.
    public func whenNotMatched(_ condition: SQLCondition? = nil, insert assignments: [Assignment]) -> Merge {
        adding(.notMatched, .insert, condition, assignments)
    }
}

extension TableReference {
    /// Changes rows.
    public func update(_ assignments: Assignment...) -> Update<T> { Update(self, assignments) }
    /// Deletes rows.
    public func delete() -> Delete<T> { Delete(self) }
    /// Merges the rows of a source into this table.
    public func merge(using source: some QuerySource, on condition: SQLCondition) -> Merge<T> {
        Merge(self, source.source, condition)
    }
}
