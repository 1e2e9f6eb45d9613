import Crypto
import Roost

/// What the server says objects look like, to find out whether a statement took effect.
struct ObjectDefinitions {
    let connection: any Connection

    init(_ connection: any Connection) { self.connection = connection }

    enum IndexState: Hashable {
        case missing, valid
        case invalid([String])
    }

    /// The checksum of the statement and that of the definitions it changes, with a slash between; empty when they tell nothing.
    func fingerprint(_ recovery: StatementEffect.Recovery, _ step: MigrationStep) async throws -> String {
        guard case .definitions(let objects) = recovery else { return "" }
        var text = ""
        for object in objects {
            guard let definition = try await definition(of: object) else { return "" }
            text += definition + "\u{0}"
        }
        return MigrationStep.checksum([step]) + "/" + SHA256.hash(data: Array(text.utf8)).hexadecimal
    }

    /// nil when nobody can tell; "absent" when there is none.
    private func definition(of object: StatementEffect.Object) async throws -> String? {
        switch connection.dialect.name {
        case "mysql", "mariadb": return try await mysql(object)
        case "postgresql" where object.kind == "index":
            switch try await index(object.name, on: []) {
            case .missing: return Self.absent
            // Valid or not, it has to go.
            case .valid, .invalid: return "present"
            }
        default: return nil
        }
    }

    private static let absent = "absent"

    private func mysql(_ object: StatementEffect.Object) async throws -> String? {
        // A view is shown as a table too, and a table may be what a view is to replace.
        let kind = object.kind == "view" ? "table" : object.kind
        let column = kind == "table" || kind == "procedure" || kind == "function" || kind == "event" ? nil : 2
        do {
            let rows = try await connection.query("show create \(unsafe: kind) \(identifier: object.name)").fetchMany(1)
            guard let row = rows.first else { return Self.absent }
            let values = row.values
            let texts = column.map { values.indices.contains($0) ? [values[$0]] : values } ?? values
            // The next number of a table changes with its rows, not with its definition.
            return texts.map { Self.withoutCounter($0.text ?? "") }.joined(separator: "\u{1}")
        } catch {
            switch error.condition {
            case .undefinedTable, .undefinedFunction, .undefinedObject: return Self.absent
            default:
                // No such trigger, procedure or event.
                if [1146, 1305, 1360, 1539, 4091].contains(error.nativeCode) { return Self.absent }
                throw error
            }
        }
    }

    private static func withoutCounter(_ text: String) -> String {
        guard let range = text.ranges(of: " AUTO_INCREMENT=").last else { return text }
        return String(text[..<range.lowerBound] + text[range.upperBound...].drop(while: \.isNumber))
    }

    /// Whether PostgreSQL has an index of this name, and whether it is complete.
    func index(_ name: [String], on table: [String]) async throws -> IndexState {
        guard let plain = name.last else { return .missing }
        // An index lies in the schema of its table, which its own name cannot have in CREATE INDEX.
        let schema = name.count > 1 ? name[name.count - 2] : table.count > 1 ? table[table.count - 2] : nil
        let rows = try await connection.query(
            """
            select n.nspname::text, i.indisvalid from pg_class c join pg_namespace n on n.oid = c.relnamespace \
            join pg_index i on i.indexrelid = c.oid where c.relname = \(plain)::text \
            and (n.nspname = \(schema)::text or (\(schema)::text is null and pg_table_is_visible(c.oid))) limit 1
            """
        ).decode((String, Bool).self).fetchAll(limit: 1)
        guard let (found, isValid) = rows.first else { return .missing }
        return isValid ? .valid : .invalid([found, plain])
    }
}
