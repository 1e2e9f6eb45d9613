/// Finds the parts of a JSON text (RFC 8259) without building a tree of it.
public struct JSONScanner {
    /// The most arrays and objects inside one another; deeper texts are refused.
    public static let maximumDepth = 512

    /// What a value is.
    public enum Kind: Sendable {
        case object, array, string, number, bool, null
    }

    let bytes: UnsafeRawBufferPointer
    /// Where the next token begins.
    public private(set) var index = 0

    /// A scanner over a text, which must outlive it.
    public init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
    }

    /// Whether a text is one JSON value in UTF-8.
    public static func isJSON(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard TextCell.isUTF8(bytes) else { return false }
        var scanner = JSONScanner(bytes)
        return scanner.skipValue() != nil && scanner.isAtEnd
    }

    /// Whether nothing but white space is left.
    public var isAtEnd: Bool {
        mutating get {
            skipSpace()
            return index == bytes.count
        }
    }

    private mutating func skipSpace() {
        while index < bytes.count {
            switch bytes[index] {
            case 0x20, 0x09, 0x0A, 0x0D: index += 1
            default: return
            }
        }
    }

    /// Passes over a character; false when another one stands there.
    public mutating func skip(_ character: UInt8) -> Bool {
        skipSpace()
        guard index < bytes.count, bytes[index] == character else { return false }
        index += 1
        return true
    }

    /// The kind of the value that begins here; nil when none does.
    public var nextKind: Kind? {
        mutating get {
            skipSpace()
            guard index < bytes.count else { return nil }
            switch bytes[index] {
            case UInt8(ascii: "{"): return .object
            case UInt8(ascii: "["): return .array
            case UInt8(ascii: "\""): return .string
            case UInt8(ascii: "t"), UInt8(ascii: "f"): return .bool
            case UInt8(ascii: "n"): return .null
            case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number
            default: return nil
            }
        }
    }

    /// Passes over a value and returns where it lies; nil when it is none.
    public mutating func skipValue() -> Range<Int>? {
        skipSpace()
        let start = index
        // What is open: true for an object.
        var open: [Bool] = []
        while true {
            guard let kind = nextKind else { return nil }
            var opened = false
            switch kind {
            case .object, .array:
                guard open.count < Self.maximumDepth else { return nil }
                index += 1
                if !skip(kind == .object ? 0x7D : 0x5D) {
                    open.append(kind == .object)
                    opened = true
                }
            case .string: if !skipString() { return nil }
            case .number: if !skipNumber() { return nil }
            case .bool, .null: if !skipWord() { return nil }
            }
            if !opened {
                // A value ended: whatever it completes ends with it.
                var isNext = false
                while let isObject = open.last, !isNext {
                    if skip(0x2C) {
                        isNext = true
                    } else {
                        guard skip(isObject ? 0x7D : 0x5D) else { return nil }
                        open.removeLast()
                    }
                }
                if open.isEmpty { return start..<index }
            }
            if open.last == true {
                skipSpace()
                guard index < bytes.count, bytes[index] == 0x22, skipString(), skip(0x3A) else { return nil }
            }
        }
    }

    private mutating func skipWord() -> Bool {
        for word in ["true", "false", "null"] where bytes[index...].starts(with: word.utf8) {
            index += word.utf8.count
            return true
        }
        return false
    }

    private mutating func skipNumber() -> Bool {
        func isDigit() -> Bool { index < bytes.count && bytes[index] &- 48 < 10 }
        if bytes[index] == 0x2D { index += 1 }
        guard isDigit() else { return false }
        let first = bytes[index]
        index += 1
        if first == 48, isDigit() { return false }
        while isDigit() { index += 1 }
        if index < bytes.count, bytes[index] == 0x2E {
            index += 1
            guard isDigit() else { return false }
            while isDigit() { index += 1 }
        }
        if index < bytes.count, bytes[index] | 0x20 == 0x65 {
            index += 1
            if index < bytes.count, bytes[index] == 0x2B || bytes[index] == 0x2D { index += 1 }
            guard isDigit() else { return false }
            while isDigit() { index += 1 }
        }
        return true
    }

    private mutating func skipString() -> Bool {
        index += 1
        while index < bytes.count {
            let byte = bytes[index]
            index += 1
            switch byte {
            case 0x22: return true
            case ..<0x20: return false
            case 0x5C:
                guard index < bytes.count else { return false }
                let escaped = bytes[index]
                index += 1
                if escaped == UInt8(ascii: "u") {
                    guard codeUnit(at: index) != nil else { return false }
                    index += 4
                } else if !"\"\\/bfnrt".utf8.contains(escaped) {
                    return false
                }
            default: break
            }
        }
        return false
    }

    /// Reads a string's characters into `result`; false when none begins here or an escape stands for no character.
    public mutating func readString(into result: inout [UInt8]) -> Bool {
        skipSpace()
        let start = index
        guard index < bytes.count, bytes[index] == 0x22, skipString() else { return false }
        return Self.unescape(UnsafeRawBufferPointer(rebasing: bytes[(start + 1)..<(index - 1)]), into: &result)
    }

    private static func unescape(_ text: UnsafeRawBufferPointer, into result: inout [UInt8]) -> Bool {
        let scanner = JSONScanner(text)
        var index = 0
        while index < text.count {
            let byte = text[index]
            index += 1
            guard byte == 0x5C, index < text.count else {
                result.append(byte)
                continue
            }
            let escaped = text[index]
            index += 1
            switch escaped {
            case UInt8(ascii: "b"): result.append(0x08)
            case UInt8(ascii: "f"): result.append(0x0C)
            case UInt8(ascii: "n"): result.append(0x0A)
            case UInt8(ascii: "r"): result.append(0x0D)
            case UInt8(ascii: "t"): result.append(0x09)
            case UInt8(ascii: "u"):
                guard let unit = scanner.codeUnit(at: index) else { return false }
                index += 4
                var scalar = UInt32(unit)
                if (0xD800..<0xDC00).contains(scalar), index + 6 <= text.count, text[index] == 0x5C,
                    text[index + 1] == UInt8(ascii: "u"), let low = scanner.codeUnit(at: index + 2),
                    (0xDC00..<0xE000).contains(low)
                {
                    scalar = 0x10000 + (scalar - 0xD800) << 10 + UInt32(low) - 0xDC00
                    index += 6
                }
                // Half of a surrogate pair is no character.
                guard let character = Unicode.Scalar(scalar) else { return false }
                result.append(contentsOf: UTF8.encode(character) ?? UTF8.encodedReplacementCharacter)
            default: result.append(escaped)
            }
        }
        return true
    }

    private func codeUnit(at start: Int) -> UInt16? {
        guard start + 4 <= bytes.count else { return nil }
        var unit: UInt16 = 0
        for position in start..<(start + 4) {
            guard let digit = TextCell.hexDigit(bytes[position]) else { return nil }
            unit = unit << 4 | UInt16(digit)
        }
        return unit
    }
}
