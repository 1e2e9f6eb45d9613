import CSQLite
import Roost

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Binds values to a prepared statement, in the mapping the documentation gives for each kind.
///
/// | kind | stored as |
/// |---|---|
/// | bool | integer 0 or 1 |
/// | int, uint up to Int64.max | integer |
/// | float, double | real; NaN is refused, SQLite would store `NULL` |
/// | decimal | text, exactly; the column needs text affinity (`DECIMAL_TEXT`) to keep it |
/// | date, time, timestamp | ISO 8601 text with six digits of fraction, which sorts like the values |
/// | timestamp with zone | the same in UTC with a `Z` |
/// | interval | ISO 8601 duration |
/// | uuid | 36 characters of text |
/// | json | text |
/// | bytes | blob |
struct ParameterBinding {
    let statement: OpaquePointer

    func bind(_ value: Value, at index: Int32) throws(DatabaseError) {
        let status: Int32
        switch value {
        case .null: status = sqlite3_bind_null(statement, index)
        case .bool(let value): status = sqlite3_bind_int64(statement, index, value ? 1 : 0)
        case .int(let value): status = sqlite3_bind_int64(statement, index, value)
        case .uint(let value): status = try bind(unsigned: value, at: index)
        case .float(let value): status = try bind(real: Double(value), at: index)
        case .double(let value): status = try bind(real: value, at: index)
        case .text(let value): status = bind(text: value, at: index)
        case .decimal(let value): status = bind(text: value.description, at: index)
        case .json(let value): status = bind(text: value.text, at: index)
        case .uuid(let value): status = bind(text: value.uuidString.lowercased(), at: index)
        case .interval(let value): status = bind(text: value.description, at: index)
        case .timeTZ(let value): status = bind(text: value.description, at: index)
        case .date(let value): status = bind(at: index) { value.write(to: $0) }
        case .time(let value): status = bind(at: index) { value.write(to: $0, isFixed: true) }
        case .timestamp(let value): status = bind(at: index) { value.write(to: $0, separator: 0x20, isFixed: true) }
        case .timestampTZ(let value): status = bind(at: index) { value.write(to: $0, separator: 0x20, isFixed: true) }
        case .bytes(let value):
            status = value.withUnsafeBytes { bytes in
                guard let start = bytes.baseAddress, !bytes.isEmpty else {
                    return sqlite3_bind_zeroblob(statement, index, 0)
                }
                return roost_sqlite3_bind_blob_copied(statement, index, start, UInt64(bytes.count))
            }
        case .array, .object:
            throw DatabaseError(
                .notSupported,
                .notSupported,
                "SQLite has no \(value.kind) values (parameter \(index)).",
                hint: "Bind JSON instead.",
                engine: SQLiteDriver.engineName
            )
        }
        try check(status, at: index)
    }

    /// Room for a text that is made for each parameter.
    static func makeTexts(_ count: Int) -> UnsafeMutableRawBufferPointer {
        .allocate(byteCount: max(count, 1) * TemporalFormat.maximumTextLength, alignment: 8)
    }

    /// Binds a cell of a batch that outlives the execution, as `texts` does: text and bytes are not copied.
    @inline(__always)
    func bind(
        _ cell: Cell,
        heap: UnsafeRawPointer,
        texts: UnsafeMutableRawBufferPointer,
        at index: Int32
    ) throws(DatabaseError) {
        let status: Int32
        switch cell.kind {
        case .null: status = sqlite3_bind_null(statement, index)
        case .bool, .int: status = sqlite3_bind_int64(statement, index, Int64(bitPattern: cell.payload))
        case .double: status = try bind(real: Double(bitPattern: cell.payload), at: index)
        case .text, .json, .decimal:
            let start = (heap + Int(truncatingIfNeeded: cell.payload)).assumingMemoryBound(to: CChar.self)
            status = roost_sqlite3_bind_text_static(statement, index, start, UInt64(cell.length))
        case .bytes where cell.length > 0:
            let start = heap + Int(truncatingIfNeeded: cell.payload)
            status = roost_sqlite3_bind_blob_static(statement, index, start, UInt64(cell.length))
        case .timestamp:
            let value = LocalDateTime(
                microsecondsSinceEpoch: Int64(bitPattern: cell.payload),
                nanosecondRemainder: cell.extra
            )
            status = bind(in: texts, at: index) { value.write(to: $0, separator: 0x20, isFixed: true) }
        case .timestampTZ:
            let value = Instant(
                microsecondsSinceEpoch: Int64(bitPattern: cell.payload),
                nanosecondRemainder: cell.extra
            )
            status = bind(in: texts, at: index) { value.write(to: $0, separator: 0x20, isFixed: true) }
        default:
            return try bind(CellView.value(of: cell, heap: heap), at: index)
        }
        try check(status, at: index)
    }

    @inline(__always)
    private func check(_ status: Int32, at index: Int32) throws(DatabaseError) {
        guard status == SQLITE_OK else { throw SQLiteErrors.last(sqlite3_db_handle(statement), code: status) }
    }

    private func bind(unsigned value: UInt64, at index: Int32) throws(DatabaseError) -> Int32 {
        guard let exact = Int64(exactly: value) else {
            throw DatabaseError(
                .data,
                .valueOutOfRange,
                "Parameter \(index) is an unsigned integer above the 64-bit signed range of SQLite.",
                hint: "Bind it as text or as a decimal.",
                sqlState: "22003",
                engine: SQLiteDriver.engineName
            )
        }
        return sqlite3_bind_int64(statement, index, exact)
    }

    @inline(__always)
    private func bind(real value: Double, at index: Int32) throws(DatabaseError) -> Int32 {
        if _slowPath(value.isNaN) {
            throw DatabaseError(
                .data,
                .valueOutOfRange,
                "Parameter \(index) is NaN, which SQLite would store as NULL.",
                hint: "Bind NULL if that is meant.",
                sqlState: "22003",
                engine: SQLiteDriver.engineName
            )
        }
        return sqlite3_bind_double(statement, index, value)
    }

    private func bind(text: String, at index: Int32) -> Int32 {
        var text = text
        return text.withUTF8 { bytes in
            guard let start = bytes.baseAddress else { return roost_sqlite3_bind_text_static(statement, index, "", 0) }
            return start.withMemoryRebound(to: CChar.self, capacity: bytes.count) {
                roost_sqlite3_bind_text_copied(statement, index, $0, UInt64(bytes.count))
            }
        }
    }

    /// Binds what `write` writes into the parameter's part of `texts`.
    @inline(__always)
    private func bind(
        in texts: UnsafeMutableRawBufferPointer,
        at index: Int32,
        _ write: (UnsafeMutableRawBufferPointer) -> Int
    ) -> Int32 {
        let length = TemporalFormat.maximumTextLength
        let text = UnsafeMutableRawBufferPointer(rebasing: texts[Int(index - 1) * length..<Int(index) * length])
        let count = write(text)
        let start = text.baseAddress?.assumingMemoryBound(to: CChar.self)
        return roost_sqlite3_bind_text_static(statement, index, start, UInt64(count))
    }

    private func bind(at index: Int32, _ write: (UnsafeMutableRawBufferPointer) -> Int) -> Int32 {
        withUnsafeTemporaryAllocation(byteCount: TemporalFormat.maximumTextLength, alignment: 8) { buffer in
            let count = write(buffer)
            return roost_sqlite3_bind_text_copied(
                statement,
                index,
                buffer.baseAddress?.assumingMemoryBound(to: CChar.self),
                UInt64(count)
            )
        }
    }
}
