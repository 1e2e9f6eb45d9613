import Roost

extension RowDecoder {
    /// Appends a value in binary format ("Binary Protocol Value").
    @inline(__always)
    static func appendBinary(
        _ reader: inout PacketReader,
        _ codec: CellCodec,
        _ zeroDates: ZeroDates,
        to builder: inout RowBatchBuilder
    ) throws(DatabaseError) {
        switch codec {
        case .int32: builder.append(Int64(try integer(&reader, Int32.self)))
        case .int64: builder.append(try integer(&reader, Int64.self))
        case .text: builder.append(.text, copying: try bytes(&reader))
        case .double: builder.append(Cell(kind: .double, payload: try integer(&reader, UInt64.self)))
        case .timestamp: try appendDateTime(&reader, .timestampTZ, zeroDates, to: &builder)
        case .dateTime: try appendDateTime(&reader, .timestamp, zeroDates, to: &builder)
        case .decimal: builder.append(.decimal, copying: try bytes(&reader))
        default: try appendOtherBinary(&reader, codec, zeroDates, to: &builder)
        }
    }

    @inline(__always)
    private static func integer<T: FixedWidthInteger>(_ reader: inout PacketReader, _ type: T.Type)
        throws(DatabaseError) -> T
    {
        guard let value = reader.integer(type) else { throw malformed }
        return value
    }

    @inline(__always)
    private static func bytes(_ reader: inout PacketReader) throws(DatabaseError) -> UnsafeRawBufferPointer {
        guard let value = reader.lengthEncodedBytes() else { throw malformed }
        return value
    }

    @inline(never)
    private static func appendOtherBinary(
        _ reader: inout PacketReader,
        _ codec: CellCodec,
        _ zeroDates: ZeroDates,
        to builder: inout RowBatchBuilder
    ) throws(DatabaseError) {
        switch codec {
        case .int32, .int64, .text, .double, .timestamp, .dateTime, .decimal:
            try appendBinary(&reader, codec, zeroDates, to: &builder)
        case .int8: builder.append(Int64(try integer(&reader, Int8.self)))
        case .uint8: builder.append(Int64(try integer(&reader, UInt8.self)))
        case .int16: builder.append(Int64(try integer(&reader, Int16.self)))
        case .uint16: builder.append(Int64(try integer(&reader, UInt16.self)))
        case .uint32: builder.append(Int64(try integer(&reader, UInt32.self)))
        case .uint64: builder.append(try integer(&reader, UInt64.self))
        case .float: builder.append(Float(bitPattern: try integer(&reader, UInt32.self)))
        case .bytes: builder.append(.bytes, copying: try bytes(&reader))
        case .json: builder.append(.json, copying: try bytes(&reader))
        case .bit: try appendBit(try bytes(&reader), to: &builder)
        case .uuid: try appendUUID(try bytes(&reader), to: &builder)
        case .vector: try appendVector(try bytes(&reader), to: &builder)
        case .encoded(let collation): try appendEncoded(try bytes(&reader), collation, to: &builder)
        case .date: try appendDate(&reader, zeroDates, to: &builder)
        case .time: try appendTime(&reader, to: &builder)
        case .null: throw malformed
        }
    }

