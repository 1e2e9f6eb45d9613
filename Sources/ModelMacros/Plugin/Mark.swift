#if ModelMacros
import SwiftSyntax

/// What an attribute says of a property.
enum Mark: String, CaseIterable {
    case key = "Key"
    case column = "Column"
    case json = "JSONColumn"
    case embedded = "Embedded"
    case version = "Version"
    case created = "Created"
    case updated = "Updated"
    case softDelete = "SoftDelete"
    case computed = "Computed"
    case notAColumn = "NotAColumn"

    init?(_ attribute: AttributeSyntax) {
        guard let name = attribute.name else { return nil }
        self.init(rawValue: name)
    }

    /// As it is written.
    var text: String { "@" + rawValue }

    /// Those an embedded struct's properties can have.
    static let ofEmbedded: Set<Mark> = [.column, .json, .embedded, .notAColumn]

    /// Of these a property has one at most.
    private static let roles: Set<Mark> = [.key, .json, .embedded, .version, .created, .updated, .softDelete]

    /// Whether a property can be both.
    func goes(with other: Mark) -> Bool {
        if self == .notAColumn || other == .notAColumn { return false }
        let pair: Set<Mark> = [self, other]
        if pair.isSubset(of: Self.roles) || pair == [.column, .embedded] { return false }
        return !pair.contains(.computed) || pair.contains(.json) || pair.contains(.column)
    }
}

extension AttributeSyntax {
    /// The attribute's name without the module's.
    var name: String? {
        attributeName.as(IdentifierTypeSyntax.self)?.name.text ?? attributeName.as(MemberTypeSyntax.self)?.name.text
    }

    /// An argument by its label; nil for the one that has none.
    func expression(_ label: String?) -> ExprSyntax? {
        guard case .argumentList(let list) = arguments else { return nil }
        return list.first { $0.label?.text == label }?.expression
    }

    /// An argument as it is written.
    func argument(_ label: String?) -> String? { expression(label)?.trimmedDescription }
}

extension AttributeListSyntax {
    /// The attributes themselves; those under a compilation condition are not looked at.
    var attributes: [AttributeSyntax] {
        compactMap { element in
            if case .attribute(let attribute) = element { attribute } else { nil }
        }
    }
}
#endif
