public import Roost

/// An embedded struct that may be missing, as a property `Label?`: all of its columns are `NULL` then.
///
/// ```swift
/// extension Label: OptionalEmbedded {
///     static var columnCount: Int { 2 }
///     init?(ifPresent row: inout RowReader) throws(DatabaseError) {
///         let name = try row.next(String?.self)
///         city = try row.next()
///         guard let name else { return nil }
///         self.name = name
///     }
/// }
/// ```
public protocol OptionalEmbedded: Embedded {
    /// How many columns it has.
    static var columnCount: Int { get }
    /// Reads its columns, all of them in any case; nil where they hold no such struct.
    init?(ifPresent row: inout RowReader) throws(DatabaseError)
}

extension OptionalEmbedded {
    /// Reads its columns.
    ///
    /// - Throws: `data.unexpectedNull` where they hold no such struct.
    public init(from row: inout RowReader) throws(DatabaseError) {
        guard let value = try Self(ifPresent: &row) else {
            throw DatabaseError(
                .data,
                .unexpectedNull,
                "The columns of a \(Self.self) are NULL.",
                hint: "Read it as an optional: row.nextEmbedded(\(Self.self)?.self)."
            )
        }
        self = value
    }
}

extension DatabaseError {
    /// Some columns of an embedded struct are `NULL` and others are not, so that it is neither there nor missing: what
    /// ``OptionalEmbedded/init(ifPresent:)`` may throw.
    public static func incomplete<E: OptionalEmbedded>(_ type: E.Type) -> DatabaseError {
        DatabaseError(
            .data,
            .unexpectedNull,
            "Some of the columns of a \(E.self) are NULL that it cannot do without, and others are not.",
            hint: "Set all of its columns to NULL where it is missing; a CHECK constraint can see to that."
        )
    }
}

extension RowReader {
    /// Reads the next columns, which hold an embedded struct or nothing but `NULL`.
    public mutating func nextEmbedded<E: OptionalEmbedded>(_ type: E?.Type = E?.self) throws(DatabaseError) -> E? {
        try E(ifPresent: &self)
    }
}

extension ColumnWriter {
    /// Writes the columns of an embedded struct; nil as `NULL` in each of them.
    public mutating func write<E: OptionalEmbedded>(_ embedded: E?) {
        guard let embedded else {
            for _ in 0..<E.columnCount { write(Int?.none) }
            return
        }
        embedded.write(to: &self)
    }
}
