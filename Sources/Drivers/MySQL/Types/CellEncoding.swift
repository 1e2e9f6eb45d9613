import NIOCore
import Roost

/// Writes the cells of a batch in the binary format of parameters.
enum CellEncoding {
    /// The wire type of a cell, and whether it is unsigned; nil for kinds that have to become values first.
    static func type(of cell: Cell) -> (type: MySQLType, isUnsigned: Bool)? {
        switch cell.kind {
        case .null: (.null, false)
        case .bool: (.tiny, false)
        case .int: (.longLong, false)
        case .uint: (.longLong, true)
        case .float: (.float, false)
        case .double: (.double, false)
        case .decimal: (.newDecimal, false)
        case .text, .json: (.varString, false)
        case .bytes: (.longBlob, false)
        case .timestamp, .timestampTZ: (.dateTime, false)
        case .date: (.date, false)
        default: nil
        }
    }

    /// Writes a cell that is not NULL.
    @inline(__always)
    static func write(_ cell: Cell, heap: UnsafeRawPointer, to buffer: inout ByteBuffer) throws(DatabaseError) {
        switch cell.kind {
        case .int, .uint: buffer.writeInteger(cell.payload, endianness: .little)
        case .text, .json, .bytes:
            let start = heap + Int(truncatingIfNeeded: cell.payload)
            buffer.writeLengthEncoded(UnsafeRawBufferPointer(start: start, count: Int(cell.length)))
        case .double:
            guard Double(bitPattern: cell.payload).isFinite else { throw ParameterEncoding.notFinite }
            buffer.writeInteger(cell.payload, endianness: .little)
        case .bool: buffer.writeInteger(UInt8(truncatingIfNeeded: cell.payload))
        case .timestamp, .timestampTZ:
            guard cell.extra == 0 else { throw ParameterEncoding.tooPrecise }
            try write(microseconds: Int64(bitPattern: cell.payload), to: &buffer)
        case .date:
            let date = LocalDate(daysSinceEpoch: Int32(truncatingIfNeeded: Int64(bitPattern: cell.payload)))
            try ParameterEncoding.write(.date(date), to: &buffer)
        case .float:
            let number = Float(bitPattern: UInt32(truncatingIfNeeded: cell.payload))
            try ParameterEncoding.write(.float(number), to: &buffer)
        case .decimal:
            let bytes = UnsafeRawBufferPointer(
                start: heap + Int(truncatingIfNeeded: cell.payload),
                count: Int(cell.length)
            )
            // Digits, a sign, a point; NaN and the infinities begin with letters.
            guard let last = bytes.last, last < 0x40 else { throw ParameterEncoding.notFinite }
            buffer.writeLengthEncoded(bytes)
        default: break
        }
    }

    /// A moment as `year, month, day, hour, minute, second[, microsecond]`.
    private static func write(microseconds: Int64, to buffer: inout ByteBuffer) throws(DatabaseError) {
        let (days, ofDay) = microseconds.quotientAndRemainder(floor: 86_400_000_000)
        guard (-719_528...2_932_896).contains(days) else { throw ParameterEncoding.outOfRange("timestamp") }
        let date = LocalDate(daysSinceEpoch: Int32(truncatingIfNeeded: days))
        let second = ofDay / 1_000_000
        let fraction = UInt32(truncatingIfNeeded: ofDay % 1_000_000)
        buffer.writeMultipleIntegers(
            UInt8(fraction == 0 ? 7 : 11),
            UInt16(truncatingIfNeeded: date.year),
            UInt8(truncatingIfNeeded: date.month),
            UInt8(truncatingIfNeeded: date.day),
            UInt8(truncatingIfNeeded: second / 3_600),
            UInt8(truncatingIfNeeded: second / 60 % 60),
            UInt8(truncatingIfNeeded: second % 60),
            endianness: .little
        )
        if fraction != 0 { buffer.writeInteger(fraction, endianness: .little) }
    }

    /// The types of a batch's columns, by their first value that is not NULL; nil when a column holds several, or one that has to
    /// become a value first.
    static func types(of rows: RowBatch) -> [(type: MySQLType, isUnsigned: Bool)]? {
        var types = [(type: MySQLType, isUnsigned: Bool)](repeating: (.null, false), count: rows.columnCount)
        for row in 0..<rows.rowCount {
            let isUniform = rows.withCells(ofRow: row) { cells, _ in
                for (column, cell) in cells.enumerated() where cell.kind != .null {
                    guard let type = type(of: cell) else { return false }
                    if types[column].type == .null {
                        types[column] = type
                    } else if types[column] != type {
                        return false
                    }
                }
                return true
            }
            guard isUniform else { return nil }
        }
        return types
    }
}

extension Int64 {
    func quotientAndRemainder(floor divisor: Int64) -> (Int64, Int64) {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}
