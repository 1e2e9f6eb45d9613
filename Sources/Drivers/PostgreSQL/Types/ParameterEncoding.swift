import NIOCore
import Roost

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// How values are bound.
///
/// A value's own kind says under which type it is sent, so that a statement's first use needs no round trip to ask the server:
/// numbers, times, booleans and bytes carry their type and travel in binary; text, JSON and arrays of text are left to the server
/// to infer from where they stand, as it does with quoted literals, and travel as text.
enum ParameterEncoding {
    /// The type a value is declared as.
    static func type(of value: Value) -> PostgreSQLType {
        switch value {
        case .int(let number): Int32(exactly: number) != nil ? .int4 : .int8
        case .uint(let number): number <= UInt64(Int64.max) ? .int8 : .numeric
        case .array(let elements): arrayType(of: elements)
        default: type(ofKind: value.kind)
        }
    }

    /// The type values of a kind are declared as; integers as the widest.
    static func type(ofKind kind: ValueKind) -> PostgreSQLType {
        switch kind {
        case .bool: .bool
        case .int: .int8
        case .uint, .decimal: .numeric
        case .float: .float4
        case .double: .float8
        case .bytes: .bytea
        case .date: .date
        case .time: .time
        case .timeTZ: .timetz
        case .timestamp: .timestamp
        case .timestampTZ: .timestamptz
        case .interval: .interval
        case .uuid: .uuid
        case .null, .text, .json, .array, .object: .unspecified
        }
    }

    private static func arrayType(of elements: [Value]) -> PostgreSQLType {
        var found: PostgreSQLType?
        for element in elements where element != .null {
            let type: PostgreSQLType
            if case .array(let inner) = element {
                let innerType = arrayType(of: inner)
                if innerType == .unspecified { return .unspecified }
                if let found, found != innerType { return .unspecified }
                found = innerType
                continue
            }
            switch element.kind {
            case .int: type = PostgreSQLType(1016)
            case .double: type = PostgreSQLType(1022)
            case .bool: type = PostgreSQLType(1000)
            case .uuid: type = PostgreSQLType(2951)
            case .date: type = PostgreSQLType(1182)
            case .timestamp: type = PostgreSQLType(1115)
            case .timestampTZ: type = PostgreSQLType(1185)
            case .decimal: type = PostgreSQLType(1231)
            case .bytes: type = PostgreSQLType(1001)
            default: return .unspecified
            }
            if let found, found != type { return .unspecified }
            found = type
        }
        return found ?? .unspecified
    }

    /// Whether a value may be bound to a parameter declared as this type.
    static func fits(_ value: Value, _ type: PostgreSQLType) -> Bool {
        // What is left to the server takes everything as text.
        if type == .unspecified || value.isNull { return type != .unspecified || isTextual(value) || value.isNull }
        let own = self.type(of: value)
        return own == type || (own == .int4 && type == .int8)
    }

    private static func isTextual(_ value: Value) -> Bool { type(of: value) == .unspecified }

    /// Whether values of this type travel in binary.
    static func isBinary(_ type: PostgreSQLType) -> Bool {
        switch type {
        case .bool, .int4, .int8, .float4, .float8, .bytea, .date, .time, .timetz, .timestamp, .timestamptz, .interval,
            .uuid:
            true
        default: false
        }
    }

    /// Writes a parameter of a `Bind` message: its length and its bytes.
    ///
    /// - Throws: `data.valueOutOfRange` for a time finer than PostgreSQL's microsecond.
    static func write(
        _ value: Value,
        as type: PostgreSQLType,
        to buffer: inout ByteBuffer
    ) throws(DatabaseError) {
        switch (type, value) {
        case (_, .null): buffer.writeInteger(Int32(-1))
        case (.int4, .int(let number)): write(Int32(truncatingIfNeeded: number), to: &buffer)
        case (.int8, .int(let number)): write(number, to: &buffer)
        case (.int8, .uint(let number)): write(number, to: &buffer)
        case (.bool, .bool(let flag)): write(UInt8(flag ? 1 : 0), to: &buffer)
        case (.float8, .double(let number)): write(number.bitPattern, to: &buffer)
        case (.float4, .float(let number)): write(number.bitPattern, to: &buffer)
        case (_, .text(let text)): writeText(text, to: &buffer)
        case (.bytea, .bytes(let bytes)):
            buffer.writeInteger(Int32(truncatingIfNeeded: bytes.count))
            buffer.writeBytes(bytes)
        case (.timestamp, .timestamp(let time)):
            write(try micros(time.microsecondsSinceEpoch, time.nanosecondRemainder), to: &buffer)
        case (.timestamptz, .timestampTZ(let time)):
            write(try micros(time.microsecondsSinceEpoch, time.nanosecondRemainder), to: &buffer)
        case (.date, .date(let date)):
            let days = Int64(date.daysSinceEpoch) - (date.isFinite ? RowDecoder.epochDays : 0)
            guard let exact = Int32(exactly: days) else { throw outOfRange }
            write(exact, to: &buffer)
        case (.time, .time(let time)): write(try micros(time), to: &buffer)
        case (.timetz, .timeTZ(let time)):
            buffer.writeInteger(Int32(12))
            buffer.writeInteger(try micros(time.time))
            buffer.writeInteger(0 &- time.utcOffset)
        case (.interval, .interval(let interval)):
            buffer.writeInteger(Int32(16))
            buffer.writeInteger(interval.microseconds)
            buffer.writeInteger(interval.days)
            buffer.writeInteger(interval.months)
        case (.uuid, .uuid(let uuid)):
            buffer.writeInteger(Int32(16))
            withUnsafeBytes(of: uuid.uuid) { _ = buffer.writeBytes($0) }
        case (_, .array(let elements)): writeText(arrayLiteral(elements), to: &buffer)
        default: writeText(value.text ?? "", to: &buffer)
        }
    }

