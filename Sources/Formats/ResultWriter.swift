public import Roost

/// Writes one result in one format, row by row, into a buffer that the caller empties as it likes.
///
/// Memory stays constant, except that a table holds its first ``tableSample`` rows to find the widths of its columns.
public struct ResultWriter {
    /// Rows a table looks at before it fixes its widths.
    public static let tableSample = 1_000

    /// What was written and not yet taken.
    public private(set) var bytes: [UInt8] = []
    /// Rows written so far.
    public private(set) var rowCount = 0

    private let format: OutputFormat
    private let options: OutputOptions
    private let columns: ColumnList
    private let keys: [String]
    private var table: TableLayout

    /// Begins a result.
    public init(_ format: OutputFormat, columns: ColumnList, options: OutputOptions) {
        self.format = format
        self.options = options
        self.columns = columns
        keys = Self.uniqueNames(columns.names)
        table = TableLayout(columns: columns, options: options)
        begin()
    }

    /// Takes what was written.
    public mutating func takeBytes() -> [UInt8] {
        defer { bytes.removeAll(keepingCapacity: true) }
        return bytes
    }

    private mutating func put(_ text: some StringProtocol) {
        bytes.append(contentsOf: text.utf8)
    }

    /// Objects need distinct names: a repeated one gets a number.
    private static func uniqueNames(_ names: [String]) -> [String] {
        var seen: Set<String> = []
        return names.map { name in
            var unique = name
            var number = 2
            while !seen.insert(unique).inserted {
                unique = "\(name)_\(number)"
                number += 1
            }
            return unique
        }
    }

    private mutating func begin() {
        switch format {
        case .csv where options.hasHeader:
            put(columns.names.map { Self.csv($0) }.joined(separator: ",") + "\r\n")
        case .tsv where options.hasHeader:
            put(columns.names.map { Self.tsv($0) }.joined(separator: "\t") + "\n")
        case .json:
            put("[")
        case .markdown:
            put("| " + columns.names.map { Self.markdown($0) }.joined(separator: " | ") + " |\n")
            put("|" + columns.map { Self.isNumeric($0.kind) ? " ---: |" : " --- |" }.joined() + "\n")
        case .html:
            put("<table>\n")
            if options.hasHeader {
                put("<thead><tr>" + columns.names.map { "<th>\(Self.html($0))</th>" }.joined() + "</tr></thead>\n")
            }
            put("<tbody>\n")
        default:
            break
        }
    }

    /// Writes a row.
    public mutating func write(_ row: [Value]) {
        rowCount += 1
        switch format {
        case .table:
            table.add(row, to: &bytes)
        case .vertical:
            vertical(row)
        case .csv:
            put(row.map { Self.csv($0, null: options.null) }.joined(separator: ",") + "\r\n")
        case .tsv:
            put(row.map { $0.text.map(Self.tsv) ?? options.null ?? "\\N" }.joined(separator: "\t") + "\n")
        case .json:
            put(rowCount > 1 ? ",\n " : "\n ")
            object(row)
        case .ndjson:
            object(row)
            put("\n")
        case .markdown:
            put("| " + row.map { Self.markdown($0.text ?? options.null ?? "NULL") }.joined(separator: " | ") + " |\n")
        case .html:
            put("<tr>" + row.map { "<td>\(Self.html($0.text ?? options.null ?? ""))</td>" }.joined() + "</tr>\n")
        }
    }

    /// Ends the result.
    public mutating func end() {
        switch format {
        case .table: table.end(to: &bytes)
        case .json: put(rowCount > 0 ? "\n]\n" : "]\n")
        case .html: put("</tbody>\n</table>\n")
        default: break
        }
    }

    private mutating func object(_ row: [Value]) {
        put("{")
        for (index, value) in row.enumerated() {
            if index > 0 { put(",") }
            JSON.appendQuoted(index < keys.count ? keys[index] : "\(index)", to: &bytes)
            put(":")
            value.appendJSON(to: &bytes)
        }
        put("}")
    }

    private mutating func vertical(_ row: [Value]) {
        let width = columns.names.map(DisplayWidth.of).max() ?? 0
        put("-[ row \(rowCount) ]" + String(repeating: "-", count: max(width, 8)) + "\n")
        for (column, value) in zip(columns, row) {
            let name = DisplayWidth.visible(column.name)
            let padding = String(repeating: " ", count: max(width - DisplayWidth.of(name), 0))
            put("\(name)\(padding) | \(DisplayWidth.visible(value.text ?? options.null ?? "NULL", keepsLines: true))\n")
        }
    }

    static func isNumeric(_ kind: ValueKind?) -> Bool {
        switch kind {
        case .int, .uint, .float, .double, .decimal: true
        default: false
        }
    }

    private static func csv(_ value: Value, null: String?) -> String {
        guard let text = value.text else { return null ?? "" }
        return text.isEmpty || text == null ? "\"\(text)\"" : csv(text)
    }

    private static func csv(_ text: String) -> String {
        let needsQuotes = text.utf8.contains { [0x22, 0x2C, 0x0A, 0x0D].contains($0) }
        return needsQuotes ? "\"" + escaped(text, [0x22: "\"\""]) + "\"" : text
    }

    private static func tsv(_ text: String) -> String {
        escaped(text, [0x5C: "\\\\", 0x09: "\\t", 0x0A: "\\n", 0x0D: "\\r"])
    }

    private static let htmlEscapes: [UInt8: String] = [0x26: "&amp;", 0x3C: "&lt;", 0x3E: "&gt;", 0x22: "&quot;"]

    private static func markdown(_ text: String) -> String {
        escaped(text, htmlEscapes.merging([0x7C: "\\|", 0x0A: "<br>", 0x0D: ""]) { $1 })
    }

    private static func html(_ text: String) -> String {
        escaped(text, htmlEscapes)
    }

    /// Byte by byte, not character by character: a combining mark after a quote or a `<` would make another character of it, and
    /// it would go out unescaped.
    private static func escaped(_ text: String, _ escapes: [UInt8: String]) -> String {
        guard text.utf8.contains(where: { escapes[$0] != nil }) else { return text }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count + 16)
        for byte in text.utf8 {
            if let escape = escapes[byte] { bytes.append(contentsOf: escape.utf8) } else { bytes.append(byte) }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
