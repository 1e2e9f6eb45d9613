public import RoostQuery

/// How the name of a column follows from that of a property: `Column<String>("firstName", .snakeCase)` is `first_name`.
public struct ColumnNaming: Sendable {
    private let name: @Sendable (String) -> String

    /// A strategy of one's own.
    public init(_ name: @escaping @Sendable (String) -> String) { self.name = name }

    /// The column's name for a property's.
    public func callAsFunction(_ property: String) -> String { name(property) }

    /// `firstName` is `firstName`.
    public static let asWritten = ColumnNaming { $0 }
    /// `firstName` is `first_name`, `postURL` is `post_url`.
    public static let snakeCase = ColumnNaming { property in
        var words = ""
        let characters = Array(property)
        for (index, character) in characters.enumerated() {
            if character.isUppercase, index > 0 {
                let isAfterLower = !characters[index - 1].isUppercase
                let isBeforeLower = index + 1 < characters.count && characters[index + 1].isLowercase
                if (isAfterLower || isBeforeLower) && characters[index - 1] != "_" { words.append("_") }
            }
            words += character.lowercased()
        }
        return words
    }
    /// The other strategy's name after a prefix.
    public func prefixed(_ prefix: String) -> ColumnNaming {
        let name = name
        return ColumnNaming { prefix + name($0) }
    }
}

extension Column {
    /// A column whose name follows from that of the property.
    public init(_ property: String, _ naming: ColumnNaming) { self.init(naming(property)) }
}
