#if ModelMacros
import SwiftDiagnostics
import SwiftSyntax

/// The columns of a struct, and what is wrong with them.
struct StoredProperties {
    private(set) var columns: [ColumnProperty] = []
    private(set) var diagnostics: [Diagnostic] = []
    private let allowed: Set<Mark>
    private let structAccess: String

    init(of declaration: StructDeclSyntax, allowed: Set<Mark>) {
        self.allowed = allowed
        structAccess = declaration.modifiers.access
        for member in declaration.memberBlock.members {
            if let variable = member.decl.as(VariableDeclSyntax.self) {
                read(variable)
            } else if let condition = member.decl.as(IfConfigDeclSyntax.self), condition.hasStoredProperty {
                report(condition.clauses.first?.poundKeyword ?? condition.poundEndif, .isConditional)
            }
        }
        if columns.isEmpty, diagnostics.isEmpty { report(declaration.name, .hasNoColumns) }
    }

    mutating func report(_ node: some SyntaxProtocol, _ message: ModelDiagnostic, _ fixIts: [FixIt] = []) {
        diagnostics.append(Diagnostic(node: node, message: message, fixIts: fixIts))
    }

    private mutating func read(_ variable: VariableDeclSyntax) {
        let marked = variable.attributes.attributes.compactMap { attribute in
            Mark(attribute).map { (mark: $0, attribute: attribute) }
        }
        let stored = variable.isOfType ? [] : variable.bindings.filter(\.isStored)
        guard !stored.isEmpty else {
            for (mark, attribute) in marked { report(attribute, .isNotStored(mark)) }
            return
        }
        for (index, (mark, attribute)) in marked.enumerated() {
            if !allowed.contains(mark) { report(attribute, .isOfModels(mark)) }
            if let other = marked[..<index].first(where: { $0.mark == mark || !$0.mark.goes(with: mark) }) {
                report(attribute, .exclude(other.mark, mark))
            }
        }
        let marks = Dictionary(marked.map { ($0.mark, $0.attribute) }) { first, _ in first }
        // `var a, b: Int`: the last one's type is that of those before it.
        var type: TypeSyntax?
        var properties: [ColumnProperty] = []
        for binding in stored.reversed() {
            type = binding.typeAnnotation?.type ?? (binding.initializer == nil ? type : nil)
            if let property = property(of: binding, in: variable, type, marks) { properties.append(property) }
        }
        columns += properties.reversed()
    }

    private mutating func property(
        of binding: PatternBindingSyntax,
        in variable: VariableDeclSyntax,
        _ type: TypeSyntax?,
        _ marks: [Mark: AttributeSyntax]
    ) -> ColumnProperty? {
        guard let identifier = binding.pattern.as(IdentifierPatternSyntax.self)?.identifier else {
            report(binding.pattern, .isPattern)
            return nil
        }
        let name = identifier.text
        let isVariable = variable.bindingSpecifier.tokenKind == .keyword(.var)
        if marks[.notAColumn] != nil {
            let isNil = isVariable && type?.wrapped != nil
            if binding.initializer == nil, !isNil { report(identifier, .needsValue(name)) }
            return nil
        }
        if variable.modifiers.contains(where: { $0.name.tokenKind == .keyword(.lazy) }) {
            report(identifier, .isLazy(name))
            return nil
        }
        if binding.initializer != nil, !isVariable {
            report(identifier, .isConstant(name), [variable.madeVariable])
            return nil
        }
        if type?.is(ImplicitlyUnwrappedOptionalTypeSyntax.self) == true {
            report(type.map(Syntax.init) ?? Syntax(identifier), .isUnwrapped)
            return nil
        }
        guard let base = type.map({ ($0.wrapped ?? $0).trimmedDescription }) ?? binding.initializer?.value.literalType
        else {
            report(identifier, .hasNoType(name))
            return nil
        }
        let property = ColumnProperty(
            identifier: name,
            base: base,
            isOptional: type?.wrapped != nil,
            marks: marks,
            access: variable.modifiers.columnAccess(in: structAccess),
            declaration: variable,
            place: Syntax(identifier)
        )
        check(property, type)
        return property
    }

