/// Reads CSV (RFC 4180) or TSV (PostgreSQL's `COPY` text), record by record.
///
/// In CSV an empty unquoted value is `NULL` and `""` an empty text; in TSV `\N` is `NULL`.
public struct DelimitedReader {
    /// What is wrong with the text, and where.
    public struct Failure: Error, CustomStringConvertible, Sendable {
        /// The line, from 1.
        public let line: Int
        /// What is wrong.
        public let reason: String
        /// `line 3: a quote is not closed`
        public var description: String { "line \(line): \(reason)" }
    }

    private let bytes: [UInt8]
    private let isTSV: Bool
    private var index = 0
    private var line = 1

    /// A reader over a whole text.
    ///
    /// - Throws: ``Failure`` when it is not UTF-8.
    public init(_ bytes: [UInt8], isTSV: Bool) throws(Failure) {
        guard String(validating: bytes, as: UTF8.self) != nil else {
            throw Failure(line: 1, reason: "the text is not UTF-8")
        }
        self.bytes = bytes
        self.isTSV = isTSV
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { index = 3 }
    }

    /// The next record; nil at the end.
    public mutating func next() throws(Failure) -> [String?]? {
        guard index < bytes.count else { return nil }
        var record: [String?] = []
        while true {
            record.append(isTSV ? tsvValue() : try csvValue())
            guard index < bytes.count else { return record }
            let separator = bytes[index]
            index += 1
            if separator == 0x0D, index < bytes.count, bytes[index] == 0x0A { index += 1 }
            if separator == 0x0A || separator == 0x0D {
                line += 1
                return record
            }
        }
    }

    private mutating func csvValue() throws(Failure) -> String? {
        guard index < bytes.count, bytes[index] == 0x22 else {
            let start = index
            while index < bytes.count, ![0x2C, 0x0A, 0x0D].contains(bytes[index]) { index += 1 }
            return start == index ? nil : String(decoding: bytes[start..<index], as: UTF8.self)
        }
        let firstLine = line
        var value: [UInt8] = []
        index += 1
        while index < bytes.count {
            let byte = bytes[index]
            index += 1
            if byte == 0x22 {
                if index < bytes.count, bytes[index] == 0x22 {
                    index += 1
                } else {
                    guard index == bytes.count || [0x2C, 0x0A, 0x0D].contains(bytes[index]) else {
                        throw Failure(line: line, reason: "something follows a closing quote")
                    }
                    return String(decoding: value, as: UTF8.self)
                }
            }
            if byte == 0x0A { line += 1 }
            value.append(byte)
        }
        throw Failure(line: firstLine, reason: "a quote is not closed")
    }

    private mutating func tsvValue() -> String? {
        var value: [UInt8] = []
        var isNull = false
        while index < bytes.count, ![0x09, 0x0A, 0x0D].contains(bytes[index]) {
            var byte = bytes[index]
            index += 1
            if byte == 0x5C, index < bytes.count {
                switch bytes[index] {
                case UInt8(ascii: "t"): byte = 0x09
                case UInt8(ascii: "n"): byte = 0x0A
                case UInt8(ascii: "r"): byte = 0x0D
                case UInt8(ascii: "N"):
                    isNull = value.isEmpty
                    byte = UInt8(ascii: "N")
                default: byte = bytes[index]
                }
                index += 1
            }
            value.append(byte)
        }
        return isNull && value.count == 1 ? nil : String(decoding: value, as: UTF8.self)
    }
}
