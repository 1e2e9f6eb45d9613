import NIOCore
import Roost

/// Writes rows in the binary format of `COPY` (PostgreSQL documentation, "COPY", Binary Format): each value as the column's type has
/// it, which the server takes as it is.
struct CopyEncoding: Sendable {
    let types: [PostgreSQLType]

    /// Whether values can be written for columns of these types.
    static func supports(_ types: [PostgreSQLType]) -> Bool { types.allSatisfy(supports) }

    /// Whether values can be written for a column of this type.
    static func supports(_ type: PostgreSQLType) -> Bool {
        switch type.facts?.codec {
        case nil, .array: false
        case .serverText: textualType(type) != nil
        default: true
        }
    }

    static func writeHeader(to buffer: inout ByteBuffer) {
        buffer.writeStaticString("PGCOPY\n")
        buffer.writeBytes([0xFF, 0x0D, 0x0A, 0x00])
        buffer.writeInteger(Int32(0))
        buffer.writeInteger(Int32(0))
    }

    static func writeTrailer(to buffer: inout ByteBuffer) {
        buffer.writeInteger(Int16(-1))
    }

    /// Writes all rows of a batch.
    ///
    /// - Throws: `data.typeMismatch` for a value its column's type has no form of, `data.valueOutOfRange`; both name the column.
    func write(_ batch: RowBatch, to buffer: inout ByteBuffer) throws(DatabaseError) {
        let count = UInt16(truncatingIfNeeded: types.count)
        let frame = RowFrame(head: [UInt8(count >> 8), UInt8(truncatingIfNeeded: count)])
        try buffer.writeRows(batch, as: types, in: frame) { (cell, heap, column, buffer) throws(DatabaseError) in
            try Self.writeOther(cell, heap: heap, as: types[column], column: column, to: &buffer)
        }
    }

    @inline(never)
    private static func writeOther(
        _ cell: Cell,
        heap: UnsafeRawPointer,
        as type: PostgreSQLType,
        column: Int,
        to buffer: inout ByteBuffer
    ) throws(DatabaseError) {
        let value = CellView.value(of: cell, heap: heap)
        switch (value, type) {
        // Of the kinds that are written without coming here, those that do not fit.
        case (.int, .int4), (.int, .int2): throw outOfRange(column)
        case (.int(let number), .oid):
            guard let exact = UInt32(exactly: number) else { throw outOfRange(column) }
            buffer.writeMultipleIntegers(Int32(4), exact)
        case (.uint(let number), .int8):
            guard let exact = Int64(exactly: number) else { throw outOfRange(column) }
            buffer.writeMultipleIntegers(Int32(8), exact)
        case (.int(let number), .float8): buffer.writeMultipleIntegers(Int32(8), Double(number).bitPattern)
        case (.float(let number), .float8): buffer.writeMultipleIntegers(Int32(8), Double(number).bitPattern)
        case (.decimal(let number), .numeric): writeNumeric(number, to: &buffer)
        case (.int(let number), .numeric): writeNumeric(BigDecimal(number), to: &buffer)
        case (.uint(let number), .numeric): writeNumeric(BigDecimal(number), to: &buffer)
        case (.double(let number), .numeric): writeNumeric(BigDecimal(number), to: &buffer)
        case (.json(let json), .jsonb): writeJSONB(json.text, to: &buffer)
        case (.text(let text), .jsonb): writeJSONB(text, to: &buffer)
        case (.timestamp, .timestamp), (.timestampTZ, .timestamptz), (.date, .date), (.time, .time),
            (.timeTZ, .timetz), (.interval, .interval):
            try ParameterEncoding.write(value, as: type, to: &buffer)
        case (.text(let text), _) where textualType(type) != nil:
            guard let value = textualType(type)?.init(postgreSQLText: text) else {
                throw DatabaseError(
                    .data,
                    .malformedValue,
                    "A text cannot be read as what column \(column + 1) holds, which is \(type.facts?.name ?? "of another type").",
                    hint: "Write it as PostgreSQL does, or copy one of RoostPostgreSQL's own types.",
                    sqlState: "22P02",
                    engine: PostgreSQLErrors.engine
                )
            }
            try value.writeBinary(to: &buffer)
        default:
            throw DatabaseError(
                .data,
                .typeMismatch,
                "A value of kind \(cell.kind) cannot be copied into column \(column + 1), which is \(type.facts?.name ?? "of another type").",
                hint: "Convert it before copying, or insert it with a cast.",
                sqlState: "42804",
                engine: PostgreSQLErrors.engine
            )
        }
    }

    private static func writeJSONB(_ text: String, to buffer: inout ByteBuffer) {
        buffer.writeInteger(Int32(truncatingIfNeeded: text.utf8.count + 1))
        buffer.writeInteger(UInt8(1))
        buffer.writeString(text)
    }

    private static func outOfRange(_ column: Int) -> DatabaseError {
        DatabaseError(
            .data,
            .valueOutOfRange,
            "A value does not fit into column \(column + 1).",
            sqlState: "22003",
            engine: PostgreSQLErrors.engine
        )
    }

    /// `numeric` in groups of four decimal digits around the decimal point.
    static func writeNumeric(_ number: BigDecimal, to buffer: inout ByteBuffer) {
        let text = Array(number.description.utf8)
        guard number.isFinite else {
            let sign: UInt16 =
                text.first == UInt8(ascii: "N") ? 0xC000 : text.first == UInt8(ascii: "-") ? 0xF000 : 0xD000
            buffer.writeInteger(Int32(8))
            buffer.writeMultipleIntegers(UInt16(0), UInt16(0), sign, UInt16(0))
            return
        }
        let isNegative = text.first == UInt8(ascii: "-")
        let digits = isNegative ? text.dropFirst() : text[...]
        let point = digits.firstIndex(of: UInt8(ascii: ".")) ?? digits.endIndex
        var whole = Array(digits[..<point])
        var fraction = Array(digits[point...].dropFirst())
        let scale = fraction.count
        whole.insert(contentsOf: repeatElement(48, count: (4 - whole.count % 4) % 4), at: 0)
        fraction.append(contentsOf: repeatElement(48, count: (4 - fraction.count % 4) % 4))
        var weight = whole.count / 4 - 1
        let all = whole + fraction
        var groups: [UInt16] = stride(from: 0, to: all.count, by: 4).map { start in
            all[start..<(start + 4)].reduce(0) { $0 * 10 + UInt16($1 - 48) }
        }
        while let first = groups.first, first == 0 {
            groups.removeFirst()
            weight -= 1
        }
        while groups.last == 0 { groups.removeLast() }
        if groups.isEmpty { weight = 0 }
        buffer.writeInteger(Int32(truncatingIfNeeded: 8 + groups.count * 2))
        buffer.writeInteger(UInt16(truncatingIfNeeded: groups.count))
        buffer.writeInteger(Int16(truncatingIfNeeded: weight))
        buffer.writeInteger(UInt16(isNegative && !groups.isEmpty ? 0x4000 : 0))
        buffer.writeInteger(UInt16(truncatingIfNeeded: scale))
        for group in groups { buffer.writeInteger(group) }
    }
}
