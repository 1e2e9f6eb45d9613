/// What `CommandComplete` says a statement did (PostgreSQL documentation, "Message Formats"): `SELECT 3`, `INSERT 0 1`, …
///
/// Read from the bytes, since every statement ends with one.
enum CommandTag: Equatable {
    /// So many rows were inserted, updated, deleted, merged, moved or copied.
    case changed(Int)
    /// Every prepared statement is gone.
    case discardedStatements
    /// Types were made, changed or dropped.
    case changedTypes
    case other

    /// Nil when the text does not end.
    init?(_ body: UnsafeRawBufferPointer) {
        guard body.last == 0 else { return nil }
        let text = body.dropLast()
        if text.contains(0) { return nil }
        func begins(_ word: StaticString) -> Bool {
            text.count >= word.utf8CodeUnitCount
                && text.prefix(word.utf8CodeUnitCount).elementsEqual(
                    UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount)
                )
        }
        switch text.first {
        case UInt8(ascii: "I") where begins("INSERT "), UInt8(ascii: "U") where begins("UPDATE "),
            UInt8(ascii: "D") where begins("DELETE "), UInt8(ascii: "M") where begins("MERGE ") || begins("MOVE "),
            UInt8(ascii: "C") where begins("COPY "):
            var count = 0
            for byte in text[(text.lastIndex(of: 0x20) ?? text.startIndex)...].dropFirst() {
                let digit = Int(byte &- 0x30)
                let (shifted, isTooLong) = count.multipliedReportingOverflow(by: 10)
                guard digit < 10, !isTooLong, shifted <= Int.max - digit else {
                    self = .other
                    return
                }
                count = shifted + digit
            }
            self = .changed(count)
        case UInt8(ascii: "D") where begins("DISCARD ALL") || begins("DEALLOCATE ALL"):
            self = .discardedStatements
        case UInt8(ascii: "C") where begins("CREATE TYPE") || begins("CREATE DOMAIN") || begins("CREATE EXTENSION"),
            UInt8(ascii: "A") where begins("ALTER TYPE") || begins("ALTER DOMAIN"),
            UInt8(ascii: "D") where begins("DROP TYPE") || begins("DROP DOMAIN") || begins("DROP EXTENSION"):
            self = .changedTypes
        default:
            self = .other
        }
    }
}
