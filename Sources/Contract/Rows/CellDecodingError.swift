/// Why one cell could not be decoded. ``RowReader`` turns it into a ``DatabaseError`` that names the column.
@frozen
public enum CellDecodingError: Error, Sendable, Hashable {
    /// The cell holds another kind of value.
    case typeMismatch
    /// The cell holds `NULL`, the type has no place for it.
    case unexpectedNull
    /// The value exists but does not fit the type.
    case valueOutOfRange
    /// The value's text or bytes cannot be read as the type.
    case malformed
    /// A timestamp without a zone was asked for as a point in time.
    case missingTimeZone
}

extension CellDecodingError {
    @inlinable
    static func mismatch(_ cell: borrowing CellView) -> CellDecodingError {
        cell.isNull ? .unexpectedNull : .typeMismatch
    }

    /// The error for a column of a result.
    @usableFromInline
    func error(column index: Int, in columns: ColumnList, found: ValueKind, wanted: Any.Type) -> DatabaseError {
        let name = index < columns.count ? columns[index].name : "\(index + 1)"
        let column = "Column \"\(name)\" (\(index + 1) of \(columns.count))"
        let error: DatabaseError
        switch self {
        case .typeMismatch:
            error = DatabaseError(
                .data,
                .typeMismatch,
                "\(column) holds \(found), which cannot be decoded as \(wanted).",
                hint: "Ask for a matching type, or cast the column in the statement."
            )
        case .unexpectedNull:
            error = DatabaseError(
                .data,
                .unexpectedNull,
                "\(column) holds NULL, which cannot be decoded as \(wanted).",
                hint: "Ask for \(wanted)? or exclude NULL in the statement."
            )
        case .valueOutOfRange:
            error = DatabaseError(
                .data,
                .valueOutOfRange,
                "\(column) holds a value of type \(found) that does not fit \(wanted).",
                hint: "Ask for a wider type."
            )
        case .malformed:
            error = DatabaseError(
                .data,
                .malformedValue,
                "\(column) holds \(found) that cannot be read as \(wanted).",
                hint: "Decode it as String or [UInt8] to see what is stored."
            )
        case .missingTimeZone:
            error = DatabaseError(
                .data,
                .typeMismatch,
                "\(column) holds a timestamp without time zone, which is not a point in time as \(wanted) is.",
                hint: "Decode LocalDateTime and say the offset: .instant(utcOffset: 0)."
            )
        }
        return error.concerning(column: name)
    }
}
