import NIOCore
import Roost

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Writes values in the binary format of `COM_STMT_EXECUTE`.
enum ParameterEncoding {
    /// Writes which values are NULL, and the types and bytes of the others.
    static func write(_ values: [Value], to buffer: inout ByteBuffer) throws(DatabaseError) {
        guard !values.isEmpty else { return }
        for first in stride(from: 0, to: values.count, by: 8) {
            var nulls: UInt8 = 0
            for index in first..<min(first + 8, values.count) where values[index].isNull {
                nulls |= 1 << UInt8(index - first)
            }
            buffer.writeInteger(nulls)
        }
        // The types follow: they may be others than the last time.
        buffer.writeInteger(UInt8(1))
        for value in values { writeType(of: value, to: &buffer) }
        for value in values { try write(value, to: &buffer) }
    }

    /// A type's number and, in the second byte, whether it is unsigned.
    private static func writeType(of value: Value, to buffer: inout ByteBuffer) {
        let type: MySQLType =
            switch value {
            case .null: .null
            case .bool: .tiny
            case .int, .uint: .longLong
            case .float: .float
            case .double: .double
            case .decimal: .newDecimal
            case .bytes: .longBlob
            case .date: .date
            case .time: .time
            case .timestamp, .timestampTZ: .dateTime
            case .interval(let interval): isTime(interval) ? .time : .varString
            case .array(let elements): isVector(elements) ? .longBlob : .varString
            case .text, .timeTZ, .uuid, .json, .object: .varString
            }
        var isUnsigned = false
        if case .uint = value { isUnsigned = true }
        buffer.writeMultipleIntegers(type.rawValue, UInt8(isUnsigned ? 0x80 : 0))
    }

    static func write(_ value: Value, to buffer: inout ByteBuffer) throws(DatabaseError) {
        switch value {
        case .null: break
        case .bool(let flag): buffer.writeInteger(UInt8(flag ? 1 : 0))
        case .int(let number): buffer.writeInteger(number, endianness: .little)
        case .uint(let number): buffer.writeInteger(number, endianness: .little)
        case .float(let number): buffer.writeInteger(try finite(number).bitPattern, endianness: .little)
        case .double(let number): buffer.writeInteger(try finite(number).bitPattern, endianness: .little)
        case .decimal(let number):
            guard number.isFinite else { throw notFinite }
            buffer.writeLengthEncoded(number.description)
        case .text(let text): buffer.writeLengthEncoded(text)
        case .json(let json): buffer.writeLengthEncoded(json.text)
        case .uuid(let uuid): buffer.writeLengthEncoded(uuid.uuidString.lowercased())
        case .bytes(let bytes): bytes.withUnsafeBytes { buffer.writeLengthEncoded($0) }
        case .date(let date):
            guard date.isFinite, (0...9_999).contains(date.year) else { throw outOfRange("date") }
            buffer.writeInteger(UInt8(4))
            write(date, to: &buffer)
        case .time(let time):
            guard time.nanosecond % 1_000 == 0 else { throw tooPrecise }
            write(microseconds: time.nanosecondsSinceMidnight / 1_000, to: &buffer)
        case .interval(let interval) where isTime(interval):
            write(microseconds: interval.microseconds, to: &buffer)
        case .timestamp(let moment):
            try write(moment, to: &buffer)
        case .timestampTZ(let instant):
            guard instant.isFinite else { throw outOfRange("timestamp") }
            // The session's time zone is UTC.
            try write(
                LocalDateTime(
                    microsecondsSinceEpoch: instant.microsecondsSinceEpoch,
                    nanosecondRemainder: instant.nanosecondRemainder
                ),
                to: &buffer
            )
        case .array(let elements) where isVector(elements):
            buffer.writeLengthEncoded(elements.count * 4)
            for case .float(let number) in elements { buffer.writeInteger(number.bitPattern, endianness: .little) }
        case .interval, .timeTZ: buffer.writeLengthEncoded(value.text ?? "")
        case .array, .object:
            throw DatabaseError(
                .notSupported,
                .notSupported,
                "Arrays and objects cannot be bound: MySQL and MariaDB have no such types.",
                hint: "Bind JSON, or an array of floats for a vector.",
                sqlState: "0A000",
                engine: MySQLErrors.engine
            )
        }
    }

