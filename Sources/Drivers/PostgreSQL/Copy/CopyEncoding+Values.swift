import NIOCore
import Roost

/// A value of a type the contract has none for, in the binary format of the type's receiving function.
protocol PostgreSQLBinaryEncodable: PostgreSQLTextRepresentable {
    /// Writes the value with its length before it.
    ///
    /// - Throws: `data.valueOutOfRange`.
    func writeBinary(to buffer: inout ByteBuffer) throws(DatabaseError)
}

extension CopyEncoding {
    /// What reads the text of a type, where that text can be written in binary.
    static func textualType(_ type: PostgreSQLType) -> (any PostgreSQLBinaryEncodable.Type)? {
        switch type.rawValue {
        case 600: PostgreSQLPoint.self
        case 601: PostgreSQLLineSegment.self
        case 602: PostgreSQLPath.self
        case 603: PostgreSQLBox.self
        case 604: PostgreSQLPolygon.self
        case 628: PostgreSQLLine.self
        case 718: PostgreSQLCircle.self
        case 650, 869: PostgreSQLInternetAddress.self
        case 774, 829: PostgreSQLHardwareAddress.self
        case 1560, 1562: PostgreSQLBits.self
        case 3904: PostgreSQLRange<Int32>.self
        case 3906: PostgreSQLRange<BigDecimal>.self
        case 3908: PostgreSQLRange<LocalDateTime>.self
        case 3910: PostgreSQLRange<Instant>.self
        case 3912: PostgreSQLRange<LocalDate>.self
        case 3926: PostgreSQLRange<Int64>.self
        case 4451: PostgreSQLMultirange<Int32>.self
        case 4532: PostgreSQLMultirange<BigDecimal>.self
        case 4533: PostgreSQLMultirange<LocalDateTime>.self
        case 4534: PostgreSQLMultirange<Instant>.self
        case 4535: PostgreSQLMultirange<LocalDate>.self
        case 4536: PostgreSQLMultirange<Int64>.self
        default: nil
        }
    }
}

extension ByteBuffer {
    /// Writes what `body` writes with its length before it.
    fileprivate mutating func writeSized(
        _ body: (inout ByteBuffer) throws(DatabaseError) -> Void
    ) throws(DatabaseError) {
        let start = writerIndex
        writeInteger(Int32(0))
        try body(&self)
        setInteger(Int32(truncatingIfNeeded: writerIndex - start - 4), at: start)
    }

    fileprivate mutating func writeSized(_ doubles: [Double]) {
        writeInteger(Int32(truncatingIfNeeded: doubles.count * 8))
        for double in doubles { writeInteger(double.bitPattern) }
    }

    fileprivate mutating func write(_ points: [PostgreSQLPoint]) {
        writeInteger(Int32(truncatingIfNeeded: points.count))
        for point in points { writeMultipleIntegers(point.x.bitPattern, point.y.bitPattern) }
    }
}

// MARK: Bounds

extension Int32: PostgreSQLBinaryEncodable {
    func writeBinary(to buffer: inout ByteBuffer) { buffer.writeMultipleIntegers(Int32(4), self) }
}

extension Int64: PostgreSQLBinaryEncodable {
    func writeBinary(to buffer: inout ByteBuffer) { buffer.writeMultipleIntegers(Int32(8), self) }
}

extension BigDecimal: PostgreSQLBinaryEncodable {
    func writeBinary(to buffer: inout ByteBuffer) { CopyEncoding.writeNumeric(self, to: &buffer) }
}

extension LocalDate: PostgreSQLBinaryEncodable {
    func writeBinary(to buffer: inout ByteBuffer) throws(DatabaseError) {
        try ParameterEncoding.write(databaseValue, as: .date, to: &buffer)
    }
}

extension LocalDateTime: PostgreSQLBinaryEncodable {
    func writeBinary(to buffer: inout ByteBuffer) throws(DatabaseError) {
        try ParameterEncoding.write(databaseValue, as: .timestamp, to: &buffer)
    }
}

extension Instant: PostgreSQLBinaryEncodable {
    func writeBinary(to buffer: inout ByteBuffer) throws(DatabaseError) {
        try ParameterEncoding.write(databaseValue, as: .timestamptz, to: &buffer)
    }
}

// MARK: Ranges

