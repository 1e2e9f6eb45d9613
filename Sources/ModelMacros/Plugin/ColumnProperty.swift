#if ModelMacros
import SwiftSyntax

/// A stored property that has a column, or several where a struct is embedded.
struct ColumnProperty {
    /// The name as it is written, between backticks where it is a keyword.
    let identifier: String
    /// The type without `Optional`.
    let base: String
    let isOptional: Bool
    let marks: [Mark: AttributeSyntax]
    /// What its column needs to be as visible as the property.
    let access: String
    let declaration: VariableDeclSyntax
    let place: Syntax

    /// The name without backticks.
    var name: String { identifier.filter { $0 != "`" } }
    var isVariable: Bool { declaration.bindingSpecifier.tokenKind == .keyword(.var) }

    func has(_ mark: Mark) -> Bool { marks[mark] != nil }

    /// The type of what its column holds.
    func columnType(isOptional: Bool) -> String { (has(.json) ? "Roost.JSON" : base) + (isOptional ? "?" : "") }

    /// Reads it from the next columns of a row. It names no type: an extension is outside of what the struct may be nested in.
    var reading: String {
        "self.\(identifier) = try row.next\(has(.json) ? "JSON" : has(.embedded) ? "Embedded" : "")()"
    }

    /// Writes it into the next columns of a row.
    var writing: String { has(.json) ? "row.write(json: self.\(identifier))" : "row.write(self.\(identifier))" }
}
#endif
