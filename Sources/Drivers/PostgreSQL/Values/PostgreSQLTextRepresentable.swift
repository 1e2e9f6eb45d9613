public import Roost

/// A type with the text PostgreSQL's input and output functions have for it: what a range's bounds, a composite's fields and an
/// array's elements are in text.
///
/// Types that are `LosslessStringConvertible` need nothing more when their description is that text.
public protocol PostgreSQLTextRepresentable: Sendable {
    /// Reads the text, in UTF-8; nil for anything that is none. The bytes come from outside: they may be anything, of any length.
    init?(postgreSQLText utf8: UnsafeRawBufferPointer)

    /// The text PostgreSQL reads.
    var postgreSQLText: String { get }

    /// What stands between elements in the text of an array: the type's `typdelim`, a comma for nearly all.
    static var arrayDelimiter: UInt8 { get }
}

extension PostgreSQLTextRepresentable {
    public static var arrayDelimiter: UInt8 { UInt8(ascii: ",") }

    /// Reads the text; nil for anything that is none.
    public init?(postgreSQLText text: String) {
        var text = text
        guard let value = text.withUTF8({ Self(postgreSQLText: UnsafeRawBufferPointer($0)) }) else { return nil }
        self = value
    }
}

extension PostgreSQLTextRepresentable where Self: LosslessStringConvertible {
    public init?(postgreSQLText utf8: UnsafeRawBufferPointer) {
        guard let text = String(validating: utf8, as: UTF8.self) else { return nil }
        self.init(text)
    }

    public var postgreSQLText: String { description }
}

/// A value of a PostgreSQL type that the contract's ``Value`` has no case for: it is bound as text, which the server takes for the type
/// that is asked for where it stands, and read from the server's text.
///
/// Types of extensions, such as `ltree`, take two members:
///
/// ```swift
/// struct LabelPath: PostgreSQLTextValue {
///     var labels: [Substring]
///     init?(postgreSQLText utf8: UnsafeRawBufferPointer) {
///         labels = String(decoding: utf8, as: UTF8.self).split(separator: ".")
///     }
///     var postgreSQLText: String { labels.joined(separator: ".") }
/// }
/// ```
public protocol PostgreSQLTextValue: PostgreSQLTextRepresentable, DatabaseEncodable, DatabaseDecodable,
    LosslessStringConvertible
{}

extension PostgreSQLTextValue {
    /// The text PostgreSQL reads.
    public var description: String { postgreSQLText }

    /// Reads what ``PostgreSQLTextRepresentable/init(postgreSQLText:)`` reads.
    public init?(_ text: String) { self.init(postgreSQLText: text) }

    /// The text; the server infers its type.
    public var databaseValue: Value { .text(postgreSQLText) }

    /// Writes the text as the next cell.
    public func encode(into row: inout RowBatchBuilder) { row.append(postgreSQLText) }

    /// Reads the text of a cell.
    public static func decode(_ cell: borrowing CellView) throws(CellDecodingError) -> Self {
        guard cell.kind == .text else { throw cell.isNull ? .unexpectedNull : .typeMismatch }
        guard let value = cell.withBytes({ Self(postgreSQLText: $0) }) else { throw .malformed }
        return value
    }
}
