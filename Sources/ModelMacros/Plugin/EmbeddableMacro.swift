#if ModelMacros
import SwiftDiagnostics
import SwiftSyntax
import SwiftSyntaxBuilder
import SwiftSyntaxMacros

/// Writes what an embedded struct needs.
enum EmbeddableMacro {
    /// What is to be written, and what is wrong.
    private static func expand(_ node: AttributeSyntax, _ declaration: StructDeclSyntax) -> (
        EmbeddableExpansion, [Diagnostic]
    ) {
        var properties = StoredProperties(of: declaration, allowed: Mark.ofEmbedded)
        let isOptional = node.expression("isOptional")?.as(BooleanLiteralExprSyntax.self)
        if isOptional == nil, let argument = node.expression("isOptional") {
            properties.report(argument, .isNoLiteral("isOptional"))
        }
        let mayBeMissing = isOptional?.literal.tokenKind == .keyword(.true)
        if mayBeMissing {
            for column in properties.columns {
                if let attribute = column.marks[.embedded] { properties.report(attribute, .embedsInOptional) }
            }
        }
        let expansion = EmbeddableExpansion(
            access: declaration.modifiers.access,
            prefix: node.argument("prefix") ?? "\"\"",
            mayBeMissing: mayBeMissing,
            names: ColumnNames(naming: node.argument("naming")),
            columns: properties.columns,
            own: declaration.ownMembers
        )
        return (expansion, properties.diagnostics)
    }
}

// Its types are named in the struct's own scope.
extension EmbeddableMacro: MemberMacro {
    static func expansion(
        of node: AttributeSyntax,
        providingMembersOf declaration: some DeclGroupSyntax,
        conformingTo protocols: [TypeSyntax],
        in context: some MacroExpansionContext
    ) throws -> [DeclSyntax] {
        guard let declaration = declaration.as(StructDeclSyntax.self) else { return [] }
        let (expansion, diagnostics) = expand(node, declaration)
        return diagnostics.isEmpty ? expansion.members.map { "\(raw: $0)" } : []
    }
}

// An initializer in the struct itself would take the memberwise one away.
extension EmbeddableMacro: ExtensionMacro {
    static func expansion(
        of node: AttributeSyntax,
        attachedTo declaration: some DeclGroupSyntax,
        providingExtensionsOf type: some TypeSyntaxProtocol,
        conformingTo protocols: [TypeSyntax],
        in context: some MacroExpansionContext
    ) throws -> [ExtensionDeclSyntax] {
        guard let declaration = declaration.as(StructDeclSyntax.self) else {
            context.report(node, .notAStruct("Embeddable"))
            return []
        }
        let (expansion, diagnostics) = expand(node, declaration)
        guard diagnostics.isEmpty else {
            for diagnostic in diagnostics { context.diagnose(diagnostic) }
            return []
        }
        // The compiler looks for what the attribute promises, one protocol by one.
        let conformances = expansion.mayBeMissing ? ["Embedded", "OptionalEmbedded"] : ["Embedded"]
        let missing = conformances.filter { name in
            protocols.contains { $0.trimmedDescription.split(separator: ".").last == name[...] }
        }
        return ExtensionText(type, missing.map { "RoostORM." + $0 }, expansion.initializers).syntax
    }
}

/// What is written for an embedded struct.
private struct EmbeddableExpansion {
    let access: String
    let prefix: String
    let mayBeMissing: Bool
    let names: ColumnNames
    let columns: [ColumnProperty]
    /// Of what the struct declares itself nothing is written.
    let own: Set<String>

    var initializers: [String] {
        guard !own.contains(mayBeMissing ? "init?(ifPresent:)" : "init(from:)") else { return [] }
        let row = "row: inout Roost.RowReader) throws(Roost.DatabaseError)"
        guard mayBeMissing else { return [.block("\(access)init(from \(row)", columns.map(\.reading))] }
        var lines = ["guard let values = try Self.columnValues(ifPresent: &row) else {", "    return nil", "}"]
        // There are no tuples of one.
        lines += columns.map { "self.\($0.identifier) = values" + (columns.count > 1 ? ".\($0.identifier)" : "") }
        return [.block("\(access)init?(ifPresent \(row)", lines)]
    }

    var members: [String] {
        var members = own.contains("Columns") ? [] : [columnsDeclaration]
        if mayBeMissing {
            if !own.contains("columnCount") {
                members.append(.block("\(access)static var columnCount: Int", ["\(columns.count)"]))
            }
            if !own.contains("init?(ifPresent:)") { members.append(columnValues) }
        }
        if !own.contains("write(to:)") {
            members.append(.block("\(access)func write(to row: inout RoostORM.ColumnWriter)", columns.map(\.writing)))
        }
        return members
    }

    private var columnsDeclaration: String {
        var declarations: [String] = []
        var assignments = names.declaration.map { [$0] } ?? []
        for column in columns {
            let value: String
            if let embedded = column.marks[.embedded] {
                let inner = embedded.argument("prefix").map { "prefix + \($0)" }
                declarations.append("\(column.access)let \(column.identifier): \(column.base).Columns")
                value = "\(column.base).Columns(\(inner.map { "prefix: \($0)" } ?? ""))"
            } else {
                let type = "RoostQuery.Column<\(column.columnType(isOptional: mayBeMissing || column.isOptional))>"
                declarations.append("\(column.access)let \(column.identifier): \(type)")
                value = "\(type)(\(names.arguments(for: column, prefix: "prefix")))"
            }
            assignments.append("self.\(column.identifier) = \(value)")
        }
        let initializer = String.block("\(access)init(prefix: String = \(prefix))", assignments)
        return .block("\(access)struct Columns: RoostQuery.ColumnGroup", declarations + ["", initializer])
    }

    /// Reads every column in any case; what is missing is `NULL` in all of them.
    private var columnValues: String {
        var lines = columns.map { column in
            let type = column.base + "?.self"
            return "let \(column.identifier) = try row.\(column.has(.json) ? "nextJSON" : "next")(\(type))"
        }
        let present = columns.map { "\($0.identifier) != nil" }.joined(separator: " || ")
        lines += ["guard \(present) else {", "    return nil", "}"]
        let needed = columns.filter { !$0.isOptional }.map { "let \($0.identifier)" }.joined(separator: ", ")
        if !needed.isEmpty {
            lines += ["guard \(needed) else {", "    throw Roost.DatabaseError.incomplete(Self.self)", "}"]
        }
        let names = columns.map(\.identifier)
        let isTuple = names.count > 1
        lines.append(
            isTuple ? "return (\(names.map { "\($0): \($0)" }.joined(separator: ", ")))" : "return \(names[0])"
        )
        let types = columns.map { ($0.isOptional ? $0.base + "?" : $0.base) }
        let result = isTuple ? zip(names, types).map { "\($0): \($1)" }.joined(separator: ", ") : types[0]
        return .block(
            "private static func columnValues(ifPresent row: inout Roost.RowReader) throws(Roost.DatabaseError) -> (\(result))?",
            lines
        )
    }
}
#endif