    @inline(__always)
    private static func write<T: FixedWidthInteger>(_ number: T, to buffer: inout ByteBuffer) {
        buffer.writeMultipleIntegers(Int32(MemoryLayout<T>.size), number)
    }

    private static func writeText(_ text: String, to buffer: inout ByteBuffer) {
        buffer.writeInteger(Int32(truncatingIfNeeded: text.utf8.count))
        buffer.writeString(text)
    }

    private static var outOfRange: DatabaseError {
        DatabaseError(
            .data,
            .valueOutOfRange,
            "A date or time lies outside of what PostgreSQL can hold.",
            sqlState: "22008",
            engine: PostgreSQLErrors.engine
        )
    }

    private static func micros(_ micros: Int64, _ nanoseconds: UInt16) throws(DatabaseError) -> Int64 {
        guard nanoseconds == 0 else { throw tooFine }
        if micros == .max || micros == .min { return micros }
        let (shifted, overflow) = micros.subtractingReportingOverflow(RowDecoder.epochSeconds * 1_000_000)
        guard !overflow else { throw outOfRange }
        return shifted
    }

    private static func micros(_ time: LocalTime) throws(DatabaseError) -> Int64 {
        let (micros, rest) = time.nanosecondsSinceMidnight.quotientAndRemainder(dividingBy: 1_000)
        guard rest == 0 else { throw tooFine }
        return micros
    }

    private static var tooFine: DatabaseError {
        DatabaseError(
            .data,
            .valueOutOfRange,
            "A time has nanoseconds; PostgreSQL keeps microseconds.",
            hint: "Round it before binding it.",
            sqlState: "22008",
            engine: PostgreSQLErrors.engine
        )
    }

    /// `{1,NULL,"a \"b\""}`
    static func arrayLiteral(_ elements: [Value]) -> String {
        var bytes: [UInt8] = []
        append(elements, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// A value as PostgreSQL reads it. Of years beyond four digits and before the first it takes neither sign.
    static func text(of value: Value) -> String {
        let text = value.text ?? ""
        switch value {
        case .date, .timestamp, .timestampTZ: return withEra(text)
        default: return text
        }
    }

    /// A date's or timestamp's text with its year as PostgreSQL reads it: without a sign, and ` BC` after the rest.
    static func withEra(_ text: String) -> String {
        if text.hasPrefix("+") { return String(text.dropFirst()) }
        let isSigned = text.hasPrefix("-")
        guard isSigned || text.hasPrefix("0000-"), let end = text.dropFirst().firstIndex(of: "-"),
            let year = Int(text[..<end])
        else { return text }
        // The year before the first is 1 BC here, and 0 in ISO 8601.
        let digits = String(1 + year.magnitude)
        return String(repeating: "0", count: max(4 - digits.count, 0)) + digits + text[end...] + " BC"
    }

    private static func append(_ elements: [Value], to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "{"))
        for (index, element) in elements.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            switch element {
            case .null: bytes.append(contentsOf: "NULL".utf8)
            case .array(let inner): append(inner, to: &bytes)
            case .int, .bool, .uint: bytes.append(contentsOf: (element.text ?? "").utf8)
            default:
                bytes.append(UInt8(ascii: "\""))
                for byte in text(of: element).utf8 {
                    if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { bytes.append(UInt8(ascii: "\\")) }
                    bytes.append(byte)
                }
                bytes.append(UInt8(ascii: "\""))
            }
        }
        bytes.append(UInt8(ascii: "}"))
    }
}
