import Roost

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

extension RowDecoder {
    /// Appends a value in text format: what the server's output functions write with `DateStyle` ISO.
    static func appendText(
        _ value: UnsafeRawBufferPointer,
        _ column: ColumnCodec,
        to builder: inout RowBatchBuilder
    ) throws(DatabaseError) {
        switch column.codec {
        case .text, .serverText: builder.append(.text, copying: value)
        case .json, .jsonb: builder.append(.json, copying: value)
        case .numeric: builder.append(.decimal, copying: value)
        case .array: try appendArrayText(value, column, to: &builder)
        case .hstore: try appendHStoreText(value, to: &builder)
        case .bytes: try appendHex(value, to: &builder)
        case .bool:
            guard value.count == 1, value[0] == UInt8(ascii: "t") || value[0] == UInt8(ascii: "f") else {
                throw malformed
            }
            builder.append(value[0] == UInt8(ascii: "t"))
        case .int2, .int4, .int8, .uint4:
            guard let number = integer(value) else { throw malformed }
            builder.append(number)
        case .float4:
            guard let number = Float(String(decoding: value, as: UTF8.self)) else { throw malformed }
            builder.append(number)
        case .float8:
            guard let number = Double(String(decoding: value, as: UTF8.self)) else { throw malformed }
            builder.append(number)
        case .uuid:
            guard let uuid = UUID(uuidString: String(decoding: value, as: UTF8.self)) else { throw malformed }
            builder.append(uuid)
        case .date: builder.append(try parsed(LocalDate(utf8: value)))
        case .time: builder.append(try parsed(LocalTime(utf8: value)))
        case .timetz: builder.append(try parsed(OffsetTime(utf8: value)))
        case .timestamp: builder.append(try parsed(LocalDateTime(utf8: value)))
        case .timestamptz: builder.append(try parsed(Instant(utf8: value)))
        case .interval: builder.append(try parsed(IntervalText.parse(String(decoding: value, as: UTF8.self))))
        }
    }

    private static func parsed<T>(_ value: T?) throws(DatabaseError) -> T {
        guard let value else {
            throw DatabaseError(
                .data,
                .malformedValue,
                "A date or time arrived in a form that is not ISO 8601.",
                hint: "Leave the session's DateStyle at ISO.",
                engine: PostgreSQLErrors.engine
            )
        }
        return value
    }

    private static func integer(_ value: UnsafeRawBufferPointer) -> Int64? {
        let isNegative = value.first == UInt8(ascii: "-")
        let digits = isNegative ? UnsafeRawBufferPointer(rebasing: value.dropFirst()) : value
        guard !digits.isEmpty, digits.count <= 19 else { return nil }
        // Negative numbers reach one further than positive ones.
        var result: Int64 = 0
        for byte in digits {
            let digit = Int64(byte) - 48
            guard (0...9).contains(digit) else { return nil }
            let (product, overflow) = result.multipliedReportingOverflow(by: 10)
            let (difference, overflow2) = product.subtractingReportingOverflow(digit)
            guard !overflow, !overflow2 else { return nil }
            result = difference
        }
        if isNegative { return result }
        return result == .min ? nil : -result
    }

    /// `bytea` in hex format: `\x` and two digits a byte.
    private static func appendHex(
        _ value: UnsafeRawBufferPointer,
        to builder: inout RowBatchBuilder
    ) throws(DatabaseError) {
        guard value.count >= 2, value[0] == UInt8(ascii: "\\"), value[1] == UInt8(ascii: "x"), value.count % 2 == 0
        else {
            throw malformed
        }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(value.count / 2 - 1)
        var index = 2
        while index < value.count {
            guard let high = hexDigit(value[index]), let low = hexDigit(value[index + 1]) else { throw malformed }
            bytes.append(high << 4 | low)
            index += 2
        }
        builder.append(bytes)
    }

    private static func hexDigit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 48...57: byte - 48
        case 97...102: byte - 87
        case 65...70: byte - 55
        default: nil
        }
    }
}
