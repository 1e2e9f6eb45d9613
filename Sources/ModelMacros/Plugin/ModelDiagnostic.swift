#if ModelMacros
import SwiftDiagnostics
import SwiftSyntax

/// What is wrong, and what to do.
struct ModelDiagnostic: DiagnosticMessage {
    let message: String
    let diagnosticID: MessageID
    let severity = DiagnosticSeverity.error

    private init(_ id: String, _ message: String) {
        self.message = message
        diagnosticID = MessageID(domain: "RoostModelMacros", id: id)
    }

    static func notAStruct(_ macro: String) -> Self {
        Self("notAStruct", "@\(macro) is for a struct: rows are values")
    }
    static let isGeneric = Self(
        "isGeneric",
        "a model cannot be generic, for it keeps the statements compiled for it; write a struct for each type"
    )
    static let hasNoKey = Self(
        "hasNoKey",
        "the model has no key; mark the properties that tell a row from all others with @Key, or name one 'id'"
    )
    static let hasNoColumns = Self("hasNoColumns", "the struct has no stored property, so there is no column to read")
    static func hasNoType(_ name: String) -> Self {
        Self("hasNoType", "write the type of '\(name)', as in '\(name): String': a macro sees text, and no types")
    }
    static let isUnwrapped = Self(
        "isUnwrapped",
        "write the type with '?': a column that is NULL must not end the program"
    )
    static let isPattern = Self("isPattern", "declare each column by itself, as in 'var name: String'")
    static func isConstant(_ name: String) -> Self {
        Self("isConstant", "'\(name)' is read from the row, so it cannot be a 'let' that has its value already")
    }
    static func isLazy(_ name: String) -> Self {
        Self("isLazy", "'\(name)' is lazy, so no row can fill it; mark it with @NotAColumn")
    }
    static func mustVary(_ mark: Mark?) -> Self {
        let what = mark.map { "what \($0.text) marks" } ?? "a key that the engine makes"
        return Self("mustVary", "\(what) is set by inserts or updates, so it must be a 'var'")
    }
    static let isConditional = Self(
        "isConditional",
        "columns cannot depend on a compilation condition, which a macro cannot see; declare them outside of '#if'"
    )
    static func needsValue(_ name: String) -> Self {
        Self("needsValue", "'\(name)' is in no row, so it needs an initial value")
    }
    static func isNotStored(_ mark: Mark) -> Self {
        Self("isNotStored", "\(mark.text) is for a stored property, and this one holds no value; remove it")
    }
    static func isAlone(_ mark: Mark) -> Self {
        Self("isAlone", "\(mark.text) is for a property of a struct that has @Model or @Embeddable")
    }
    static func exclude(_ one: Mark, _ other: Mark) -> Self {
        if Set([one, other]) == [.column, .embedded] {
            return Self(
                "exclude",
                "an embedded struct names its columns itself; for other names write @Embedded(prefix:) in place of @Column"
            )
        }
        return Self("exclude", "a property cannot be both \(one.text) and \(other.text); remove one of them")
    }
    static func isOfModels(_ mark: Mark) -> Self {
        Self(
            "isOfModels",
            "\(mark.text) is for a property of a model; an embedded struct is only some of a row's columns"
        )
    }
    static func isRepeated(_ mark: Mark) -> Self {
        Self("isRepeated", "a model has one property with \(mark.text) at most; remove the others")
    }
    static let keyIsOptional = Self(
        "keyIsOptional",
        "the engine makes keys of one column only; write the type without '?', and give the value before the insert"
    )
    static let versionIsNoInt = Self("versionIsNoInt", "@Version counts updates, so its type is 'Int'")
    static let deletionIsRequired = Self(
        "deletionIsRequired",
        "what @SoftDelete marks is nil until the row is deleted, so its type ends in '?'"
    )
    static let embedsInOptional = Self(
        "embedsInOptional",
        "an embedded struct that may be missing cannot hold another; write its properties out, or leave out isOptional"
    )
    static func isNoLiteral(_ label: String) -> Self {
        Self("isNoLiteral", "\(label) is 'true' or 'false' here: the macro writes other code for each")
    }
}

/// A way to mend it.
struct ModelFixIt: FixItMessage {
    let message: String
    let fixItID: MessageID

    static let makeVariable = ModelFixIt(
        message: "make it a 'var'",
        fixItID: MessageID(domain: "RoostModelMacros", id: "makeVariable")
    )
}

extension VariableDeclSyntax {
    /// The declaration as a `var`.
    var madeVariable: FixIt {
        let keyword = bindingSpecifier
        return FixIt(
            message: ModelFixIt.makeVariable,
            changes: [
                .replace(
                    oldNode: Syntax(keyword),
                    newNode: Syntax(
                        TokenSyntax.keyword(
                            .var,
                            leadingTrivia: keyword.leadingTrivia,
                            trailingTrivia: keyword.trailingTrivia
                        )
                    )
                )
            ]
        )
    }
}
#endif
