#if ModelMacros
import SwiftDiagnostics
import SwiftSyntax
import SwiftSyntaxBuilder
import SwiftSyntaxMacros

/// Writes what a model needs, as one would by hand.
enum ModelMacro {
    /// What is to be written, and what is wrong.
    private static func expand(_ node: AttributeSyntax, _ declaration: StructDeclSyntax) -> (
        ModelExpansion, [Diagnostic]
    ) {
        var properties = StoredProperties(of: declaration, allowed: Set(Mark.allCases))
        if let generics = declaration.genericParameterClause { properties.report(generics, .isGeneric) }
        let expansion = ModelExpansion(node, declaration, &properties)
        return (expansion, properties.diagnostics)
    }
}

// Its types are named in the struct's own scope.
extension ModelMacro: MemberMacro {
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
extension ModelMacro: ExtensionMacro {
    static func expansion(
        of node: AttributeSyntax,
        attachedTo declaration: some DeclGroupSyntax,
        providingExtensionsOf type: some TypeSyntaxProtocol,
        conformingTo protocols: [TypeSyntax],
        in context: some MacroExpansionContext
    ) throws -> [ExtensionDeclSyntax] {
        guard let declaration = declaration.as(StructDeclSyntax.self) else {
            context.report(node, .notAStruct("Model"))
            return []
        }
        let (expansion, diagnostics) = expand(node, declaration)
        guard diagnostics.isEmpty else {
            for diagnostic in diagnostics { context.diagnose(diagnostic) }
            return []
        }
        return ExtensionText(type, protocols.isEmpty ? [] : ["RoostORM.Model"], expansion.initializers).syntax
    }
}

/// What is written for a model.
private struct ModelExpansion {
    private let access: String
    private let type: String
    private let table: String
    private let schema: String?
    private let names: ColumnNames
    private let columns: [ColumnProperty]
    private let keys: [ColumnProperty]
    /// Of what the struct declares itself nothing is written.
    private let own: Set<String>

    init(
        _ node: AttributeSyntax,
        _ declaration: StructDeclSyntax,
        _ properties: inout StoredProperties
    ) {
        access = declaration.modifiers.access
        type = declaration.name.text
        table = node.argument(nil) ?? "\"\(ColumnNames.snakeCase(declaration.name.text))\""
        schema = node.argument("schema")
        names = ColumnNames(naming: node.argument("naming"))
        columns = properties.columns
        own = declaration.ownMembers
        let marked = columns.filter { $0.has(.key) }
        keys = marked.isEmpty ? columns.filter(\.isNamedID) : marked
        check(declaration, &properties)
    }

    private func check(_ declaration: StructDeclSyntax, _ properties: inout StoredProperties) {
        if keys.isEmpty, !columns.isEmpty, !own.contains("mapping") { properties.report(declaration.name, .hasNoKey) }
        for mark in [Mark.version, .softDelete] {
            for column in columns.filter({ $0.has(mark) }).dropFirst() {
                if let attribute = column.marks[mark] { properties.report(attribute, .isRepeated(mark)) }
            }
        }
        for key in keys where key.isOptional {
            if keys.count > 1 {
                properties.report(key.place, .keyIsOptional)
            } else if !key.isVariable {
                properties.report(key.place, .mustVary(nil), [key.declaration.madeVariable])
            }
        }
    }

    var initializers: [String] {
        guard !own.contains("init(from:)") else { return [] }
        let head = "\(access)init(from row: inout Roost.RowReader) throws(Roost.DatabaseError)"
        return [.block(head, columns.map(\.reading))]
    }

    var members: [String] {
        var members = own.contains("Columns") ? [] : [columnsDeclaration]
        if !own.contains("Key") { members += keyDeclaration }
        if !own.contains("mapping") { members.append(mapping) }
        if !own.contains("write(to:)") {
            members.append(.block("\(access)func write(to row: inout RoostORM.ColumnWriter)", columns.map(\.writing)))
        }
        return members
    }

    private var columnsDeclaration: String {
        var lines = ["\(access)static let tableName = \(table)"]
        if let schema { lines.append("\(access)static let schemaName: String? = \(schema)") }
        lines += columns.map { column in
            let value =
                if let embedded = column.marks[.embedded] {
                    "\(column.base).Columns(\(embedded.argument("prefix").map { "prefix: \($0)" } ?? ""))"
                } else {
                    "RoostQuery.Column<\(column.columnType(isOptional: column.isOptional && !isKey(column)))>"
                        + "(\(names.arguments(for: column)))"
                }
            return "\(column.access)let \(column.identifier) = \(value)"
        }
        // Only where the implicit one is not visible enough.
        if !access.isEmpty { lines.append("\(access)init() {}") }
        return .block("\(access)struct Columns: RoostQuery.Table", lines)
    }

