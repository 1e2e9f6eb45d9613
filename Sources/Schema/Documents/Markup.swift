/// Text as HTML, SVG and Markdown want it.
enum Markup {
    /// Text between tags, or in an attribute's double quotes.
    static func escaped(_ text: String) -> String {
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "&"): bytes += "&amp;".utf8
            case UInt8(ascii: "<"): bytes += "&lt;".utf8
            case UInt8(ascii: ">"): bytes += "&gt;".utf8
            case UInt8(ascii: "\""): bytes += "&quot;".utf8
            // XML has no way to write the other control characters.
            case 0..<0x20 where byte != 0x0A && byte != 0x09: bytes.append(0x20)
            default: bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Text in a cell of a Markdown table.
    static func cell(_ text: String) -> String {
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "|"): bytes += "\\|".utf8
            case UInt8(ascii: "<"): bytes += "&lt;".utf8
            case 0x0A, 0x0D: bytes.append(0x20)
            default: bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Text as code in a cell of a Markdown table; a backtick inside needs a longer fence.
    static func code(_ text: String) -> String {
        guard !text.isEmpty else { return "" }
        let body = text.replacing("|", with: "\\|").replacing("\n", with: " ")
        return text.contains("`") ? "`` \(body) ``" : "`\(body)`"
    }
}
