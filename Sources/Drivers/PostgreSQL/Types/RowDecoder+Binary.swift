import Roost

extension RowDecoder {
    /// Seconds from 1970-01-01 to 2000-01-01, where PostgreSQL's clock starts.
    static let epochSeconds: Int64 = 946_684_800
    static let epochDays: Int64 = 10_957

    @inline(__always)
    private static func load<T: FixedWidthInteger>(
        _ value: UnsafeRawBufferPointer,
        as type: T.Type
    ) throws(DatabaseError) -> T {
        guard value.count == MemoryLayout<T>.size, let start = value.baseAddress else { throw malformed }
        return T(bigEndian: start.loadUnaligned(as: T.self))
    }

    /// Appends a value in binary format (`*send` functions of `src/backend/utils/adt`).
    @inline(__always)
    static func appendBinary(
        _ value: UnsafeRawBufferPointer,
        _ column: ColumnCodec,
        to builder: inout RowBatchBuilder
    ) throws(DatabaseError) {
        switch column.codec {
        case .int4: builder.append(Int64(try load(value, as: Int32.self)))
        case .int8: builder.append(try load(value, as: Int64.self))
        case .text, .serverText: builder.append(.text, copying: value)
        case .float8: builder.append(Cell(kind: .double, payload: try load(value, as: UInt64.self)))
        case .timestamptz: builder.append(cell(.timestampTZ, microseconds: try load(value, as: Int64.self)))
        case .timestamp: builder.append(cell(.timestamp, microseconds: try load(value, as: Int64.self)))
        case .bool:
            guard value.count == 1 else { throw malformed }
            builder.append(value[0] != 0)
        default: try appendOtherBinary(value, column, to: &builder)
        }
    }

    @inline(__always)
    private static func cell(_ kind: ValueKind, microseconds: Int64) -> Cell {
        // The infinities are the same numbers on both sides.
        let isInfinite = microseconds == .max || microseconds == .min
        let (sum, overflow) = microseconds.addingReportingOverflow(epochSeconds * 1_000_000)
        let shifted = isInfinite ? microseconds : overflow ? .max : sum
        return Cell(kind: kind, payload: UInt64(bitPattern: shifted))
    }

    @inline(never)
    private static func appendOtherBinary(
        _ value: UnsafeRawBufferPointer,
        _ column: ColumnCodec,
        to builder: inout RowBatchBuilder
    ) throws(DatabaseError) {
        switch column.codec {
        case .bool, .int4, .int8, .text, .serverText, .float8, .timestamptz, .timestamp:
            try appendBinary(value, column, to: &builder)
        case .int2: builder.append(Int64(try load(value, as: Int16.self)))
        case .uint4: builder.append(Int64(try load(value, as: UInt32.self)))
        case .float4: builder.append(Float(bitPattern: try load(value, as: UInt32.self)))
        case .numeric: try appendNumeric(value, to: &builder)
        case .json: builder.append(.json, copying: value)
        case .jsonb:
            guard value.first == 1 else { throw PostgreSQLErrors.violation("jsonb of an unknown version") }
            builder.append(.json, copying: UnsafeRawBufferPointer(rebasing: value.dropFirst()))
        case .bytes: builder.append(.bytes, copying: value)
        case .uuid:
            guard value.count == 16 else { throw malformed }
            builder.append(.uuid, copying: value)
        case .date:
            let days = Int64(try load(value, as: Int32.self))
            let isInfinite = days == Int64(Int32.max) || days == Int64(Int32.min)
            builder.append(Cell(kind: .date, payload: UInt64(bitPattern: isInfinite ? days : days + epochDays)))
        case .time:
            builder.append(
                Cell(kind: .time, payload: UInt64(bitPattern: try nanoseconds(try load(value, as: Int64.self))))
            )
        case .timetz:
            guard value.count == 12 else { throw malformed }
            let micros = try load(UnsafeRawBufferPointer(rebasing: value[..<8]), as: Int64.self)
            let west = try load(UnsafeRawBufferPointer(rebasing: value[8...]), as: Int32.self)
            builder.append(
                Cell(
                    kind: .timeTZ,
                    payload: UInt64(bitPattern: try nanoseconds(micros)),
                    length: UInt32(bitPattern: 0 &- west)
                )
            )
        case .interval:
            guard value.count == 16 else { throw malformed }
            builder.append(
                Interval(
                    months: try load(UnsafeRawBufferPointer(rebasing: value[12...]), as: Int32.self),
                    days: try load(UnsafeRawBufferPointer(rebasing: value[8..<12]), as: Int32.self),
                    microseconds: try load(UnsafeRawBufferPointer(rebasing: value[..<8]), as: Int64.self)
                )
            )
        case .array: try appendArray(value, column.element, to: &builder)
        case .hstore: try appendHStore(value, to: &builder)
        }
    }