    /// Bits, the most significant byte first.
    static func appendBit(_ value: UnsafeRawBufferPointer, to builder: inout RowBatchBuilder) throws(DatabaseError) {
        guard value.count <= 8 else { throw malformed }
        builder.append(value.reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
    }

    /// MariaDB sends a UUID as text.
    static func appendUUID(_ value: UnsafeRawBufferPointer, to builder: inout RowBatchBuilder) throws(DatabaseError) {
        guard value.count == 36 else { return builder.append(.text, copying: value) }
        let digits = value.filter { $0 != UInt8(ascii: "-") }
        guard digits.count == 32 else { return builder.append(.text, copying: value) }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(16)
        for index in stride(from: 0, to: 32, by: 2) {
            guard let high = hexDigit(digits[index]), let low = hexDigit(digits[index + 1]) else {
                return builder.append(.text, copying: value)
            }
            bytes.append(high << 4 | low)
        }
        bytes.withUnsafeBytes { builder.append(.uuid, copying: $0) }
    }

    private static func hexDigit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - 48
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - 87
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - 55
        default: nil
        }
    }

    /// A vector: floats, little-endian.
    static func appendVector(_ value: UnsafeRawBufferPointer, to builder: inout RowBatchBuilder) throws(DatabaseError) {
        guard value.count % 4 == 0 else { throw malformed }
        let elements = stride(from: 0, to: value.count, by: 4).map { offset in
            Value.float(
                Float(bitPattern: UInt32(littleEndian: value.loadUnaligned(fromByteOffset: offset, as: UInt32.self)))
            )
        }
        builder.append(array: elements)
    }

    /// Text in another character set than the session's, which somebody asked for (`character_set_results`).
    static func appendEncoded(
        _ value: UnsafeRawBufferPointer,
        _ collation: UInt16,
        to builder: inout RowBatchBuilder
    ) throws(DatabaseError) {
        guard let charset = Charset(collation: collation) else { throw malformed }
        builder.append(try charset.decode(value))
    }

    // MARK: Dates and times

    /// The day of the moment read last: those of neighbouring rows are often of the same.
    struct KnownDate {
        /// As it came: the year in the low half, then month and day. No date is zero.
        var date: UInt32 = 0
        var microseconds: Int64 = 0
    }

    /// Reads a moment of a day that there is, in microseconds since 1970; nil, with nothing read, for anything else.
    @inline(__always)
    static func plainMoment(_ reader: inout PacketReader, _ last: inout KnownDate) -> Int64? {
        guard reader.remaining >= 8, let start = reader.rest.baseAddress else { return nil }
        let length = start.load(as: UInt8.self)
        guard length == 7 || length == 11, reader.remaining > Int(length) else { return nil }
        let date = UInt32(littleEndian: (start + 1).loadUnaligned(as: UInt32.self))
        if date != last.date {
            let parts = Moment(
                year: Int(date & 0xFFFF),
                month: Int(date >> 16 & 0xFF),
                day: Int(date >> 24)
            )
            guard let days = parts.days else { return nil }
            last = KnownDate(date: date, microseconds: days * 86_400_000_000)
        }
        let hour = Int64((start + 5).load(as: UInt8.self))
        let minute = Int64((start + 6).load(as: UInt8.self))
        let second = Int64((start + 7).load(as: UInt8.self))
        var microsecond: Int64 = 0
        if length == 11 { microsecond = Int64(UInt32(littleEndian: (start + 8).loadUnaligned(as: UInt32.self))) }
        guard hour < 24, minute < 60, second < 60, microsecond < 1_000_000, reader.skip(Int(length) + 1) else {
            return nil
        }
        return last.microseconds + ((hour * 60 + minute) * 60 + second) * 1_000_000 + microsecond
    }

    private struct Moment {
        var year = 0
        var month = 0
        var day = 0
        var hour = 0
        var minute = 0
        var second = 0
        var microsecond = 0

        var isDate: Bool { year > 0 && month > 0 && day > 0 }

        /// Days since 1970-01-01; nil for a date that is none.
        var days: Int64? {
            guard isDate, let date = LocalDate(year: year, month: month, day: day) else { return nil }
            return Int64(date.daysSinceEpoch)
        }

        var dateText: String { "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))" }

        var text: String {
            let fraction = microsecond > 0 ? ".\(padded(microsecond, 6))" : ""
            return "\(dateText) \(padded(hour, 2)):\(padded(minute, 2)):\(padded(second, 2))\(fraction)"
        }

        private func padded(_ number: Int, _ width: Int) -> String {
            let digits = String(number)
            return String(repeating: "0", count: max(width - digits.count, 0)) + digits
        }
    }

    private static func moment(_ reader: inout PacketReader) throws(DatabaseError) -> Moment {
        var moment = Moment()
        let length = try integer(&reader, UInt8.self)
        guard length == 0 || length == 4 || length == 7 || length == 11 else { throw malformed }
        if length >= 4 {
            moment.year = Int(try integer(&reader, UInt16.self))
            moment.month = Int(try integer(&reader, UInt8.self))
            moment.day = Int(try integer(&reader, UInt8.self))
        }
        if length >= 7 {
            moment.hour = Int(try integer(&reader, UInt8.self))
            moment.minute = Int(try integer(&reader, UInt8.self))
            moment.second = Int(try integer(&reader, UInt8.self))
        }
        if length == 11 { moment.microsecond = Int(try integer(&reader, UInt32.self)) }
        guard moment.hour < 24, moment.minute < 60, moment.second < 62, moment.microsecond < 1_000_000 else {
            throw malformed
        }
        return moment
    }

    private static func appendDate(
        _ reader: inout PacketReader,
        _ zeroDates: ZeroDates,
        to builder: inout RowBatchBuilder
    ) throws(DatabaseError) {
        let moment = try moment(&reader)
        if let days = moment.days {
            builder.append(Cell(kind: .date, payload: UInt64(bitPattern: days)))
        } else {
            try appendZeroDate(moment.dateText, zeroDates, to: &builder)
        }
    }

    private static func appendDateTime(
        _ reader: inout PacketReader,
        _ kind: ValueKind,
        _ zeroDates: ZeroDates,
        to builder: inout RowBatchBuilder
    ) throws(DatabaseError) {
        let moment = try moment(&reader)
        guard let days = moment.days else { return try appendZeroDate(moment.text, zeroDates, to: &builder) }
        let seconds = days * 86_400 + Int64(moment.hour * 3_600 + moment.minute * 60 + moment.second)
        builder.append(Cell(kind: kind, payload: UInt64(bitPattern: seconds * 1_000_000 + Int64(moment.microsecond))))
    }

    /// A TIME: a time of day where it is one, otherwise an interval, for it may be negative or longer than a day.
    private static func appendTime(_ reader: inout PacketReader, to builder: inout RowBatchBuilder)
        throws(DatabaseError)
    {
        let length = try integer(&reader, UInt8.self)
        guard length == 0 || length == 8 || length == 12 else { throw malformed }
        var microseconds: Int64 = 0
        var isNegative = false
        if length >= 8 {
            isNegative = try integer(&reader, UInt8.self) != 0
            let days = Int64(try integer(&reader, UInt32.self))
            let hour = Int64(try integer(&reader, UInt8.self))
            let minute = Int64(try integer(&reader, UInt8.self))
            let second = Int64(try integer(&reader, UInt8.self))
            // No TIME has more than 34 days, and what fits four bytes does not fit in microseconds.
            guard days <= 100_000 else { throw malformed }
            microseconds = ((days * 24 + hour) * 3_600 + minute * 60 + second) * 1_000_000
        }
        if length == 12 { microseconds += Int64(try integer(&reader, UInt32.self)) }
        append(time: isNegative ? -microseconds : microseconds, to: &builder)
    }

    static func append(time microseconds: Int64, to builder: inout RowBatchBuilder) {
        if (0..<86_400_000_000).contains(microseconds) {
            builder.append(Cell(kind: .time, payload: UInt64(bitPattern: microseconds * 1_000)))
        } else {
            builder.append(Interval(microseconds: microseconds))
        }
    }
}
