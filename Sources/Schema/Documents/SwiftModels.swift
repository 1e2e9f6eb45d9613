extension Schema {
    /// Swift code with a public struct for each table, which reads its rows by name.
    ///
    /// Integers become `Int` (`UInt64` where they may be larger), exact numbers `BigDecimal`, and so on, as the drivers decode them.
    public func swiftModels() -> String {
        var text = "// Made by `roost schema codegen`. What is changed here is lost when it runs again.\n\n"
        var taken: Set<String> = []
        let models = tables.filter { $0.partition == nil }.map { SwiftModel($0, &taken) }
        // An import that nothing needs is a warning.
        if models.contains(where: \.needsFoundation) { text += "public import Foundation\n" }
        text += "public import Roost\n"
        for model in models { text += "\n" + model.code() }
        return text
    }
}

/// The struct of one table.
struct SwiftModel {
    let table: Schema.Table
    let name: String

    init(_ table: Schema.Table, _ taken: inout Set<String>) {
        self.table = table
        name = SwiftName.unused(SwiftName.type(table.name.name), &taken)
    }

    /// Whether the type of a property is Foundation's.
    var needsFoundation: Bool {
        table.columns.contains { $0.type.family == .bytes || $0.type.family == .uuid }
    }

    func code() -> String {
        var taken: Set<String> = []
        let properties = table.columns.map { column in
            (column, SwiftName.unused(SwiftName.property(column.name), &taken), Self.type(of: column))
        }
        var text = "/// \(Self.line(table.comment ?? "A row of `\(table.name)`."))\n"
        text += "public struct \(name): Sendable, Hashable, RowDecodable {\n"
        text +=
            "    public static let columnNames: [String]? = [\(table.columns.map { Self.literal($0.name) }.joined(separator: ", "))]\n\n"
        for (column, property, type) in properties {
            if let comment = column.comment { text += "    /// \(Self.line(comment))\n" }
            text += "    public var \(property): \(type)\n"
        }
        let parameters = properties.map { "        \($0.1): \($0.2)" }
        text += "\n    public init(\n\(parameters.joined(separator: ",\n"))\n    ) {\n"
        for (_, property, _) in properties { text += "        self.\(property) = \(property)\n" }
        text += "    }\n"
        text += "\n    public init(from row: inout RowReader) throws(DatabaseError) {\n"
        for (_, property, _) in properties { text += "        \(property) = try row.next()\n" }
        return text + "    }\n}\n"
    }

    private static func line(_ text: String) -> String {
        text.split(whereSeparator: \.isNewline).joined(separator: " ")
    }

    private static func literal(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": result += "\\\(scalar)"
            case _ where scalar.value < 0x20: result += "\\u{\(String(scalar.value, radix: 16))}"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }

    private static func type(of column: Schema.Column) -> String {
        let type = column.type
        var name =
            switch type.family {
            case .boolean: "Bool"
            case .integer: type.isUnsigned == true && type.bits == 64 ? "UInt64" : "Int"
            case .decimal: "BigDecimal"
            case .float: type.bits == 32 ? "Float" : "Double"
            case .bytes: "Data"
            case .date: "LocalDate"
            case .time: type.hasTimeZone == true ? "OffsetTime" : "LocalTime"
            case .timestamp: type.hasTimeZone == true ? "Instant" : "LocalDateTime"
            case .interval: "Interval"
            case .uuid: "UUID"
            case .json: "JSON"
            case .text, .enumeration, .set, .xml, .network, .textSearch: "String"
            case .bits, .geometry, .range, .vector, .domain, .composite, .any: "Value"
            }
        if type.dimensions != nil { name = "[\(name)]" }
        return column.isNullable && !["Value"].contains(name) ? name + "?" : name
    }
}

/// Names as Swift writes them.
enum SwiftName {
    /// `order_item` and `OrderItem` as `OrderItem`.
    static func type(_ name: String) -> String { safe(words(name).map(capitalized).joined()) }

    /// `unit_price` and `UnitPrice` as `unitPrice`.
    static func property(_ name: String) -> String {
        let words = words(name)
        guard let first = words.first else { return "_" }
        return safe(first.lowercased() + words.dropFirst().map(capitalized).joined())
    }

    private static func capitalized(_ word: String) -> String {
        word.prefix(1).uppercased() + word.dropFirst().lowercased()
    }

    /// The words of a name: at what is no letter or digit, and before a capital that follows a small letter.
    private static func words(_ name: String) -> [String] {
        var words: [String] = []
        var word = ""
        for character in name {
            guard character.isLetter || character.isNumber else {
                if !word.isEmpty { words.append(word) }
                word = ""
                continue
            }
            if character.isUppercase, let last = word.last, last.isLowercase || last.isNumber {
                words.append(word)
                word = ""
            }
            word.append(character)
        }
        if !word.isEmpty { words.append(word) }
        return words
    }

    private static let keywords: Set = [
        "as", "associatedtype", "break", "case", "catch", "class", "continue", "default", "defer", "deinit", "do",
        "else", "enum",
        "extension", "fallthrough", "false", "fileprivate", "for", "func", "guard", "if", "import", "in", "init",
        "inout",
        "internal", "is", "let", "nil", "operator", "precedencegroup", "private", "protocol", "public", "repeat",
        "rethrows",
        "return", "self", "Self", "static", "struct", "subscript", "super", "switch", "throw", "throws", "true", "try",
        "typealias",
        "var", "where", "while", "Any", "Type",
    ]

    private static func safe(_ name: String) -> String {
        guard let first = name.first else { return "_" }
        if first.isNumber { return "_" + name }
        return keywords.contains(name) ? "`\(name)`" : name
    }

    /// The name, or with a number where it is taken.
    static func unused(_ name: String, _ taken: inout Set<String>) -> String {
        var candidate = name
        var number = 2
        while !taken.insert(candidate).inserted {
            candidate = name.replacing("`", with: "") + "\(number)"
            number += 1
        }
        return candidate
    }
}