    private static func finite<Number: BinaryFloatingPoint>(_ number: Number) throws(DatabaseError) -> Number {
        guard number.isFinite else { throw notFinite }
        return number
    }

    static func isTime(_ interval: Interval) -> Bool {
        // TIME reaches from -838:59:59 to 838:59:59.
        interval.months == 0 && interval.days == 0 && abs(interval.microseconds / 1_000_000) <= 838 * 3_600 + 3_599
    }

    static func isVector(_ elements: [Value]) -> Bool {
        !elements.isEmpty && elements.allSatisfy { if case .float = $0 { true } else { false } }
    }

    // MARK: Dates and times ("Binary Protocol Value")

    private static func write(_ date: LocalDate, to buffer: inout ByteBuffer) {
        buffer.writeInteger(UInt16(truncatingIfNeeded: date.year), endianness: .little)
        buffer.writeMultipleIntegers(UInt8(truncatingIfNeeded: date.month), UInt8(truncatingIfNeeded: date.day))
    }

    private static func write(_ moment: LocalDateTime, to buffer: inout ByteBuffer) throws(DatabaseError) {
        let (date, time) = (moment.date, moment.time)
        guard moment.isFinite, (0...9_999).contains(date.year) else { throw outOfRange("timestamp") }
        guard moment.nanosecondRemainder == 0 else { throw tooPrecise }
        let microsecond = UInt32(truncatingIfNeeded: time.nanosecond / 1_000)
        buffer.writeInteger(UInt8(microsecond == 0 ? 7 : 11))
        write(date, to: &buffer)
        buffer.writeMultipleIntegers(
            UInt8(truncatingIfNeeded: time.hour),
            UInt8(truncatingIfNeeded: time.minute),
            UInt8(truncatingIfNeeded: time.second)
        )
        if microsecond != 0 { buffer.writeInteger(microsecond, endianness: .little) }
    }

    private static func write(microseconds: Int64, to buffer: inout ByteBuffer) {
        let magnitude = microseconds.magnitude
        let fraction = UInt32(truncatingIfNeeded: magnitude % 1_000_000)
        let seconds = magnitude / 1_000_000
        buffer.writeMultipleIntegers(UInt8(fraction == 0 ? 8 : 12), UInt8(microseconds < 0 ? 1 : 0))
        buffer.writeInteger(UInt32(truncatingIfNeeded: seconds / 86_400), endianness: .little)
        buffer.writeMultipleIntegers(
            UInt8(truncatingIfNeeded: seconds / 3_600 % 24),
            UInt8(truncatingIfNeeded: seconds / 60 % 60),
            UInt8(truncatingIfNeeded: seconds % 60)
        )
        if fraction != 0 { buffer.writeInteger(fraction, endianness: .little) }
    }

    // MARK: Errors

    static var notFinite: DatabaseError {
        DatabaseError(
            .data,
            .valueOutOfRange,
            "NaN and the infinities cannot be bound: MySQL and MariaDB have no such numbers.",
            sqlState: "22003",
            engine: MySQLErrors.engine
        )
    }

    static var tooPrecise: DatabaseError {
        DatabaseError(
            .data,
            .valueOutOfRange,
            "A time is more precise than a microsecond, which is the finest MySQL and MariaDB keep.",
            hint: "Round it first.",
            sqlState: "22008",
            engine: MySQLErrors.engine
        )
    }

    static func outOfRange(_ what: String) -> DatabaseError {
        DatabaseError(
            .data,
            .valueOutOfRange,
            "A \(what) is outside the years 0 to 9999, which are all MySQL and MariaDB keep.",
            sqlState: "22008",
            engine: MySQLErrors.engine
        )
    }
}
