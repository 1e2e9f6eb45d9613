public import Roost

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Reads a value's canonical text (``Value/text``) as a kind of value: what a file's column becomes on its way into a batch.
public enum TextCell {
    /// Appends a cell read from text.
    ///
    /// - Returns: false, and nothing is appended, when the text is none of this kind. Nothing is guessed, rounded or cut.
    public static func append(
        _ bytes: UnsafeRawBufferPointer,
        as kind: ValueKind,
        to builder: inout RowBatchBuilder
    ) -> Bool {
        switch kind {
        case .text, .null, .object, .array:
            guard isUTF8(bytes) else { return false }
            builder.append(.text, copying: bytes)
        case .int:
            guard let number = integer(bytes) else { return false }
            builder.append(number)
        case .uint:
            guard let number = UInt64(String(decoding: bytes, as: UTF8.self)) else { return false }
            builder.append(number)
        case .double:
            guard let number = double(bytes) else { return false }
            builder.append(number)
        case .float:
            guard let number = Float(String(decoding: bytes, as: UTF8.self)) else { return false }
            builder.append(number)
        case .decimal:
            if isPlainDecimal(bytes) {
                builder.append(.decimal, copying: bytes)
            } else {
                guard let number = BigDecimal(utf8: bytes) else { return false }
                builder.append(number.description, kind: .decimal)
            }
        case .bool:
            guard let flag = bool(bytes) else { return false }
            builder.append(flag)
        case .bytes:
            guard let value = hexadecimal(bytes) else { return false }
            builder.append(value)
        case .json:
            guard JSONScanner.isJSON(bytes) else { return false }
            builder.append(.json, copying: bytes)
        case .uuid:
            guard bytes.count == 36, let value = UUID(uuidString: String(decoding: bytes, as: UTF8.self)) else {
                return false
            }
            builder.append(value)
        case .interval:
            guard let value = Interval(String(decoding: bytes, as: UTF8.self)) else { return false }
            builder.append(value)
        case .date, .time, .timeTZ, .timestamp, .timestampTZ: return appendTemporal(bytes, as: kind, to: &builder)
        }
        return true
    }

    private static func appendTemporal(
        _ bytes: UnsafeRawBufferPointer,
        as kind: ValueKind,
        to builder: inout RowBatchBuilder
    ) -> Bool {
        switch kind {
        case .date:
            guard let value = LocalDate(utf8: bytes) else { return false }
            builder.append(value)
        case .time:
            guard let value = LocalTime(utf8: bytes) else { return false }
            builder.append(value)
        case .timeTZ:
            guard let value = OffsetTime(utf8: bytes) else { return false }
            builder.append(value)
        case .timestamp:
            guard let value = LocalDateTime(utf8: bytes) else { return false }
            builder.append(value)
        default:
            guard let value = Instant(utf8: bytes) else { return false }
            builder.append(value)
        }
        return true
    }

    static func isUTF8(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var index = 0
        while index + 8 <= bytes.count {
            if bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self) & 0x8080_8080_8080_8080 != 0 { break }
            index += 8
        }
        while index < bytes.count, bytes[index] < 0x80 { index += 1 }
        return index == bytes.count || String(validating: bytes[index...], as: UTF8.self) != nil
    }

    /// A whole number with an optional sign and nothing else.
    static func integer(_ bytes: UnsafeRawBufferPointer) -> Int64? {
        guard let first = bytes.first else { return nil }
        let isNegative = first == 0x2D
        var index = isNegative || first == 0x2B ? 1 : 0
        guard index < bytes.count else { return nil }
        var number: Int64 = 0
        while index < bytes.count {
            let digit = bytes[index] &- 48
            guard digit < 10 else { return nil }
            // Downwards, since the least number has no positive counterpart.
            let (product, overflow) = number.multipliedReportingOverflow(by: 10)
            let (next, underflow) = product.subtractingReportingOverflow(Int64(digit))
            guard !overflow, !underflow else { return nil }
            number = next
            index += 1
        }
        if isNegative { return number }
        return number == .min ? nil : -number
    }

    private static let powersOfTen: [Double] = (0...15).map { power in
        (0..<power).reduce(1.0) { result, _ in result * 10 }
    }

    /// The nearest double. Up to 15 digits the division of two exact numbers rounds right by itself.
    static func double(_ bytes: UnsafeRawBufferPointer) -> Double? {
        guard bytes.count <= 16, !bytes.isEmpty else { return Double(String(decoding: bytes, as: UTF8.self)) }
        let isNegative = bytes[0] == 0x2D
        var index = isNegative ? 1 : 0
        var digits: Int64 = 0
        var count = 0
        var fraction: Int?
        while index < bytes.count {
            let byte = bytes[index]
            if byte &- 48 < 10 {
                digits = digits * 10 + Int64(byte - 48)
                count += 1
                if let known = fraction { fraction = known + 1 }
            } else if byte == 0x2E, fraction == nil {
                fraction = 0
            } else {
                return Double(String(decoding: bytes, as: UTF8.self))
            }
            index += 1
        }
        guard count > 0, count <= 15 else { return Double(String(decoding: bytes, as: UTF8.self)) }
        let number = Double(digits) / powersOfTen[fraction ?? 0]
        return isNegative ? -number : number
    }

    private static func isPlainDecimal(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard bytes.count <= BigDecimal.maximumDigits else { return false }
        var index = bytes.first == 0x2D ? 1 : 0
        // `.5` and `5.` are numbers too, but are not written so.
        guard index < bytes.count, bytes[index] &- 48 < 10, let last = bytes.last, last != 0x2E else { return false }
        var hasPoint = false
        while index < bytes.count {
            if bytes[index] == 0x2E, !hasPoint { hasPoint = true } else if bytes[index] &- 48 >= 10 { return false }
            index += 1
        }
        return true
    }

    private static func bool(_ bytes: UnsafeRawBufferPointer) -> Bool? {
        guard bytes.count <= 5 else { return nil }
        switch String(decoding: bytes, as: UTF8.self).lowercased() {
        case "true", "t", "1", "yes", "y", "on": return true
        case "false", "f", "0", "no", "n", "off": return false
        default: return nil
        }
    }

    /// `\x` and pairs of hexadecimal digits.
    private static func hexadecimal(_ bytes: UnsafeRawBufferPointer) -> [UInt8]? {
        guard bytes.count >= 2, bytes.count.isMultiple(of: 2), bytes[0] == 0x5C, bytes[1] | 0x20 == 0x78 else {
            return nil
        }
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count / 2 - 1)
        for index in stride(from: 2, to: bytes.count, by: 2) {
            guard let high = hexDigit(bytes[index]), let low = hexDigit(bytes[index + 1]) else { return nil }
            result.append(high << 4 | low)
        }
        return result
    }

    static func hexDigit(_ byte: UInt8) -> UInt8? {
        if byte &- 48 < 10 { return byte - 48 }
        let letter = byte | 0x20
        return (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(letter) ? letter - 87 : nil
    }
}
