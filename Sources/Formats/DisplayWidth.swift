/// How many cells of a terminal text takes.
public enum DisplayWidth {
    /// The cells `text` takes: two for wide East Asian characters and emoji, none for combining marks.
    public static func of(_ text: String) -> Int {
        if text.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) { return text.utf8.count }
        return text.reduce(0) { $0 + of($1) }
    }

    /// Terminals give every code point its cells, except in what they draw as one picture.
    static func of(_ character: Character) -> Int {
        let scalars = character.unicodeScalars
        guard let first = scalars.first else { return 0 }
        if first.properties.isEmojiPresentation || scalars.contains(where: { $0.value == 0xFE0F }) { return 2 }
        return scalars.reduce(0) { $0 + of($1) }
    }

    private static func of(_ scalar: Unicode.Scalar) -> Int {
        if scalar.value < 0x300 { return scalar.value < 0x20 ? 0 : 1 }
        switch scalar.properties.generalCategory {
        // Spacing marks, as many vowels of Indic scripts are, take a cell.
        case .nonspacingMark, .enclosingMark, .format, .control: return 0
        default: break
        }
        switch scalar.value {
        // Vowels and final consonants of Hangul join the syllable before them.
        case 0x1160...0x11FF: return 0
        case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x33FF, 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xA000...0xA4CF,
            0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1FAFF,
            0x20000...0x3FFFD:
            return 2
        default: return 1
        }
    }

    /// The text with control characters made visible, so that data cannot drive the terminal.
    public static func visible(_ text: String, keepsLines: Bool = false) -> String {
        let isClean = text.unicodeScalars.allSatisfy { $0.value >= 0x20 && !(0x7F...0x9F).contains($0.value) }
        if isClean { return text }
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0x0A where keepsLines: result.unicodeScalars.append(scalar)
            case 0x0A: result += "⏎"
            case 0x09: result += "⇥"
            case 0x00..<0x20: result.unicodeScalars.append(Unicode.Scalar(0x2400 + scalar.value) ?? " ")
            case 0x7F...0x9F: result += "␡"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// The text cut to `width` cells, with `…` where something is missing.
    static func cut(_ text: String, to width: Int) -> String {
        guard of(text) > width else { return text }
        var result = ""
        var used = 0
        for character in text {
            let cells = of(character)
            guard used + cells <= width - 1 else { break }
            result.append(character)
            used += cells
        }
        return result + "…" + String(repeating: " ", count: max(width - 1 - used, 0))
    }
}
