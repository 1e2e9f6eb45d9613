/// A type whose values can be bound as parameters.
///
/// Conforming needs one property:
///
/// ```swift
/// struct CustomerID: DatabaseEncodable {
///     var number: Int64
///     var databaseValue: Value { .int(number) }
/// }
/// ```
public protocol DatabaseEncodable {
    /// The value to bind.
    var databaseValue: Value { get }

    /// Writes the value as the next cell of a row. The default goes through ``databaseValue``; types that are bound by the
    /// million write their cell directly.
    func encode(into row: inout RowBatchBuilder)
}

extension DatabaseEncodable {
    /// Writes ``databaseValue`` as the next cell.
    @inlinable
    public func encode(into row: inout RowBatchBuilder) {
        row.append(databaseValue)
    }
}
