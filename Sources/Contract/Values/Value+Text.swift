#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

extension Value {
    /// The canonical text of the value, as CSV and the terminal show it; nil for `NULL`. Bytes are `\x` and hexadecimal digits;
    /// arrays and objects are JSON.
    public var text: String? {
        switch self {
        case .null: return nil
        case .bool(let value): return value ? "true" : "false"
        case .int(let value): return String(value)
        case .uint(let value): return String(value)
        case .float(let value): return Self.text(of: Double(value), shortest: "\(value)")
        case .double(let value): return Self.text(of: value, shortest: "\(value)")
        case .decimal(let value): return value.description
        case .text(let value): return value
        case .bytes(let value): return "\\x" + Self.hex(value)
        case .date(let value): return value.description
        case .time(let value): return value.description
        case .timeTZ(let value): return value.description
        case .timestamp(let value): return value.description
        case .timestampTZ(let value): return value.description
        case .interval(let value): return value.description
        case .uuid(let value): return value.uuidString.lowercased()
        case .json(let value): return value.text
        case .array, .object:
            var bytes: [UInt8] = []
            appendJSON(to: &bytes)
            return String(decoding: bytes, as: UTF8.self)
        }
    }

    private static func text(of value: Double, shortest: String) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Infinity" : "Infinity" }
        return shortest
    }

    static func hex(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        text.reserveCapacity(bytes.count * 2)
        for byte in bytes {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// Appends the value as JSON: integers and finite floats as numbers, decimals as strings so that no reader rounds them,
    /// bytes as hexadecimal text, JSON as it is.
    public func appendJSON(to bytes: inout [UInt8]) {
        switch self {
        case .null: bytes.append(contentsOf: "null".utf8)
        case .bool, .int, .uint: bytes.append(contentsOf: (text ?? "null").utf8)
        case .float(let value) where value.isFinite: bytes.append(contentsOf: "\(value)".utf8)
        case .double(let value) where value.isFinite: bytes.append(contentsOf: "\(value)".utf8)
        case .json(let value): bytes.append(contentsOf: value.text.utf8)
        case .array(let elements):
            bytes.append(0x5B)
            for (index, element) in elements.enumerated() {
                if index > 0 { bytes.append(0x2C) }
                element.appendJSON(to: &bytes)
            }
            bytes.append(0x5D)
        case .object(let fields):
            bytes.append(0x7B)
            for (index, field) in fields.enumerated() {
                if index > 0 { bytes.append(0x2C) }
                JSON.appendQuoted(field.name, to: &bytes)
                bytes.append(0x3A)
                field.value.appendJSON(to: &bytes)
            }
            bytes.append(0x7D)
        default: JSON.appendQuoted(text ?? "", to: &bytes)
        }
    }
}
