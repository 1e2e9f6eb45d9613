import Foundation
import Roost
import RoostSchema

/// A column on its way to the target.
struct TargetColumn: Sendable {
    let name: String
    let source: Schema.Column
    let type: ColumnType
    var mapping: TypeMapping
    let isNullable: Bool
    /// Whether the engine numbers new rows by it.
    let isIdentity: Bool
    /// The default in the target's words; nil for none.
    let defaultText: String?
    /// What does not come along.
    var notes: [String] = []

    /// A column that has no default and numbers nothing.
    init(name: String, source: Schema.Column, type: ColumnType, mapping: TypeMapping, isNullable: Bool) {
        self.name = name
        self.source = source
        self.type = type
        self.mapping = mapping
        self.isNullable = isNullable
        isIdentity = false
        defaultText = nil
    }

    init(
        _ source: Schema.Column,
        of table: Schema.Table,
        from engine: Engine,
        to target: Engine,
        types: [String: String]
    ) {
        self.source = source
        name = source.name
        isNullable = source.isNullable && !table.keyColumns.contains(source.name)
        let declared = source.type.spelling
        let type = ColumnType(declared, in: engine)
        self.type = type
        let isKey =
            table.keyColumns.contains(source.name)
            || table.orderings.contains { $0.index?.columns.contains(source.name) == true }
            || table.foreignKeys.contains { $0.columns.contains(source.name) }
        let chosen = types["\(table.typedName).\(source.name)"] ?? types[source.name] ?? types[declared]
        if let chosen {
            mapping = .checked(chosen)
        } else if engine == target, type != .none || engine == .sqlite {
            mapping = .exact(declared)
        } else {
            mapping = type.mapping(to: target, isKey: isKey)
        }
        isIdentity = Self.isIdentity(source, type, table, engine)
        let known = isIdentity ? nil : source.defaultValue
        let declaration = mapping.declaration ?? ""
        let text = known.flatMap { Self.portable($0, type, from: engine, to: target, declaration) }
        defaultText = text
        if let known, text == nil, known.uppercased() != "NULL" {
            notes.append("\(table.typedName).\(name): the default \(known) does not come along.")
        }
    }

    private static func isIdentity(
        _ column: Schema.Column,
        _ type: ColumnType,
        _ table: Schema.Table,
        _ engine: Engine
    ) -> Bool {
        guard case .integer = type else { return false }
        switch engine {
        case .postgresql: return column.identity != nil || column.defaultValue?.hasPrefix("nextval(") == true
        case .mysql, .mariadb: return column.identity != nil
        case .sqlite: return table.keyColumns == [column.name] && column.type.spelling.uppercased() == "INTEGER"
        }
    }

    /// A default in the target's words, where it means the same there.
    private static func portable(
        _ expression: String,
        _ type: ColumnType,
        from engine: Engine,
        to target: Engine,
        _ declaration: String
    ) -> String? {
        if engine == target {
            // SQLite tells an expression without the brackets that it needs.
            let isPlain =
                engine != .sqlite || isNumber(expression) || isLiteral(expression)
                || expression.lowercased().hasPrefix("current_")
            return isPlain ? expression : "(\(expression))"
        }
        var text = expression
        if engine == .postgresql, let cast = text.range(of: "::", options: .backwards), text.hasPrefix("'") {
            text = String(text[..<cast.lowerBound])
        }
        let lowered = text.lowercased()
        switch type {
        case .timestamp, .timestampTZ:
            let now = ["now()", "current_timestamp", "current_timestamp()", "localtimestamp", "(datetime('now'))"]
            if now.contains(lowered) || lowered.hasPrefix("current_timestamp(") {
                guard target.isMySQLFamily, let open = declaration.firstIndex(of: "(") else {
                    return "current_timestamp"
                }
                return "current_timestamp" + declaration[open...]
            }
        case .bool:
            if ["true", "1", "'t'"].contains(lowered) { return target == .sqlite ? "1" : "true" }
            if ["false", "0", "'f'"].contains(lowered) { return target == .sqlite ? "0" : "false" }
        case .text, .fixedText, .enumeration:
            guard isLiteral(text), !text.contains("\\") else { return nil }
            return target == .mysql && declaration == "longtext" ? "(\(text))" : text
        default: break
        }
        if isNumber(text) { return text }
        return isLiteral(text) && !text.contains("\\") && !declaration.lowercased().contains("json") ? text : nil
    }

    private static func isNumber(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { $0 &- 48 < 10 || "+-.".utf8.contains($0) }
    }

    /// Whether a text is one literal in quotes.
    private static func isLiteral(_ text: String) -> Bool {
        guard text.count >= 2, text.hasPrefix("'"), text.hasSuffix("'") else { return false }
        let inner = text.dropFirst().dropLast().split(separator: "''", omittingEmptySubsequences: false)
        return inner.allSatisfy { !$0.contains("'") }
    }
}
