public import Roost
public import RoostQuery

#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// What tells one row from all others: a value, or several together.
///
/// A type of one column that is a ``QueryValue`` conforms without a line: `extension CustomerID: ModelKey {}`.
public protocol ModelKey: Hashable, Sendable, SendableMetatype {
    /// The values, one for each column of the key.
    var keyValues: [Value] { get }
    /// Reads the columns of the key.
    init(key row: inout RowReader) throws(DatabaseError)
}

extension ModelKey where Self: QueryValue {
    /// The value.
    public var keyValues: [Value] { [databaseValue] }
    /// Reads one column.
    @inlinable
    public init(key row: inout RowReader) throws(DatabaseError) { self = try row.next() }
}

extension Int: ModelKey {}
extension Int32: ModelKey {}
extension Int64: ModelKey {}
extension String: ModelKey {}
extension UUID: ModelKey {}
extension LocalDate: ModelKey {}

/// A key of two columns.
public struct CompositeKey<First: QueryValue & Hashable, Second: QueryValue & Hashable>: ModelKey {
    /// The first column's value.
    public var first: First
    /// The second column's value.
    public var second: Second

    /// A key from its values.
    public init(_ first: First, _ second: Second) {
        self.first = first
        self.second = second
    }

    /// Both values.
    public var keyValues: [Value] { [first.databaseValue, second.databaseValue] }

    /// Reads two columns.
    @inlinable
    public init(key row: inout RowReader) throws(DatabaseError) {
        self.init(try row.next(), try row.next())
    }
}

extension CompositeKey: SendableMetatype {}
