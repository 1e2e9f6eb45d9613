#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

extension CellView {
    /// What `parse` makes of a text cell.
    @inlinable
    func parsed<T>(_ parse: (UnsafeRawBufferPointer) -> T?) throws(CellDecodingError) -> T {
        guard kind == .text else { throw .mismatch(self) }
        guard let value = withBytes({ parse($0) }) else { throw .malformed }
        return value
    }
}

extension LocalDate: DatabaseDecodable {
    /// Reads a date, or its ISO 8601 text.
    public static func decode(_ cell: borrowing CellView) throws(CellDecodingError) -> LocalDate {
        if cell.kind == .date { return cell.date }
        return try cell.parsed { LocalDate(utf8: $0) }
    }
}

extension LocalTime: DatabaseDecodable {
    /// Reads a time of day, or its ISO 8601 text.
    public static func decode(_ cell: borrowing CellView) throws(CellDecodingError) -> LocalTime {
        if cell.kind == .time { return cell.time }
        return try cell.parsed { LocalTime(utf8: $0) }
    }
}

extension OffsetTime: DatabaseDecodable {
    /// Reads a time of day with its offset, or its ISO 8601 text.
    public static func decode(_ cell: borrowing CellView) throws(CellDecodingError) -> OffsetTime {
        if cell.kind == .timeTZ { return OffsetTime(time: cell.time, utcOffset: Int32(bitPattern: cell.cell.length)) }
        return try cell.parsed { OffsetTime(utf8: $0) }
    }
}

extension LocalDateTime: DatabaseDecodable {
    /// Reads a timestamp without a zone, or its ISO 8601 text. One with a zone is refused: which clock should it be read on?
    @inlinable
    public static func decode(_ cell: borrowing CellView) throws(CellDecodingError) -> LocalDateTime {
        if cell.kind == .timestamp { return cell.timestamp }
        return try cell.parsed { LocalDateTime(utf8: $0) }
    }
}

extension Instant: DatabaseDecodable {
    /// Reads a timestamp with a zone, or its ISO 8601 text; one without a zone only where the engine defines it as UTC.
    @inlinable
    public static func decode(_ cell: borrowing CellView) throws(CellDecodingError) -> Instant {
        switch cell.kind {
        case .timestampTZ: return cell.instant
        case .timestamp:
            guard cell.flags.contains(.utc) else { throw .missingTimeZone }
            return cell.instant
        default: return try cell.parsed { Instant(utf8: $0) }
        }
    }
}

extension Date: DatabaseDecodable {
    /// Reads what ``Instant`` reads, in double precision.
    @inlinable
    public static func decode(_ cell: borrowing CellView) throws(CellDecodingError) -> Date {
        try Instant.decode(cell).foundationDate
    }
}

extension Interval: DatabaseDecodable {
    /// Reads an interval, or its ISO 8601 text.
    public static func decode(_ cell: borrowing CellView) throws(CellDecodingError) -> Interval {
        if cell.kind == .interval { return cell.interval }
        guard cell.kind == .text else { throw .mismatch(cell) }
        guard let value = cell.string.flatMap({ Interval($0) }) else { throw .malformed }
        return value
    }
}
