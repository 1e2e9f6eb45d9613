extension FixedWidthInteger {
    /// Reads an integer cell, a boolean never; a decimal only where it is whole.
    @inlinable
    @inline(__always)
    static func decodeInteger(_ cell: borrowing CellView) throws(CellDecodingError) -> Self {
        if _fastPath(cell.kind == .int) {
            guard let value = Self(exactly: cell.int64) else { throw .valueOutOfRange }
            return value
        }
        return try decodeOtherInteger(cell)
    }

    @inlinable
    @inline(never)
    static func decodeOtherInteger(_ cell: borrowing CellView) throws(CellDecodingError) -> Self {
        switch cell.kind {
        case .uint:
            guard let value = Self(exactly: cell.bits) else { throw .valueOutOfRange }
            return value
        case .decimal:
            guard let text = cell.string else { throw .malformed }
            let whole = text.prefix { $0 != "." }
            guard text.dropFirst(whole.count).dropFirst().allSatisfy({ $0 == "0" }), let value = Self(whole) else {
                throw .valueOutOfRange
            }
            return value
        default:
            throw .mismatch(cell)
        }
    }
}

extension Int: DatabaseDecodable {
    @inlinable
    public static func decode(_ cell: borrowing CellView) throws(CellDecodingError) -> Int { try decodeInteger(cell) }
}

extension Int8: DatabaseDecodable {
    @inlinable
    public static func decode(_ cell: borrowing CellView) throws(CellDecodingError) -> Int8 { try decodeInteger(cell) }
}

extension Int16: DatabaseDecodable {
    @inlinable
    public static func decode(_ cell: borrowing CellView) throws(CellDecodingError) -> Int16 { try decodeInteger(cell) }
}

extension Int32: DatabaseDecodable {
    @inlinable
    public static func decode(_ cell: borrowing CellView) throws(CellDecodingError) -> Int32 { try decodeInteger(cell) }
}

extension Int64: DatabaseDecodable {
    @inlinable
    public static func decode(_ cell: borrowing CellView) throws(CellDecodingError) -> Int64 { try decodeInteger(cell) }
}

extension UInt: DatabaseDecodable {
    @inlinable
    public static func decode(_ cell: borrowing CellView) throws(CellDecodingError) -> UInt { try decodeInteger(cell) }
}

extension UInt8: DatabaseDecodable {
    @inlinable
    public static func decode(_ cell: borrowing CellView) throws(CellDecodingError) -> UInt8 { try decodeInteger(cell) }
}

extension UInt16: DatabaseDecodable {
    @inlinable
    public static func decode(_ cell: borrowing CellView) throws(CellDecodingError) -> UInt16 {
        try decodeInteger(cell)
    }
}

extension UInt32: DatabaseDecodable {
    @inlinable
    public static func decode(_ cell: borrowing CellView) throws(CellDecodingError) -> UInt32 {
        try decodeInteger(cell)
    }
}

extension UInt64: DatabaseDecodable {
    @inlinable
    public static func decode(_ cell: borrowing CellView) throws(CellDecodingError) -> UInt64 {
        try decodeInteger(cell)
    }
}

extension Bool: DatabaseDecodable {
    /// Reads a boolean, or an integer that is 0 or 1 as engines without a boolean type store it.
    @inlinable
    public static func decode(_ cell: borrowing CellView) throws(CellDecodingError) -> Bool {
        switch cell.kind {
        case .bool: return cell.bits != 0
        case .int, .uint:
            guard cell.bits <= 1 else { throw .valueOutOfRange }
            return cell.bits == 1
        default: throw .mismatch(cell)
        }
    }
}

extension Double: DatabaseDecodable {
    /// Reads a floating-point cell, an integer that a double holds exactly, or a decimal rounded to the nearest double.
    @inlinable
    public static func decode(_ cell: borrowing CellView) throws(CellDecodingError) -> Double {
        if _fastPath(cell.kind == .double) { return Double(bitPattern: cell.bits) }
        return try decodeOther(cell)
    }

    @usableFromInline
    static func decodeOther(_ cell: borrowing CellView) throws(CellDecodingError) -> Double {
        switch cell.kind {
        case .float:
            return Double(Float(bitPattern: UInt32(truncatingIfNeeded: cell.bits)))
        case .int:
            guard let value = Double(exactly: cell.int64) else { throw .valueOutOfRange }
            return value
        case .uint:
            guard let value = Double(exactly: cell.bits) else { throw .valueOutOfRange }
            return value
        case .decimal:
            guard let text = cell.string, let value = Double(text) else { throw .malformed }
            return value
        default:
            throw .mismatch(cell)
        }
    }
}

extension Float: DatabaseDecodable {
    /// Reads a single-precision cell, or whatever `Double` reads rounded to single precision; overflow is an error.
    public static func decode(_ cell: borrowing CellView) throws(CellDecodingError) -> Float {
        if cell.kind == .float { return Float(bitPattern: UInt32(truncatingIfNeeded: cell.bits)) }
        let wide = try Double.decode(cell)
        let narrow = Float(wide)
        guard narrow.isFinite || !wide.isFinite else { throw .valueOutOfRange }
        return narrow
    }
}

extension BigDecimal: DatabaseDecodable {
    /// Reads a decimal or an integer exactly, a double by the shortest digits that mean it, or text in decimal notation.
    public static func decode(_ cell: borrowing CellView) throws(CellDecodingError) -> BigDecimal {
        switch cell.kind {
        case .decimal, .text:
            guard let value = cell.string.flatMap({ BigDecimal($0) }) else { throw .malformed }
            return value
        case .int:
            guard let value = BigDecimal("\(cell.int64)") else { throw .malformed }
            return value
        case .uint:
            guard let value = BigDecimal("\(cell.bits)") else { throw .malformed }
            return value
        case .double:
            guard let value = BigDecimal("\(Double(bitPattern: cell.bits))") else { throw .malformed }
            return value
        default:
            throw .mismatch(cell)
        }
    }
}
