#if ModelMacros
/// How columns are named: at once where the strategy is known here, or else when the program runs.
struct ColumnNames {
    private enum Strategy {
        case asWritten, snakeCase
        case other(String)
    }

    private let strategy: Strategy

    /// - Parameter naming: the attribute's argument, a `ColumnNaming`.
    init(naming: String?) {
        strategy =
            switch naming {
            case nil, ".snakeCase", "ColumnNaming.snakeCase": .snakeCase
            case ".asWritten", "ColumnNaming.asWritten": .asWritten
            default: naming.map { .other($0) } ?? .snakeCase
            }
    }

    /// The arguments of a column's initializer.
    ///
    /// - Parameter prefix: the name of what comes before every name, where there is something.
    func arguments(for property: ColumnProperty, prefix: String? = nil) -> String {
        let before = prefix.map { $0 + " + " } ?? ""
        if let name = property.marks[.column]?.argument(nil) { return before + name }
        switch strategy {
        case .asWritten: return "\(before)\"\(property.name)\""
        case .snakeCase: return "\(before)\"\(Self.snakeCase(property.name))\""
        case .other(let naming):
            return "\"\(property.name)\", " + (prefix.map { "naming.prefixed(\($0))" } ?? naming)
        }
    }

    /// A line before names with a prefix: an argument may begin with a dot, which is no value by itself.
    var declaration: String? {
        if case .other(let naming) = strategy { "let naming: RoostORM.ColumnNaming = \(naming)" } else { nil }
    }

    /// As RoostORM's `ColumnNaming.snakeCase` has it; a test holds them together.
    static func snakeCase(_ property: String) -> String {
        var words = ""
        let characters = Array(property)
        for (index, character) in characters.enumerated() {
            if character.isUppercase, index > 0, characters[index - 1] != "_" {
                let isAfterLower = !characters[index - 1].isUppercase
                let isBeforeLower = index + 1 < characters.count && characters[index + 1].isLowercase
                if isAfterLower || isBeforeLower { words.append("_") }
            }
            words += character.lowercased()
        }
        return words
    }
}
#endif
