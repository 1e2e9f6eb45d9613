import CSQLite
import Roost

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

extension RowBatchBuilder {
    /// Appends one column of the statement's current row.
    @inline(__always)
    mutating func append(_ statement: OpaquePointer, column: Int32, plan: ColumnPlan) {
        // The connection is opened without a mutex and used by one thread, where SQLite makes no difference between protected
        // and unprotected values; the sqlite3_value functions spare the checks the sqlite3_column ones repeat on each call.
        let value = sqlite3_column_value(statement, column)
        switch sqlite3_value_type(value) {
        case SQLITE_INTEGER:
            let number = sqlite3_value_int64(value)
            if plan.meaning == .plain { append(number) } else { append(number, meaning: plan.meaning) }
        case SQLITE_FLOAT:
            let number = sqlite3_value_double(value)
            if plan.meaning == .decimal {
                append(BigDecimal(number).description, kind: .decimal)
            } else {
                append(number)
            }
        case SQLITE_TEXT:
            // The text must be asked for before its length: the call may convert it.
            let start = sqlite3_value_text(value)
            let bytes = UnsafeRawBufferPointer(start: start, count: Int(sqlite3_value_bytes(value)))
            if plan.meaning == .plain { append(.text, copying: bytes) } else { append(bytes, meaning: plan.meaning) }
        case SQLITE_BLOB:
            let start = sqlite3_value_blob(value)
            let bytes = UnsafeRawBufferPointer(start: start, count: Int(sqlite3_value_bytes(value)))
            append(plan.meaning == .uuid && bytes.count == 16 ? .uuid : .bytes, copying: bytes)
        default:
            appendNull()
        }
    }

    private mutating func append(_ number: Int64, meaning: ColumnPlan.Meaning) {
        switch meaning {
        case .bool where number == 0 || number == 1: append(number == 1)
        case .decimal: append("\(number)", kind: .decimal)
        case .json: append("\(number)", kind: .json)
        default: append(number)
        }
    }

    private mutating func append(_ bytes: UnsafeRawBufferPointer, meaning: ColumnPlan.Meaning) {
        switch meaning {
        case .timestamp:
            if let value = LocalDateTime(utf8: bytes) { return append(value, flags: .utc) }
            if let value = Instant(utf8: bytes) { return append(value) }
        case .timestampTZ:
            if let value = Instant(utf8: bytes) { return append(value) }
            if let value = LocalDateTime(utf8: bytes) { return append(value, flags: .utc) }
        case .date:
            if let value = LocalDate(utf8: bytes) { return append(value) }
        case .time:
            if let value = LocalTime(utf8: bytes) { return append(value) }
            if let value = OffsetTime(utf8: bytes) { return append(value) }
        case .interval:
            if let value = Interval(String(decoding: bytes, as: UTF8.self)) { return append(value) }
        case .uuid:
            if bytes.count == 36, let value = UUID(uuidString: String(decoding: bytes, as: UTF8.self)) {
                return append(value)
            }
        case .decimal:
            if BigDecimal(utf8: bytes) != nil { return append(.decimal, copying: bytes) }
        case .json:
            return append(.json, copying: bytes)
        case .plain, .bool:
            break
        }
        append(.text, copying: bytes)
    }
}
