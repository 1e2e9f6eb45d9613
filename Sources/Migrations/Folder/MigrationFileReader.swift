import Crypto

/// Reads the text of one migration file: a header of `-- key: value` lines, then sections that begin with
/// `-- migrate:up [dialects]` and `-- migrate:down [dialects]`. A file without markers is all `up`.
struct MigrationFileReader {
    static let headers = ["revision", "parents", "description", "transactional", "foreign_keys", "replaces"]

    let name: String
    let path: String
    private var values: [String: String] = [:]
    private var lines: [String: Int] = [:]
    private var sections: [MigrationSection] = []

    init(name: String, path: String) {
        self.name = name
        self.path = path
    }

    static func read(_ text: String, name: String, path: String) throws(MigrationError) -> Revision {
        var reader = MigrationFileReader(name: name, path: path)
        return try reader.read(text)
    }

    /// What tells an edited file. Line ends do not: version control changes them.
    static func checksum(_ text: String) -> String {
        var digest = SHA256()
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count)
        for byte in text.utf8 where byte != 0x0D { bytes.append(byte) }
        digest.update(data: bytes)
        return "sha256:" + digest.finalize().hexadecimal
    }

    private func error(_ message: String, hint: String? = nil, line: Int? = nil) -> MigrationError {
        MigrationError(.file, message, hint: hint, file: path, line: line)
    }

    private mutating func read(_ text: String) throws(MigrationError) -> Revision {
        // To Swift a carriage return and the line feed behind it are one character.
        var body = text.replacing("\r\n", with: "\n")
        if body.unicodeScalars.first == "\u{FEFF}" { body.unicodeScalars.removeFirst() }
        let rawLines = body.split(separator: "\n", omittingEmptySubsequences: false)
        var isHeader = true
        var current: MigrationSection?
        var collected: [Substring] = []
        var loose = MigrationSection(direction: .up, dialects: [], text: "", firstLine: 1, markerLine: 1)
        var looseLines: [Substring] = []
        func close() {
            guard var section = current else { return }
            section.text = collected.joined(separator: "\n")
            sections.append(section)
            collected = []
        }
        for (index, rawLine) in rawLines.enumerated() {
            let number = index + 1
            if let marker = try Self.marker(rawLine, at: number, path: path) {
                close()
                try checkNew(marker)
                current = marker
                isHeader = false
                continue
            }
            if current != nil {
                collected.append(rawLine)
                continue
            }
            let comment = Self.comment(rawLine)
            if isHeader, let comment {
                try header(comment, at: number)
            } else if isHeader, !(rawLine.allSatisfy(\.isWhitespace) && values.isEmpty) {
                isHeader = false
            }
            looseLines.append(comment != nil && isHeader ? "" : rawLine)
        }
        close()
        loose.text = looseLines.joined(separator: "\n")
        if sections.isEmpty {
            sections = [loose]
        } else if let line = looseLines.firstIndex(where: { !$0.allSatisfy(\.isWhitespace) && Self.comment($0) == nil })
        {
            throw error("SQL stands before the first section.", hint: "Put it below -- migrate:up.", line: line + 1)
        }
        guard sections.contains(where: { $0.direction == .up }) else {
            throw error("The file has no section -- migrate:up.", line: 1)
        }
        return try revision(checksum: Self.checksum(text))
    }

    private static func comment(_ line: Substring) -> Substring? {
        line.hasPrefix("--") ? line.dropFirst(2).drop { $0 == " " || $0 == "\t" } : nil
    }

    /// `-- migrate:up postgresql, mysql`
    private static func marker(_ line: Substring, at number: Int, path: String) throws(MigrationError)
        -> MigrationSection?
    {
        guard let comment = comment(line), comment.hasPrefix("migrate:") else { return nil }
        let words = comment.dropFirst(8).split { $0.isWhitespace || $0 == "," }
        guard let direction = words.first.flatMap({ Revision.Direction(rawValue: String($0)) }) else {
            throw MigrationError(
                .file,
                "A section begins with -- migrate:up or -- migrate:down.",
                file: path,
                line: number
            )
        }
        let dialects = words.dropFirst().map { $0.lowercased() }
        return MigrationSection(
            direction: direction,
            dialects: dialects,
            text: "",
            firstLine: number + 1,
            markerLine: number
        )
    }

    private func checkNew(_ marker: MigrationSection) throws(MigrationError) {
        for section in sections where section.direction == marker.direction {
            let isBothGeneral = section.dialects.isEmpty && marker.dialects.isEmpty
            let shared = section.dialects.first(where: marker.dialects.contains)
            if isBothGeneral || shared != nil {
                throw error(
                    "There is a section \(marker.direction.rawValue)\(shared.map { " for \($0)" } ?? "") already, on line \(section.markerLine).",
                    line: marker.markerLine
                )
            }
        }
    }

    private mutating func header(_ comment: Substring, at number: Int) throws(MigrationError) {
        guard let colon = comment.firstIndex(of: ":") else { return }
        let key = comment[..<colon]
        guard !key.isEmpty, key.allSatisfy({ $0.isASCII && ($0.isLetter && $0.isLowercase || $0 == "_") }) else {
            return
        }
        guard Self.headers.contains(String(key)) else {
            throw error(
                "The header knows no \"\(key)\".",
                hint: "It knows \(Self.headers.joined(separator: ", ")). Comments go below a blank line.",
                line: number
            )
        }
        guard lines[String(key)] == nil else { throw error("\(key) stands twice in the header.", line: number) }
        values[String(key)] = comment[comment.index(after: colon)...].trimmingBlanks
        lines[String(key)] = number
    }

    private func list(_ key: String) -> [String] {
        let words = (values[key] ?? "").split { $0 == "," || $0.isWhitespace }.map(String.init)
        return words == ["none"] ? [] : words
    }

    private func flag(_ key: String, _ words: (yes: String, no: String)) throws(MigrationError) -> Bool? {
        switch values[key] {
        case nil: return nil
        case words.yes: return true
        case words.no: return false
        default: throw error("\(key) is \(words.yes) or \(words.no).", line: lines[key])
        }
    }

    private func revision(checksum: String) throws(MigrationError) -> Revision {
        let id = values["revision"] ?? ""
        guard RevisionName.isValid(id) else {
            throw error(
                id.isEmpty
                    ? "The file has no header -- revision: NAME."
                    : "A revision's name has letters, digits, _, - and . only, up to 64, and is none of head, heads and base.",
                hint: "roost migrate new writes files to begin with.",
                line: lines["revision"] ?? 1
            )
        }
        guard lines["parents"] != nil else {
            throw error(
                "The header does not say what the revision follows.",
                hint: "Add -- parents: NAME, or -- parents: none for the first.",
                line: lines["revision"]
            )
        }
        var revision = Revision(
            id: id,
            parents: list("parents"),
            description: values["description"] ?? "",
            isTransactional: try flag("transactional", ("yes", "no")),
            defersForeignKeys: try flag("foreign_keys", ("deferred", "enforced")) ?? false,
            replaces: list("replaces"),
            fileName: name,
            path: path,
            checksum: checksum,
            body: .sections(sections)
        )
        revision.headerLines = lines
        return revision
    }
}

/// What a revision may be called.
enum RevisionName {
    static let reserved: Set<String> = ["head", "heads", "base", "none", "current"]

    static func isValid(_ name: String) -> Bool {
        guard (1...64).contains(name.utf8.count), !reserved.contains(name.lowercased()) else { return false }
        guard let first = name.utf8.first, first != UInt8(ascii: "-"), first != UInt8(ascii: ".") else { return false }
        return name.utf8.allSatisfy {
            ($0 | 0x20) &- 0x61 < 26 || $0 &- 0x30 < 10 || $0 == 0x5F || $0 == 0x2D || $0 == 0x2E
        }
    }
}

extension StringProtocol {
    /// The text without blanks at its ends.
    var trimmingBlanks: String {
        var text = self[...]
        while text.first?.isWhitespace == true { text = text.dropFirst() }
        while text.last?.isWhitespace == true { text = text.dropLast() }
        return String(text)
    }
}

extension Sequence<UInt8> {
    /// Two lower-case digits a byte.
    var hexadecimal: String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}
