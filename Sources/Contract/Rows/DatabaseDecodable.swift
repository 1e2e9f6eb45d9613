/// A type that can be read from one cell of a row.
///
/// The standard conformances are strict: a value is converted only where nothing is lost, and `NULL` only becomes `Optional`.
/// Types of an application usually wrap one of them:
///
/// ```swift
/// struct CustomerID: DatabaseDecodable {
///     var number: Int64
///     static func decode(_ cell: borrowing CellView) throws(CellDecodingError) -> CustomerID {
///         CustomerID(number: try Int64.decode(cell))
///     }
/// }
/// ```
public protocol DatabaseDecodable {
    /// Reads the cell.
    ///
    /// - Throws: what is wrong with the cell; the caller adds the column's name and both types.
    static func decode(_ cell: borrowing CellView) throws(CellDecodingError) -> Self
}

/// A type that can be bound and read back.
public typealias DatabaseCodable = DatabaseDecodable & DatabaseEncodable

extension Optional: DatabaseDecodable where Wrapped: DatabaseDecodable {
    /// nil for `NULL`, otherwise the wrapped type's value.
    @inlinable
    @inline(__always)
    public static func decode(_ cell: borrowing CellView) throws(CellDecodingError) -> Wrapped? {
        if cell.isNull { return nil }
        return try Wrapped.decode(cell)
    }
}

extension Value: DatabaseDecodable {
    /// Any cell as a value.
    public static func decode(_ cell: borrowing CellView) throws(CellDecodingError) -> Value {
        cell.value
    }
}

extension Array: DatabaseDecodable where Element: DatabaseDecodable {
    /// The elements of an array cell; for `[UInt8]` the bytes of a bytes cell.
    @inlinable
    public static func decode(_ cell: borrowing CellView) throws(CellDecodingError) -> [Element] {
        if cell.kind == .bytes, Element.self == UInt8.self {
            // The types are one and the same here; a conditional cast would look at every byte.
            return unsafeBitCast(cell.byteArray, to: [Element].self)
        }
        guard cell.kind == .array else { throw .mismatch(cell) }
        var elements: [Element] = []
        elements.reserveCapacity(cell.elementCount)
        try cell.forEachElement { (element: borrowing CellView) throws(CellDecodingError) in
            elements.append(try Element.decode(element))
        }
        return elements
    }
}

extension DatabaseDecodable where Self: RawRepresentable, RawValue: DatabaseDecodable {
    /// The case with this raw value; an unknown raw value is an error.
    @inlinable
    public static func decode(_ cell: borrowing CellView) throws(CellDecodingError) -> Self {
        guard let value = Self(rawValue: try RawValue.decode(cell)) else { throw .malformed }
        return value
    }
}