extension PostgreSQLRange: PostgreSQLBinaryEncodable where Bound: PostgreSQLBinaryEncodable {
    /// `range_recv`: flags (`rangetypes.h`), then the bounds there are.
    func writeBinary(to buffer: inout ByteBuffer) throws(DatabaseError) {
        try buffer.writeSized { (buffer) throws(DatabaseError) in
            guard let lower, let upper else {
                buffer.writeInteger(UInt8(0x01))
                return
            }
            var flags: UInt8 = 0
            if lower.isInclusive { flags |= 0x02 }
            if upper.isInclusive { flags |= 0x04 }
            if lower == .unbounded { flags |= 0x08 }
            if upper == .unbounded { flags |= 0x10 }
            buffer.writeInteger(flags)
            try lower.bound?.writeBinary(to: &buffer)
            try upper.bound?.writeBinary(to: &buffer)
        }
    }
}

extension PostgreSQLMultirange: PostgreSQLBinaryEncodable where Bound: PostgreSQLBinaryEncodable {
    func writeBinary(to buffer: inout ByteBuffer) throws(DatabaseError) {
        try buffer.writeSized { (buffer) throws(DatabaseError) in
            buffer.writeInteger(Int32(truncatingIfNeeded: ranges.count))
            for range in ranges { try range.writeBinary(to: &buffer) }
        }
    }
}

// MARK: Addresses and bits

extension PostgreSQLInternetAddress: PostgreSQLBinaryEncodable {
    /// `inet_recv`: the family (`PGSQL_AF_INET` 2, `PGSQL_AF_INET6` 3), the prefix, a byte that is ignored, and the address.
    func writeBinary(to buffer: inout ByteBuffer) {
        let count = UInt8(truncatingIfNeeded: bytes.count)
        buffer.writeInteger(Int32(4 + bytes.count))
        buffer.writeBytes([family == .ipv4 ? 2 : 3, UInt8(truncatingIfNeeded: prefixLength), 0, count])
        buffer.writeBytes(bytes)
    }
}

extension PostgreSQLHardwareAddress: PostgreSQLBinaryEncodable {
    func writeBinary(to buffer: inout ByteBuffer) {
        buffer.writeInteger(Int32(bytes.count))
        buffer.writeBytes(bytes)
    }
}

extension PostgreSQLBits: PostgreSQLBinaryEncodable {
    func writeBinary(to buffer: inout ByteBuffer) {
        buffer.writeMultipleIntegers(Int32(truncatingIfNeeded: 4 + bytes.count), Int32(truncatingIfNeeded: count))
        buffer.writeBytes(bytes)
    }
}

// MARK: Geometry

extension PostgreSQLPoint: PostgreSQLBinaryEncodable {
    func writeBinary(to buffer: inout ByteBuffer) { buffer.writeSized([x, y]) }
}

extension PostgreSQLLine: PostgreSQLBinaryEncodable {
    func writeBinary(to buffer: inout ByteBuffer) { buffer.writeSized([a, b, c]) }
}

extension PostgreSQLLineSegment: PostgreSQLBinaryEncodable {
    func writeBinary(to buffer: inout ByteBuffer) { buffer.writeSized([start.x, start.y, end.x, end.y]) }
}

extension PostgreSQLBox: PostgreSQLBinaryEncodable {
    func writeBinary(to buffer: inout ByteBuffer) {
        buffer.writeSized([upperRight.x, upperRight.y, lowerLeft.x, lowerLeft.y])
    }
}

extension PostgreSQLCircle: PostgreSQLBinaryEncodable {
    func writeBinary(to buffer: inout ByteBuffer) { buffer.writeSized([center.x, center.y, radius]) }
}

extension PostgreSQLPath: PostgreSQLBinaryEncodable {
    func writeBinary(to buffer: inout ByteBuffer) throws(DatabaseError) {
        try buffer.writeSized { (buffer) throws(DatabaseError) in
            buffer.writeInteger(UInt8(isClosed ? 1 : 0))
            buffer.write(points)
        }
    }
}

extension PostgreSQLPolygon: PostgreSQLBinaryEncodable {
    func writeBinary(to buffer: inout ByteBuffer) throws(DatabaseError) {
        try buffer.writeSized { (buffer) throws(DatabaseError) in buffer.write(points) }
    }
}
