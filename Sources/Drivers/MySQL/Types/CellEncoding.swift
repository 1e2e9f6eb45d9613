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

    /// The most bytes a cell takes, with a mark before it.
    @inline(__always)
    static func room(for cell: Cell) -> Int { 16 + Int(cell.length) }

    /// Writes a cell that is not NULL into memory that has ``room(for:)`` it, and moves on: rows by the million would pay a
    /// `ByteBuffer`'s checks for each value.
    @inline(__always)
    static func write(
        _ cell: Cell,
        heap: UnsafeRawPointer,
        to position: inout UnsafeMutableRawPointer
    ) throws(DatabaseError) {
        switch cell.kind {
        case .int, .uint: position.put(cell.payload)
        case .text, .json, .bytes: position.put(bytes(of: cell, heap))
        case .double:
            guard Double(bitPattern: cell.payload).isFinite else { throw ParameterEncoding.notFinite }
            position.put(cell.payload)
        case .bool: position.put(UInt8(truncatingIfNeeded: cell.payload))
        case .timestamp, .timestampTZ:
            guard cell.extra == 0 else { throw ParameterEncoding.tooPrecise }
            try write(microseconds: Int64(bitPattern: cell.payload), to: &position)
        case .date:
            let date = LocalDate(daysSinceEpoch: Int32(truncatingIfNeeded: Int64(bitPattern: cell.payload)))
            guard date.isFinite, (0...9_999).contains(date.year) else { throw ParameterEncoding.outOfRange("date") }
            position.put(UInt8(4))
            write(date, to: &position)
        case .float:
            let bits = UInt32(truncatingIfNeeded: cell.payload)
            guard Float(bitPattern: bits).isFinite else { throw ParameterEncoding.notFinite }
            position.put(bits)
        case .decimal:
            let bytes = bytes(of: cell, heap)
            // Digits, a sign, a point; NaN and the infinities begin with letters.
            guard let last = bytes.last, last < 0x40 else { throw ParameterEncoding.notFinite }
            position.put(bytes)
        default: break
        }
    }

    @inline(__always)
    private static func bytes(of cell: Cell, _ heap: UnsafeRawPointer) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: heap + Int(truncatingIfNeeded: cell.payload), count: Int(cell.length))
    }

    @inline(__always)
    private static func write(_ date: LocalDate, to position: inout UnsafeMutableRawPointer) {
        position.put(UInt16(truncatingIfNeeded: date.year))
        position.put(UInt8(truncatingIfNeeded: date.month))
        position.put(UInt8(truncatingIfNeeded: date.day))
    }

    /// A moment as `year, month, day, hour, minute, second[, microsecond]`.
    @inline(__always)
    private static func write(
        microseconds: Int64,
        to position: inout UnsafeMutableRawPointer
    ) throws(DatabaseError) {
        let (days, ofDay) = microseconds.quotientAndRemainder(floor: 86_400_000_000)
        guard (-719_528...2_932_896).contains(days) else { throw ParameterEncoding.outOfRange("timestamp") }
        let (second, fraction) = ofDay.quotientAndRemainder(dividingBy: 1_000_000)
        let hour = second / 3_600
        let ofHour = second % 3_600
        position.put(UInt8(fraction == 0 ? 7 : 11))
        write(LocalDate(daysSinceEpoch: Int32(truncatingIfNeeded: days)), to: &position)
        position.put(UInt8(truncatingIfNeeded: hour))
        position.put(UInt8(truncatingIfNeeded: ofHour / 60))
        position.put(UInt8(truncatingIfNeeded: ofHour % 60))
        if fraction != 0 { position.put(UInt32(truncatingIfNeeded: fraction)) }
    }

    /// The types of a batch's columns, by their first value that is not NULL; nil when a column holds several, or one that has to
    /// become a value first.
    static func types(of rows: RowBatch) -> [(type: MySQLType, isUnsigned: Bool)]? {
        types(of: rows, 0..<rows.rowCount)
    }

    /// The same for some of its rows.
    static func types(of rows: RowBatch, _ range: Range<Int>) -> [(type: MySQLType, isUnsigned: Bool)]? {
        // Kinds first, which are quick to compare: nearly every cell has its column's.
        var kinds = [ValueKind](repeating: .null, count: rows.columnCount)
        var types = [(type: MySQLType, isUnsigned: Bool)](repeating: (.null, false), count: rows.columnCount)
        for row in range {
            let isUniform = rows.withCells(ofRow: row) { cells, _ in
                for (column, cell) in cells.enumerated() where cell.kind != kinds[column] && cell.kind != .null {
                    kinds[column] = cell.kind
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

extension UnsafeMutableRawPointer {
    /// Writes an integer, little-endian, and moves on.
    @inline(__always)
    mutating func put<T: FixedWidthInteger>(_ value: T) {
        storeBytes(of: value.littleEndian, as: T.self)
        self += MemoryLayout<T>.size
    }

    /// Writes bytes with their length before them, and moves on.
    @inline(__always)
    fileprivate mutating func put(_ bytes: UnsafeRawBufferPointer) {
        switch bytes.count {
        case ..<0xFB: put(UInt8(truncatingIfNeeded: bytes.count))
        case ...0xFFFF:
            put(UInt8(0xFC))
            put(UInt16(truncatingIfNeeded: bytes.count))
        case ...0xFF_FFFF: put(UInt32(truncatingIfNeeded: bytes.count) << 8 | 0xFD)
        default:
            put(UInt8(0xFE))
            put(UInt64(truncatingIfNeeded: bytes.count))
        }
        guard let start = bytes.baseAddress else { return }
        copyMemory(from: start, byteCount: bytes.count)
        self += bytes.count
    }
}

extension Int64 {
    func quotientAndRemainder(floor divisor: Int64) -> (Int64, Int64) {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}
