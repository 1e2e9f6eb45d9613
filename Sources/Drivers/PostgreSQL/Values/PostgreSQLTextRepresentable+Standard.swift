public import Roost

#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

extension Int: PostgreSQLTextRepresentable {}
extension Int16: PostgreSQLTextRepresentable {}
extension Int32: PostgreSQLTextRepresentable {}
extension Int64: PostgreSQLTextRepresentable {}
extension String: PostgreSQLTextRepresentable {}

extension Bool: PostgreSQLTextRepresentable {
    /// Reads `t`, `f`, `true` and `false`.
    public init?(postgreSQLText utf8: UnsafeRawBufferPointer) {
        if utf8.elementsEqual("t".utf8) || utf8.elementsEqual("true".utf8) {
            self = true
        } else if utf8.elementsEqual("f".utf8) || utf8.elementsEqual("false".utf8) {
            self = false
        } else {
            return nil
        }
    }

    public var postgreSQLText: String { self ? "t" : "f" }
}

extension Double: PostgreSQLTextRepresentable {
    /// The fewest digits that read back as this number, as `extra_float_digits` 1 and more writes them.
    public var postgreSQLText: String { FloatText.text(of: self, fixedBelow: 15) }
}

extension Float: PostgreSQLTextRepresentable {
    /// The fewest digits that read back as this number, as `extra_float_digits` 1 and more writes them.
    public var postgreSQLText: String { FloatText.text(of: self, fixedBelow: 6) }
}

extension BigDecimal: PostgreSQLTextRepresentable {
    public init?(postgreSQLText utf8: UnsafeRawBufferPointer) { self.init(utf8: utf8) }
}

extension UUID: PostgreSQLTextRepresentable {
    public init?(postgreSQLText utf8: UnsafeRawBufferPointer) {
        self.init(uuidString: String(decoding: utf8, as: UTF8.self))
    }

    public var postgreSQLText: String { uuidString.lowercased() }
}

extension JSON: PostgreSQLTextRepresentable {
    /// Takes any text in UTF-8; JSON is not parsed until asked for.
    public init?(postgreSQLText utf8: UnsafeRawBufferPointer) {
        guard let text = String(validating: utf8, as: UTF8.self) else { return nil }
        self.init(text)
    }

    public var postgreSQLText: String { text }
}

extension LocalDate: PostgreSQLTextRepresentable {
    public init?(postgreSQLText utf8: UnsafeRawBufferPointer) { self.init(utf8: utf8) }
    public var postgreSQLText: String { ParameterEncoding.withEra(description) }
}

extension LocalTime: PostgreSQLTextRepresentable {
    public init?(postgreSQLText utf8: UnsafeRawBufferPointer) { self.init(utf8: utf8) }
}

extension OffsetTime: PostgreSQLTextRepresentable {
    public init?(postgreSQLText utf8: UnsafeRawBufferPointer) { self.init(utf8: utf8) }
}

extension LocalDateTime: PostgreSQLTextRepresentable {
    public init?(postgreSQLText utf8: UnsafeRawBufferPointer) { self.init(utf8: utf8) }

    /// `2024-01-31 12:34:56.789`
    public var postgreSQLText: String {
        ParameterEncoding.withEra(temporalText { write(to: $0, separator: UInt8(ascii: " ")) })
    }
}

extension Instant: PostgreSQLTextRepresentable {
    public init?(postgreSQLText utf8: UnsafeRawBufferPointer) { self.init(utf8: utf8) }

    /// `2024-01-31 12:34:56.789+00`, as a session whose `TimeZone` is UTC writes it.
    public var postgreSQLText: String {
        let text = temporalText { write(to: $0, separator: UInt8(ascii: " ")) }
        return ParameterEncoding.withEra(isFinite ? text.dropLast() + "+00" : text)
    }
}

extension Interval: PostgreSQLTextRepresentable {
    /// Reads PostgreSQL's own style and ISO 8601.
    public init?(postgreSQLText utf8: UnsafeRawBufferPointer) {
        guard let value = IntervalText.parse(String(decoding: utf8, as: UTF8.self)) else { return nil }
        self = value
    }

    /// ISO 8601, which the server reads whatever its `IntervalStyle`.
    public var postgreSQLText: String { description }
}

extension Array: PostgreSQLTextRepresentable where Element: PostgreSQLTextRepresentable {
    /// Reads an array of one dimension without NULL: `{1,2,3}`.
    public init?(postgreSQLText utf8: UnsafeRawBufferPointer) {
        guard let values = try? RowDecoder.arrayElements(utf8, .serverText, delimiter: Element.arrayDelimiter) else {
            return nil
        }
        self = []
        reserveCapacity(values.count)
        for value in values {
            guard case .text(let text) = value, let element = Element(postgreSQLText: text) else { return nil }
            append(element)
        }
    }

    /// Every element is in quotes.
    public var postgreSQLText: String {
        var bytes = [UInt8(ascii: "{")]
        for (index, element) in enumerated() {
            if index > 0 { bytes.append(Element.arrayDelimiter) }
            bytes.append(UInt8(ascii: "\""))
            for byte in element.postgreSQLText.utf8 {
                if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { bytes.append(UInt8(ascii: "\\")) }
                bytes.append(byte)
            }
            bytes.append(UInt8(ascii: "\""))
        }
        bytes.append(UInt8(ascii: "}"))
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// What a date or time writes into a buffer that every form fits.
private func temporalText(_ write: (UnsafeMutableRawBufferPointer) -> Int) -> String {
    withUnsafeTemporaryAllocation(byteCount: TemporalFormat.maximumTextLength, alignment: 8) { buffer in
        String(decoding: buffer.prefix(write(buffer)), as: UTF8.self)
    }
}