    private func isKey(_ column: ColumnProperty) -> Bool { keys.contains { $0.name == column.name } }

    private var keyDeclaration: [String] {
        switch keys.count {
        case 0: []
        case 1: keys[0].base == "Int" ? [] : ["\(access)typealias Key = \(keys[0].base)"]
        case 2: ["\(access)typealias Key = RoostORM.CompositeKey<\(keys[0].base), \(keys[1].base)>"]
        default: [keyStruct]
        }
    }

    private var keyStruct: String {
        var lines = keys.map { "\(access)var \($0.identifier): \($0.base)" }
        let values = keys.map { "\($0.identifier).databaseValue" }.joined(separator: ", ")
        lines.append(.block("\(access)var keyValues: [Roost.Value]", ["[\(values)]"]))
        let parameters = keys.map { "\($0.identifier): \($0.base)" }.joined(separator: ", ")
        lines.append(.block("\(access)init(\(parameters))", keys.map { "self.\($0.identifier) = \($0.identifier)" }))
        lines.append(
            .block(
                "\(access)init(key row: inout Roost.RowReader) throws(Roost.DatabaseError)",
                keys.map { "self.\($0.identifier) = try row.next()" }
            )
        )
        return .block("\(access)struct Key: RoostORM.ModelKey", lines)
    }

    private var mapping: String {
        let paths = keys.map { "\\.\($0.identifier)" }
        let key: String
        if keys.count == 1 {
            key = ".\(keys[0].isOptional ? "generated" : "assigned")(\(paths[0]), \(paths[0]))"
        } else {
            let isPair = keys.count == 2 && !own.contains("Key")
            let values = keys.map { (isPair ? "" : "\($0.identifier): ") + "$0.\($0.identifier)" }
            let make = isPair ? "RoostORM.CompositeKey" : "Key"
            key = ".composite(\(paths.joined(separator: ", "))) { \(make)(\(values.joined(separator: ", "))) }"
        }
        var text = "\(access)static let mapping = RoostORM.Mapping<\(type)>(key: \(key))"
        for column in columns {
            let path = "\\.\(column.identifier)"
            if column.has(.version) { text += "\n    .version(\(path), \(path))" }
            if column.has(.created) { text += "\n    .created(\(path))" }
            if column.has(.updated) { text += "\n    .updated(\(path))" }
            if column.has(.softDelete) { text += "\n    .softDelete(\(path), \(path))" }
        }
        let computed = columns.filter { $0.has(.computed) }.map { "\\.\($0.identifier)" }
        return computed.isEmpty ? text : text + "\n    .computed(\(computed.joined(separator: ", ")))"
    }
}

extension ColumnProperty {
    /// Whether it is the key of a struct that marks none.
    fileprivate var isNamedID: Bool {
        name == "id" && marks.keys.allSatisfy { $0 == .column }
    }
}

extension StructDeclSyntax {
    /// The names of the members that a model's own declarations take the place of.
    var ownMembers: Set<String> {
        var names: Set<String> = []
        for member in memberBlock.members {
            if let variable = member.decl.as(VariableDeclSyntax.self) {
                for binding in variable.bindings { names.insert(binding.pattern.trimmedDescription) }
            } else if let alias = member.decl.as(TypeAliasDeclSyntax.self) {
                names.insert(alias.name.text)
            } else if let inner = member.decl.as(StructDeclSyntax.self) {
                names.insert(inner.name.text)
            } else if let function = member.decl.as(FunctionDeclSyntax.self) {
                names.insert(function.name.text + function.signature.labels)
            } else if let initializer = member.decl.as(InitializerDeclSyntax.self) {
                let isFailable = initializer.optionalMark != nil
                names.insert((isFailable ? "init?" : "init") + initializer.signature.labels)
            }
        }
        return names
    }
}

extension FunctionSignatureSyntax {
    fileprivate var labels: String {
        "(" + parameterClause.parameters.map { $0.firstName.text + ":" }.joined() + ")"
    }
}
#endif
