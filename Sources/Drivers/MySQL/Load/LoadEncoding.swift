import NIOCore
import Roost

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Writes rows as `LOAD DATA` reads them: a line each, tabs between fields, backslashes before what would mean something else, `\N` for
/// NULL.
struct LoadEncoding: Sendable {
    /// How a column takes its values.
    enum Form: Sendable {
        case text
        /// Bytes in base 16, which `UNHEX` reads: of a column of bytes the server would ask for text of its character set.
        case bytes
        /// A number, which without a cast would be taken for text.
        case bits

        /// The form for a column as the server describes it.
        init(_ column: ColumnDescription) {
            switch column.kind {
            case .bytes, .array: self = .bytes
            case .uint where column.typeName?.hasPrefix("bit") == true: self = .bits
            default: self = .text
            }
        }
    }

    let forms: [Form]

    /// Writes all rows of a batch.
    ///
    /// - Throws: `data.typeMismatch` or `notSupported` for a value its column has no form of, `data.valueOutOfRange`.
    func write(_ batch: RowBatch, to buffer: inout ByteBuffer) throws(DatabaseError) {
        let cells = batch.rowCount * batch.columnCount
        // A cell takes up to 64 bytes, and what is in the heap twice as many at most: escaped, or in base 16.
        let room = cells * 64 + (batch.byteCount - cells * MemoryLayout<Cell>.stride) * 2 + batch.rowCount
        var failure: DatabaseError?
        buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: room) { memory in
            guard let start = memory.baseAddress else { return 0 }
            var writer = FieldWriter(start, room: memory.count)
            do throws(DatabaseError) {
                for row in 0..<batch.rowCount {
                    try batch.withCells(ofRow: row) { (cells, heap) throws(DatabaseError) in
                        try write(cells, heap, to: &writer)
                    }
                }
            } catch {
                failure = error
                return 0
            }
            return writer.count
        }
        if let failure { throw failure }
    }

    @inline(__always)
    private func write(
        _ cells: UnsafeBufferPointer<Cell>,
        _ heap: UnsafeRawPointer,
        to writer: inout FieldWriter
    ) throws(DatabaseError) {
        for column in 0..<min(cells.count, forms.count) {
            if column > 0 { writer.put(byte: 0x09) }
            let cell = cells[column]
            switch (cell.kind, forms[column]) {
            case (.null, _): writer.putNull()
            case (.int, .text), (.int, .bits): writer.put(number: Int64(bitPattern: cell.payload))
            case (.text, .text), (.json, .text), (.bytes, .text):
                let start = heap + Int(truncatingIfNeeded: cell.payload)
                writer.putEscaped(UnsafeRawBufferPointer(start: start, count: Int(cell.length)))
            case (.text, .bytes), (.json, .bytes), (.bytes, .bytes):
                let start = heap + Int(truncatingIfNeeded: cell.payload)
                writer.putHexadecimal(UnsafeRawBufferPointer(start: start, count: Int(cell.length)))
            case (.bytes, .bits), (.text, .bits):
                let start = heap + Int(truncatingIfNeeded: cell.payload)
                try writer.putNumber(UnsafeRawBufferPointer(start: start, count: Int(cell.length)))
            case (.timestamp, .text), (.timestampTZ, .text):
                guard cell.extra == 0 else { throw ParameterEncoding.tooPrecise }
                try writer.put(timestamp: Int64(bitPattern: cell.payload))
            case (_, .bytes): try writeBytes(CellView.value(of: cell, heap: heap), to: &writer)
            default: try writeOther(CellView.value(of: cell, heap: heap), forms[column], to: &writer)
            }
        }
        writer.put(byte: 0x0A)
    }

    /// A column of bytes keeps what a number or a time looks like, as with an `INSERT`.
    @inline(never)
    private func writeBytes(_ value: Value, to writer: inout FieldWriter) throws(DatabaseError) {
        switch value {
        case .uuid, .array: try writeOther(value, .bytes, to: &writer)
        default:
            let start = writer.count
            try writeOther(value, .text, to: &writer)
            try writer.makeHexadecimal(from: start)
        }
    }

    @inline(never)
    private func writeOther(_ value: Value, _ form: Form, to writer: inout FieldWriter) throws(DatabaseError) {
        switch value {
        case .bool(let flag): writer.put(byte: flag ? 0x31 : 0x30)
        case .int(let number): writer.put(number: number)
        case .uint(let number): writer.put(magnitude: number)
        case .double(let number):
            guard number.isFinite else { throw ParameterEncoding.notFinite }
            writer.put(text: number.description)
        case .float(let number):
            guard number.isFinite else { throw ParameterEncoding.notFinite }
            // Every digit of it: the server reads a double, and rounds it to a float.
            writer.put(text: Double(number).description)
        case .decimal(let number):
            guard number.isFinite else { throw ParameterEncoding.notFinite }
            writer.put(text: number.description)
        case .timestamp(let timestamp):
            guard timestamp.nanosecondRemainder == 0 else { throw ParameterEncoding.tooPrecise }
            try writer.put(timestamp: timestamp.microsecondsSinceEpoch)
        case .timestampTZ(let instant):
            guard instant.nanosecondRemainder == 0 else { throw ParameterEncoding.tooPrecise }
            try writer.put(timestamp: instant.microsecondsSinceEpoch)
        case .date(let date):
            guard date.isFinite, (0...9_999).contains(date.year) else { throw ParameterEncoding.outOfRange("date") }
            writer.put(date: date)
        case .time(let time):
            guard time.nanosecond % 1_000 == 0 else { throw ParameterEncoding.tooPrecise }
            writer.put(duration: time.nanosecondsSinceMidnight / 1_000)
        case .interval(let interval) where ParameterEncoding.isTime(interval):
            writer.put(duration: interval.microseconds)
        case .uuid(let uuid):
            if form == .bytes {
                withUnsafeBytes(of: uuid.uuid) { writer.putHexadecimal($0) }
            } else {
                writer.put(text: uuid.uuidString.lowercased())
            }
        case .array(let elements) where form == .bytes && ParameterEncoding.isVector(elements):
            for case .float(let number) in elements {
                withUnsafeBytes(of: number.bitPattern.littleEndian) { writer.putHexadecimal($0) }
            }
        case .interval, .timeTZ:
            let text = Array((value.text ?? "").utf8)
            guard text.count * 2 <= writer.room else { throw Self.unsupported }
            text.withUnsafeBytes { writer.putEscaped($0) }
        default: throw Self.unsupported
        }
    }

    fileprivate static var unsupported: DatabaseError {
        DatabaseError(
            .notSupported,
            .notSupported,
            "Arrays and objects cannot be loaded: MySQL and MariaDB have no such types.",
            hint: "Load JSON, or an array of floats for a vector.",
            sqlState: "0A000",
            engine: MySQLErrors.engine
        )
    }
}

