import Roost

/// A column and what it is set to; made by ``TableReference/set(_:to:)-swift.method``.
public struct Assignment: Sendable {
    let node: QueryNode
}

extension TableReference {
    func column<V>(_ path: KeyPath<T, Column<V>>) -> QueryNode {
        QueryNode(.column(source: sourceName, name: columns[keyPath: path].name))
    }

    /// Sets a column to a value: `c.set(\.city, to: "Köln")`.
    public func set<V>(_ path: KeyPath<T, Column<V>>, to value: V) -> Assignment {
        Assignment(node: QueryNode(.assignment, [column(path), QueryNode(literal: value.databaseValue)]))
    }

    /// Sets a column to an expression: `c.set(\.credit, to: c.credit + 10)`.
    public func set<V, R: QueryValue>(_ path: KeyPath<T, Column<V>>, to expression: SQLExpression<R>) -> Assignment
    where R.Base == V.Base { Assignment(node: QueryNode(.assignment, [column(path), expression.node])) }

    /// Sets a column to its default. Not for SQLite.
    public func setDefault<V>(_ path: KeyPath<T, Column<V>>) -> Assignment {
        Assignment(node: QueryNode(.assignment, [column(path), QueryNode(.defaultValue)]))
    }

    /// In an upsert, the value that was to be inserted.
    public func excluded<V>(_ path: KeyPath<T, Column<V>>) -> SQLExpression<V> {
        SQLExpression(.excluded(columns[keyPath: path].name), [])
    }
}

package struct InsertOptions: Hashable, Sendable {
    package var isDefault = false
}

/// What a clause of a merge is about.
package enum MergeMatch: Hashable, Sendable { case matched, notMatched }
package enum MergeAction: Hashable, Sendable { case update, insert, delete, nothing }
