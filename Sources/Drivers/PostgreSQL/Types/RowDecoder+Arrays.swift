import Roost

extension RowDecoder {
    /// The deepest nesting PostgreSQL allows (`MAXDIM`).
    private static let maximumDimensions = 6

    /// Appends an array in binary format (`array_send`): dimensions, then elements row by row.
    static func appendArray(
        _ value: UnsafeRawBufferPointer,
        _ element: CellCodec,
        to builder: inout RowBatchBuilder
    ) throws(DatabaseError) {
        var reader = MessageReader(value)
        guard let dimensionCount = reader.integer(Int32.self), reader.integer(Int32.self) != nil,
            reader.integer(UInt32.self) != nil, (0...Int32(maximumDimensions)).contains(dimensionCount)
        else { throw malformed }
        var lengths: [Int] = []
        for _ in 0..<dimensionCount {
            guard let length = reader.integer(Int32.self), length >= 0, reader.integer(Int32.self) != nil else {
                throw malformed
            }
            lengths.append(Int(length))
        }
        guard !lengths.isEmpty else { return builder.append(array: []) }
        var total = 1
        for length in lengths {
            let (product, overflow) = total.multipliedReportingOverflow(by: length)
            // Every element takes at least the four bytes of its length.
            guard !overflow, product <= reader.remaining / 4 else { throw malformed }
            total = product
        }
        let codec = ColumnCodec(codec: element, element: .serverText, isBinary: true)
        try appendElements(&reader, lengths[...], codec, to: &builder)
        guard reader.remaining == 0 else { throw malformed }
    }

    /// Appends one dimension: its elements, or the arrays of the next one.
    private static func appendElements(
        _ reader: inout MessageReader,
        _ lengths: ArraySlice<Int>,
        _ codec: ColumnCodec,
        to builder: inout RowBatchBuilder
    ) throws(DatabaseError) {
        guard let count = lengths.first else { throw malformed }
        let isInnermost = lengths.count == 1
        try builder.appendNested(.array, count: count) { (builder, _) throws(DatabaseError) in
            guard isInnermost else { return try appendElements(&reader, lengths.dropFirst(), codec, to: &builder) }
            guard let length = reader.integer(Int32.self) else { throw malformed }
            if length < 0 { return builder.appendNull() }
            guard let bytes = reader.bytes(Int(length)) else { throw malformed }
            try appendBinary(bytes, codec, to: &builder)
        }
    }

    /// Appends an array in text format: `{1,NULL,"a \"b\""}`, with bounds before it when they do not start at 1.
    static func appendArrayText(
        _ value: UnsafeRawBufferPointer,
        _ column: ColumnCodec,
        to builder: inout RowBatchBuilder
    ) throws(DatabaseError) {
        builder.append(array: try arrayElements(value, column.element, delimiter: column.delimiter))
    }

    /// The elements of an array in text format.
    static func arrayElements(
        _ value: UnsafeRawBufferPointer,
        _ element: CellCodec,
        delimiter: UInt8
    ) throws(DatabaseError) -> [Value] {
        var parser = ArrayTextParser(value, element: element, delimiter: delimiter)
        return try parser.parse()
    }

    private struct ArrayTextParser {
        let bytes: UnsafeRawBufferPointer
        let codec: ColumnCodec
        let delimiter: UInt8
        var index = 0

        init(_ bytes: UnsafeRawBufferPointer, element: CellCodec, delimiter: UInt8) {
            self.bytes = bytes
            self.delimiter = delimiter
            codec = ColumnCodec(codec: element, element: .serverText, isBinary: false)
        }

        mutating func parse() throws(DatabaseError) -> [Value] {
            if bytes.first == UInt8(ascii: "[") {
                guard let equals = bytes.firstIndex(of: UInt8(ascii: "=")) else { throw malformed }
                index = equals + 1
            }
            let elements = try list(depth: 0)
            guard index == bytes.count else { throw malformed }
            return elements
        }

        private var next: UInt8? { index < bytes.count ? bytes[index] : nil }

        private mutating func list(depth: Int) throws(DatabaseError) -> [Value] {
            guard next == UInt8(ascii: "{"), depth < maximumDimensions else { throw malformed }
            index += 1
            var elements: [Value] = []
            if next == UInt8(ascii: "}") {
                index += 1
                return elements
            }
            while true {
                elements.append(
                    next == UInt8(ascii: "{") ? .array(try list(depth: depth + 1)) : try scalar()
                )
                guard let separator = next else { throw malformed }
                index += 1
                if separator == UInt8(ascii: "}") { return elements }
                guard separator == delimiter else { throw malformed }
            }
        }

        private mutating func scalar() throws(DatabaseError) -> Value {
            var text: [UInt8] = []
            let isQuoted = next == UInt8(ascii: "\"")
            if isQuoted { index += 1 }
            while true {
                guard var byte = next else { throw malformed }
                if isQuoted ? byte == UInt8(ascii: "\"") : byte == delimiter || byte == UInt8(ascii: "}") {
                    break
                }
                if byte == UInt8(ascii: "\\") {
                    index += 1
                    guard let escaped = next else { throw malformed }
                    byte = escaped
                }
                text.append(byte)
                index += 1
            }
            if isQuoted {
                index += 1
            } else if String(decoding: text, as: UTF8.self).uppercased() == "NULL" {
                return .null
            }
            var scratch = RowBatchBuilder(columnCount: 1, rowCapacity: 1)
            do {
                try text.withUnsafeBytes { try appendText($0, codec, to: &scratch) }
            } catch let error as DatabaseError {
                throw error
            } catch {
                throw malformed
            }
            try scratch.endRow()
            return scratch.finish().value(row: 0, column: 0) ?? .null
        }
    }
}

extension ColumnCodec {
    init(codec: CellCodec, element: CellCodec, isBinary: Bool) {
        self.codec = codec
        self.element = element
        self.isBinary = isBinary
    }
}