/// Writes fields into memory that is known to suffice.
private struct FieldWriter {
    private let start: UnsafeMutableRawPointer
    private let capacity: Int
    private(set) var count = 0

    init(_ start: UnsafeMutableRawPointer, room: Int) {
        self.start = start
        capacity = room
    }

    var room: Int { capacity - count }

    @inline(__always)
    mutating func put(byte: UInt8) {
        start.storeBytes(of: byte, toByteOffset: count, as: UInt8.self)
        count += 1
    }

    mutating func put(text: String) {
        for byte in text.utf8 { put(byte: byte) }
    }

    mutating func putNull() {
        put(byte: UInt8(ascii: "\\"))
        put(byte: UInt8(ascii: "N"))
    }

    mutating func put(number: Int64) {
        if number < 0 { put(byte: UInt8(ascii: "-")) }
        put(magnitude: number.magnitude)
    }

    mutating func put(magnitude: UInt64) {
        var digits = 1
        var limit: UInt64 = 10
        while digits < 20, magnitude >= limit {
            digits += 1
            limit = digits < 20 ? limit * 10 : limit
        }
        put(magnitude, digits: digits)
    }

    @inline(__always)
    private mutating func put(_ number: UInt64, digits: Int) {
        var rest = number
        for place in stride(from: digits - 1, through: 0, by: -1) {
            let quotient = rest / 10
            start.storeBytes(
                of: UInt8(truncatingIfNeeded: rest - quotient * 10) + 48,
                toByteOffset: count + place,
                as: UInt8.self
            )
            rest = quotient
        }
        count += digits
    }

