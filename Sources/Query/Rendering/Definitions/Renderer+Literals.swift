import Roost

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

extension Renderer {
    /// A value as text of the dialect, for what takes no parameters: definitions.
    ///
    /// - Parameter isOperand: whether it may stand behind a minus sign.
    mutating func write(literal value: Value, isOperand: Bool = true) throws(DatabaseError) {
        func number(_ text: String) {
            // Two minus signs would begin a comment.
            write(isOperand && text.hasPrefix("-") ? "(\(text))" : text)
        }
        switch value {
        case .null: write("null")
        case .bool(let value):
            let hasBooleans = !profile.isOne(of: .sqlserver, .oracle)
            write(hasBooleans ? value ? "true" : "false" : value ? "1" : "0")
        case .int(let value): number("\(value)")
        case .uint(let value): number("\(value)")
        case .float(let value) where value.isFinite: number("\(value)")
        case .double(let value) where value.isFinite: number("\(value)")
        case .float(let value): try write(special: Double(value))
        case .double(let value): try write(special: value)
        case .decimal(let value):
            guard value.isFinite else { throw notSupported("NaN and infinity as literals") }
            number(value.description)
        case .text(let value): try write(string: value)
        case .bytes(let bytes): write(bytes: bytes)
        case .date(let value): try write(temporal: .date, value.description)
        case .time(let value): try write(temporal: .time, Self.fixed(value.description))
        case .timestamp(let value):
            try write(temporal: .timestamp, Self.fixed(value.description.replacing("T", with: " ")))
        case .timestampTZ(let value):
            let text = String(value.description.replacing("T", with: " ").dropLast())
            try write(temporal: .timestampTZ, Self.fixed(text) + (profile.engine == .sqlite ? "Z" : "+00:00"))
        case .interval(let value):
            if profile.engine == .sqlite { return try write(string: value.description) }
            guard profile.engine == .postgresql else { throw notSupported("intervals as literals") }
            write("interval ")
            try write(string: value.description)
        case .uuid(let value): try write(uuid: value.uuidString.lowercased())
        case .json(let value):
            if profile.engine == .postgresql { write("jsonb ") }
            try write(string: value.text)
        case .array(let values):
            try require(.arrays)
            write("array[")
            for (index, value) in values.enumerated() {
                if index > 0 { write(", ") }
                try write(literal: value)
            }
            write("]")
        case .timeTZ, .object: throw notSupported("literals of this type")
        }
    }

    mutating func write(strings: [String]) throws(DatabaseError) {
        for (index, text) in strings.enumerated() {
            if index > 0 { write(", ") }
            try write(string: text)
        }
    }

    private mutating func write(special value: Double) throws(DatabaseError) {
        guard profile.engine == .postgresql else { throw notSupported("NaN and infinity as literals") }
        write("float8 ")
        try write(string: value.isNaN ? "NaN" : value < 0 ? "-Infinity" : "Infinity")
    }

    private mutating func write(bytes: [UInt8]) {
        let digits = Array("0123456789abcdef".utf8)
        let hex = String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
        switch profile.engine {
        case .postgresql: write("bytea '\\x\(hex)'")
        case .sqlserver: write("0x\(hex)")
        case .oracle: write("hextoraw('\(hex)')")
        case .db2: write("bx'\(hex)'")
        default: write("x'\(hex)'")
        }
    }

    private mutating func write(temporal type: SQLType, _ text: String) throws(DatabaseError) {
        switch (profile.engine, type) {
        // The form the driver binds, which sorts as the values do.
        case (.sqlite, _): return try write(string: text)
        case (.sqlserver, _):
            write("cast(")
            try write(string: text)
            write(" as ")
            try writeCastType(type)
            return write(")")
        case (.mariadb, .timestampTZ), (.db2, .timestampTZ):
            throw notSupported("moments with a time zone as literals")
        case (.oracle, .time): throw notSupported("a type for times of day")
        case (_, .date): write("date ")
        case (_, .time): write("time ")
        case (.postgresql, .timestampTZ): write("timestamptz ")
        default: write("timestamp ")
        }
        try write(string: text)
    }

    private mutating func write(uuid text: String) throws(DatabaseError) {
        switch profile.engine {
        case .postgresql: write("uuid ")
        case .oracle: return write("hextoraw('\(text.replacing("-", with: ""))')")
        default: break
        }
        try write(string: text)
    }

    /// A time with six digits of fraction.
    private static func fixed(_ text: String) -> String {
        let parts = text.split(separator: ".", maxSplits: 1)
        guard let whole = parts.first else { return text }
        let fraction = parts.count > 1 ? String(parts[1]) : ""
        return whole + "." + fraction + String(repeating: "0", count: max(0, 6 - fraction.utf8.count))
    }

    mutating func renderNextNumber(_ path: [String]) throws(DatabaseError) {
        try require(.sequences)
        switch profile.engine {
        case .postgresql:
            write("nextval(")
            try write(string: path.map { profile.dialect.quoted($0) }.joined(separator: "."))
            write(")")
        case .oracle:
            try write(identifier: path)
            write(".nextval")
        default:
            write("next value for ")
            try write(identifier: path)
        }
    }
}
