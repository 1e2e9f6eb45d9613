import Foundation
import Roost

/// A column on its way to the target.
struct TargetColumn: Sendable {
    let name: String
    let source: DatabaseSchema.Column
    let type: ColumnType
    var mapping: TypeMapping
    let isNullable: Bool
    /// Whether the engine numbers new rows by it.
    let isIdentity: Bool
    /// The default in the target's words; nil for none.
    let defaultText: String?
    /// What does not come along.
    var notes: [String] = []

    init(
        _ source: DatabaseSchema.Column,
        of table: DatabaseSchema.Table,
        from engine: Engine,
        to target: Engine,
        types: [String: String]
    ) {
        self.source = source
        name = source.name
        isNullable = source.isNullable && !table.primaryKey.contains(source.name)
        type = ColumnType(source.type, in: engine)
        let isKey =
            table.primaryKey.contains(source.name)
            || table.indexes.contains { $0.columns.contains(source.name) }
            || table.foreignKeys.contains { $0.columns.contains(source.name) }
        let chosen = types["\(table.name).\(source.name)"] ?? types[source.name] ?? types[source.type]
        if let chosen {
            mapping = .checked(chosen)
        } else if engine == target, type != .none || engine == .sqlite {
            mapping = .exact(source.type)
        } else {
            mapping = type.mapping(to: target, isKey: isKey)
        }
        isIdentity = Self.isIdentity(source, type, table, engine)
        let known = isIdentity ? nil : source.defaultValue
        let declaration = mapping.declaration ?? ""
        let meaning = ColumnType(source.type, in: engine)
        let text = known.flatMap { Self.portable($0, meaning, from: engine, to: target, declaration) }
        defaultText = text
        if let known, text == nil, known.uppercased() != "NULL" {
            notes.append("\(table.name).\(name): the default \(known) does not come along.")
        }
    }

    private static func isIdentity(
        _ column: DatabaseSchema.Column,
        _ type: ColumnType,
        _ table: DatabaseSchema.Table,
        _ engine: Engine
    ) -> Bool {
        guard case .integer = type else { return false }
        switch engine {
        case .postgresql:
            return column.defaultValue.map { $0.hasPrefix("nextval(") || $0.hasPrefix("generated ") } ?? false
        case .mysql, .mariadb: return column.defaultValue == "auto_increment"
        case .sqlite: return table.primaryKey == [column.name] && column.type.uppercased() == "INTEGER"
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
        if engine == target, engine != .mysql { return expression }
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
            // MySQL shows the text itself, others a literal.
            if engine == .mysql {
                text = "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''") + "'"
            }
            guard isLiteral(text), !text.contains("\\") else { return nil }
            return target == .mysql && declaration == "longtext" ? "(\(text))" : text
        default: break
        }
        if isNumber(text) { return text }
        if engine == .mysql, case .date = type { text = "'\(text)'" }
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