    /// Text as it is, with a backslash before what would end a field or a line, or begin something else.
    mutating func putEscaped(_ bytes: UnsafeRawBufferPointer) {
        for byte in bytes {
            switch byte {
            case 0x09, 0x0A, 0x5C:
                put(byte: 0x5C)
                put(byte: byte)
            case 0:
                put(byte: 0x5C)
                put(byte: UInt8(ascii: "0"))
            default: put(byte: byte)
            }
        }
    }

    mutating func putHexadecimal(_ bytes: UnsafeRawBufferPointer) {
        for byte in bytes {
            put(byte: Self.digit(byte >> 4))
            put(byte: Self.digit(byte & 15))
        }
    }

    /// Makes base 16 of what was written from a place on.
    mutating func makeHexadecimal(from begin: Int) throws(DatabaseError) {
        let length = count - begin
        guard length <= room else { throw LoadEncoding.unsupported }
        for index in stride(from: length - 1, through: 0, by: -1) {
            let byte = start.load(fromByteOffset: begin + index, as: UInt8.self)
            start.storeBytes(of: Self.digit(byte >> 4), toByteOffset: begin + index * 2, as: UInt8.self)
            start.storeBytes(of: Self.digit(byte & 15), toByteOffset: begin + index * 2 + 1, as: UInt8.self)
        }
        count += length
    }

    /// The number whose bytes these are, the highest first: what a column of bits makes of them.
    mutating func putNumber(_ bytes: UnsafeRawBufferPointer) throws(DatabaseError) {
        let digits = bytes.drop { $0 == 0 }
        guard digits.count <= 8 else { throw ParameterEncoding.outOfRange("bit string") }
        put(magnitude: digits.reduce(0) { $0 << 8 | UInt64($1) })
    }

    private static func digit(_ value: UInt8) -> UInt8 { value < 10 ? value + 48 : value + 55 }

    mutating func put(date: LocalDate) {
        put(UInt64(date.year), digits: 4)
        put(byte: UInt8(ascii: "-"))
        put(UInt64(date.month), digits: 2)
        put(byte: UInt8(ascii: "-"))
        put(UInt64(date.day), digits: 2)
    }

    mutating func put(timestamp microseconds: Int64) throws(DatabaseError) {
        let (days, ofDay) = microseconds.quotientAndRemainder(floor: 86_400_000_000)
        guard (-719_528...2_932_896).contains(days) else { throw ParameterEncoding.outOfRange("timestamp") }
        put(date: LocalDate(daysSinceEpoch: Int32(truncatingIfNeeded: days)))
        put(byte: UInt8(ascii: " "))
        put(duration: ofDay)
    }

    /// `[-]HH:MM:SS[.ffffff]`
    mutating func put(duration microseconds: Int64) {
        if microseconds < 0 { put(byte: UInt8(ascii: "-")) }
        let (seconds, fraction) = microseconds.magnitude.quotientAndRemainder(dividingBy: 1_000_000)
        put(seconds / 3_600, digits: seconds >= 360_000 ? 3 : 2)
        put(byte: UInt8(ascii: ":"))
        put(seconds / 60 % 60, digits: 2)
        put(byte: UInt8(ascii: ":"))
        put(seconds % 60, digits: 2)
        guard fraction > 0 else { return }
        put(byte: UInt8(ascii: "."))
        put(fraction, digits: 6)
    }
}