    private mutating func check(_ property: ColumnProperty, _ type: TypeSyntax?) {
        let place = type.map(Syntax.init) ?? property.place
        if property.has(.version), property.isOptional || !["Int", "Swift.Int"].contains(property.base) {
            report(place, .versionIsNoInt)
        }
        if property.has(.softDelete), !property.isOptional { report(place, .deletionIsRequired) }
        for mark in [Mark.version, .created, .updated, .softDelete] where property.has(mark) && !property.isVariable {
            report(property.place, .mustVary(mark), [property.declaration.madeVariable])
        }
    }
}

extension VariableDeclSyntax {
    /// Whether it belongs to the type and not to its values.
    fileprivate var isOfType: Bool {
        modifiers.contains { $0.name.tokenKind == .keyword(.static) || $0.name.tokenKind == .keyword(.class) }
    }
}

extension PatternBindingSyntax {
    /// Whether a value lies in it; observers change nothing of that.
    fileprivate var isStored: Bool {
        switch accessorBlock?.accessors {
        case nil: true
        case .getter: false
        case .accessors(let list):
            list.allSatisfy {
                [.keyword(.willSet), .keyword(.didSet)].contains($0.accessorSpecifier.tokenKind)
            }
        }
    }
}

extension IfConfigDeclSyntax {
    fileprivate var hasStoredProperty: Bool {
        clauses.contains { clause in
            guard case .decls(let members) = clause.elements else { return false }
            return members.contains { member in
                if let inner = member.decl.as(IfConfigDeclSyntax.self) { return inner.hasStoredProperty }
                guard let variable = member.decl.as(VariableDeclSyntax.self), !variable.isOfType else { return false }
                return variable.bindings.contains(where: \.isStored)
            }
        }
    }
}

extension TypeSyntax {
    /// What an optional holds; nil for what is none.
    var wrapped: TypeSyntax? {
        if let optional = self.as(OptionalTypeSyntax.self) { return optional.wrappedType.trimmed }
        let named = self.as(IdentifierTypeSyntax.self)
        let member = self.as(MemberTypeSyntax.self)
        guard (named?.name ?? member?.name)?.text == "Optional",
            let arguments = (named?.genericArgumentClause ?? member?.genericArgumentClause)?.arguments,
            arguments.count == 1, let argument = arguments.first
        else { return nil }
        return Syntax(argument.argument).as(TypeSyntax.self)?.trimmed
    }
}

extension ExprSyntax {
    /// The type that a literal has where nothing else is said.
    fileprivate var literalType: String? {
        if let negative = self.as(PrefixOperatorExprSyntax.self), negative.operator.text == "-" {
            let type = negative.expression.literalType
            return type == "Int" || type == "Double" ? type : nil
        }
        return switch kind {
        case .integerLiteralExpr: "Int"
        case .floatLiteralExpr: "Double"
        case .stringLiteralExpr: "String"
        case .booleanLiteralExpr: "Bool"
        default: nil
        }
    }
}

extension DeclModifierListSyntax {
    private var level: Keyword? {
        for modifier in self where modifier.detail == nil {
            if case .keyword(let keyword) = modifier.name.tokenKind,
                [.public, .package, .internal, .fileprivate, .private].contains(keyword)
            {
                return keyword
            }
        }
        return nil
    }

    /// What the members of a conformance need in front of them.
    var access: String {
        switch level {
        case .public: "public "
        case .package: "package "
        default: ""
        }
    }

    /// What the column of a property needs in front of it: no more people see it than see the property.
    fileprivate func columnAccess(in structAccess: String) -> String {
        switch level {
        case .private, .fileprivate: "fileprivate "
        case .package where structAccess == "public ": "package "
        case .public, .package: structAccess
        default: ""
        }
    }
}
#endif