    private static func nanoseconds(_ micros: Int64) throws(DatabaseError) -> Int64 {
        guard (0...86_400_000_000).contains(micros) else { throw malformed }
        return micros * 1_000
    }

    /// `numeric`: groups of four decimal digits, the first one worth 10000^weight, with the digits to show after the point.
    private static func appendNumeric(
        _ value: UnsafeRawBufferPointer,
        to builder: inout RowBatchBuilder
    ) throws(DatabaseError) {
        var reader = MessageReader(value)
        guard let count = reader.integer(UInt16.self), let weight = reader.integer(Int16.self),
            let sign = reader.integer(UInt16.self), let scale = reader.integer(UInt16.self),
            reader.remaining == Int(count) * 2, scale <= 16_383
        else { throw malformed }
        switch sign {
        case 0xC000: return "NaN".utf8Bytes { builder.append(.decimal, copying: $0) }
        case 0xD000: return "Infinity".utf8Bytes { builder.append(.decimal, copying: $0) }
        case 0xF000: return "-Infinity".utf8Bytes { builder.append(.decimal, copying: $0) }
        case 0x0000, 0x4000: break
        default: throw malformed
        }
        var text: [UInt8] = []
        text.reserveCapacity(max(Int(weight) + 1, 1) * 4 + Int(scale) + 3)
        if sign == 0x4000 { text.append(UInt8(ascii: "-")) }
        var groups: [UInt16] = []
        groups.reserveCapacity(Int(count))
        while let group = reader.integer(UInt16.self) {
            guard group < 10_000 else { throw malformed }
            groups.append(group)
        }
        func group(at index: Int) -> UInt16 { groups.indices.contains(index) ? groups[index] : 0 }
        func put(_ group: UInt16) {
            text.append(UInt8(truncatingIfNeeded: 48 + group / 1_000))
            text.append(UInt8(truncatingIfNeeded: 48 + group / 100 % 10))
            text.append(UInt8(truncatingIfNeeded: 48 + group / 10 % 10))
            text.append(UInt8(truncatingIfNeeded: 48 + group % 10))
        }
        if weight < 0 {
            text.append(48)
        } else {
            let start = text.count
            for index in 0...Int(weight) { put(group(at: index)) }
            let zeros = text[start...].prefix { $0 == 48 }.count
            text.removeSubrange(start..<(start + min(zeros, text.count - start - 1)))
        }
        if scale > 0 {
            text.append(UInt8(ascii: "."))
            let start = text.count
            var index = Int(weight) + 1
            while text.count - start < Int(scale) {
                put(group(at: index))
                index += 1
            }
            text.removeLast(text.count - start - Int(scale))
        }
        text.withUnsafeBytes { builder.append(.decimal, copying: $0) }
    }
}

extension String {
    /// Calls `body` with the text's UTF-8.
    func utf8Bytes<R, E: Error>(_ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R {
        var copy = self
        var result: Result<R, E>?
        copy.withUTF8 { bytes in
            result = Result { () throws(E) in try body(UnsafeRawBufferPointer(bytes)) }
        }
        // withUTF8 calls its body exactly once.
        guard let result else { return try body(UnsafeRawBufferPointer(start: nil, count: 0)) }
        return try result.get()
    }
}
