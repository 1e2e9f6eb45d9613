import Roost

extension RowDecoder {
    /// Appends a value in text format, as its column's type.
    static func appendText(
        _ value: UnsafeRawBufferPointer,
        _ codec: CellCodec,
        _ zeroDates: ZeroDates,
        to builder: inout RowBatchBuilder
    ) throws(DatabaseError) {
        switch codec {
        case .text: builder.append(.text, copying: value)
        case .bytes: builder.append(.bytes, copying: value)
        case .json: builder.append(.json, copying: value)
        case .decimal: builder.append(.decimal, copying: value)
        case .int8, .uint8, .int16, .uint16, .int32, .uint32, .int64:
            guard let number = Int64(text(value)) else { throw malformed }
            builder.append(number)
        case .uint64:
            guard let number = UInt64(text(value)) else { throw malformed }
            builder.append(number)
        case .float:
            guard let number = Float(text(value)) else { throw malformed }
            builder.append(number)
        case .double:
            guard let number = Double(text(value)) else { throw malformed }
            builder.append(number)
        case .bit: try appendBit(value, to: &builder)
        case .uuid: try appendUUID(value, to: &builder)
        case .vector: try appendVector(value, to: &builder)
        case .encoded(let collation): try appendEncoded(value, collation, to: &builder)
        case .date:
            if !isZeroDate(value), let date = LocalDate(utf8: value) { return builder.append(date) }
            try appendZeroDate(text(value), zeroDates, to: &builder)
        case .dateTime:
            if !isZeroDate(value), let moment = LocalDateTime(utf8: value) { return builder.append(moment) }
            try appendZeroDate(text(value), zeroDates, to: &builder)
        case .timestamp:
            if !isZeroDate(value), let moment = LocalDateTime(utf8: value) {
                // The session's time zone is UTC.
                return builder.append(Instant(microsecondsSinceEpoch: moment.microsecondsSinceEpoch))
            }
            try appendZeroDate(text(value), zeroDates, to: &builder)
        case .time:
            guard let microseconds = duration(value) else { throw malformed }
            append(time: microseconds, to: &builder)
        case .null: throw malformed
        }
    }

    private static func text(_ value: UnsafeRawBufferPointer) -> String { String(decoding: value, as: UTF8.self) }

    /// Whether a year, month or day of zeros stands here.
    private static func isZeroDate(_ value: UnsafeRawBufferPointer) -> Bool {
        guard value.count >= 10 else { return true }
        func isZero(_ range: Range<Int>) -> Bool { range.allSatisfy { value[$0] == 48 } }
        return isZero(0..<4) || isZero(5..<7) || isZero(8..<10)
    }

    /// `[-]HHH:MM:SS[.ffffff]` in microseconds.
    private static func duration(_ value: UnsafeRawBufferPointer) -> Int64? {
        var text = text(value)[...]
        let isNegative = text.hasPrefix("-")
        if isNegative { text = text.dropFirst() }
        let halves = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        let parts = halves[0].split(separator: ":", omittingEmptySubsequences: false).map { Int64($0) }
        guard parts.count == 3, let hour = parts[0], let minute = parts[1], let second = parts[2],
            (0...1_000_000).contains(hour), (0..<60).contains(minute), (0..<60).contains(second)
        else { return nil }
        var fraction: Int64 = 0
        if halves.count == 2 {
            let digits = halves[1].prefix(6)
            guard let number = Int64(digits), number >= 0 else { return nil }
            fraction = number
            for _ in digits.utf8.count..<6 { fraction *= 10 }
        }
        let microseconds = (hour * 3_600 + minute * 60 + second) * 1_000_000 + fraction
        return isNegative ? -microseconds : microseconds
    }
}
