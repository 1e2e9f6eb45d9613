import Roost
import RoostSchema

/// What statements that are generated for MySQL and MariaDB ask the server for: to change the catalogue alone, or to let others read and
/// write meanwhile. One that it would carry out by copying the table, while writers wait, fails at once then (MySQL manual, "Online DDL
/// Operations"; MariaDB documentation, "InnoDB Online DDL Overview").
///
/// A schema does not tell its server's version. So nothing is asked for that MySQL 8.0.12 and MariaDB 10.6 do not grant; where later
/// versions do better, the statement leaves them the choice. Nothing is asked where a copy is the only way, or nobody knows without asking.
struct MySQLAlgorithms {
    /// What is asked for.
    enum Request: Hashable {
        /// The catalogue alone changes.
        case instant
        /// In place, with writers let in.
        case inplace
        /// Any way that lets writers in: at once for newer servers, in place for older ones.
        case beside

        var clause: String {
            switch self {
            case .instant: ", ALGORITHM=INSTANT"
            case .inplace: ", ALGORITHM=INPLACE, LOCK=NONE"
            case .beside: ", LOCK=NONE"
            }
        }
    }

    private let source: Schema
    private let target: Schema
    private var isMariaDB: Bool { target.engine == .mariadb }

    init(_ source: Schema, _ target: Schema) {
        self.source = source
        self.target = target
    }

    /// The statements of a change, with what is asked for.
    func statements(of change: Schema.Change) throws(DatabaseError) -> [String] {
        let statements = try source.definitions(of: [change], to: target)
        guard statements.count == 1, let text = statements.first, text.hasPrefix("ALTER TABLE "),
            let request = request(for: change)
        else { return statements }
        return [text + request.clause]
    }

    private func request(for change: Schema.Change) -> Request? {
        guard let name = change.table, isPlain(name, change) else { return nil }
        switch change {
        case .addColumn(_, let column, let position): return adding(column, position)
        case .dropColumn(_, let column, _):
            // Without its key a table is copied.
            let key = table(name, in: source)?.primaryKey?.columns ?? []
            return key.contains(column.name) ? nil : isMariaDB ? .inplace : .beside
        case .renameColumn: return .inplace
        case .alterColumn(_, let old, let new): return altering(old, new, of: name)
        case .addConstraint(_, .unique): return .inplace
        case .addConstraint(_, .primaryKey(let key)):
            let columns = table(name, in: source)?.columns.filter { key.columns.contains($0.name) }
            return columns?.count == key.columns.count && columns?.contains(where: \.isNullable) == false
                ? .inplace : nil
        case .dropConstraint(_, .foreignKey), .dropConstraint(_, .unique): return .inplace
        case .dropConstraint(_, .check(let check)): return check.column == nil ? .inplace : nil
        // Over an expression MySQL keeps a column of its own.
        case .createIndex(_, let index), .dropIndex(_, let index):
            return index.parts.allSatisfy { $0.column != nil } ? .inplace : nil
        case .renameIndex: return .inplace
        case .alterTable(let old, let new):
            // The comment is what differs then.
            return old.options == new.options && old.partitioning == new.partitioning ? .inplace : nil
        default: return nil
        }
    }

    private func table(_ name: ObjectName, in schema: Schema) -> Schema.Table? {
        schema.tables.first { $0.name == name }
    }

    private static let plainOptions: Set<String> = ["engine", "collation", "row_format"]
    private static let plainMethods: Set<String?> = [nil, "BTREE", "HASH"]

    /// Whether both servers do with the table what their manuals say of tables in general.
    private func isPlain(_ name: ObjectName, _ change: Schema.Change) -> Bool {
        let changed: String? =
            switch change {
            case .addColumn(_, let column, _), .dropColumn(_, let column, _): column.name
            default: nil
            }
        return [table(name, in: source), table(name, in: target)].allSatisfy { table in
            guard let table else { return true }
            return table.options["engine"]?.lowercased() == "innodb"
                && table.options["row_format"]?.lowercased() != "compressed" && table.partitioning == nil
                && table.options.keys.allSatisfy(Self.plainOptions.contains)
                && table.indexes.allSatisfy { Self.plainMethods.contains($0.method?.uppercased()) }
                && table.columns.allSatisfy { $0.generation == nil || $0.name == changed }
        }
    }

    private func adding(_ column: Schema.Column, _ position: Schema.ColumnPosition) -> Request? {
        if column.identity != nil || column.generation?.isStored == true || !column.options.isEmpty { return nil }
        if let value = column.defaultValue, !Self.isLiteral(value) { return nil }
        if !column.isNullable, column.defaultValue == nil {
            // There is no value that the rows could get by themselves, and the server looks whether there are rows.
            switch column.type.family {
            case .integer, .decimal, .float, .boolean, .text, .bytes, .enumeration: break
            default: return nil
            }
        }
        // MySQL has added columns among others at once since 8.0.29 only.
        return position == .last || isMariaDB ? .instant : .beside
    }

    private func altering(_ old: Schema.Column, _ new: Schema.Column, of name: ObjectName) -> Request? {
        let checks = [table(name, in: source), table(name, in: target)].compactMap { $0 }.flatMap(\.checks)
        guard old.generation == nil, new.generation == nil, !checks.contains(where: { $0.column == new.name }) else {
            return nil
        }
        let aspects = new.differences(from: old)
        guard aspects.isSubset(of: [.type, .nullability, .defaultValue, .comment]) else { return nil }
        if aspects.contains(.defaultValue), let value = new.defaultValue, !Self.isLiteral(value) { return nil }
        var request = Request.instant
        if aspects.contains(.type) {
            guard let found = widening(old, new, of: name) else { return nil }
            request = found
        }
        return aspects.contains(.nullability) ? .inplace : request
    }

    /// What a type needs that takes all that the former took, in the same bytes.
    private func widening(_ old: Schema.Column, _ new: Schema.Column, of name: ObjectName) -> Request? {
        if let before = old.type.values, let after = new.type.values {
            guard old.type.family == new.type.family, after.starts(with: before) else { return nil }
            func size(_ count: Int) -> Int {
                if new.type.family == .enumeration { return count < 256 ? 1 : 2 }
                let bytes = (count + 7) / 8
                return bytes > 4 ? 8 : bytes
            }
            return size(before.count) == size(after.count) ? .instant : nil
        }
        guard old.type.spelling.hasPrefix("varchar("), new.type.spelling.hasPrefix("varchar("),
            let before = old.type.length, let after = new.type.length, before <= after,
            let width = characterWidth(new, of: name)
        else { return nil }
        // Up to 255 bytes one byte tells the length.
        func isLong(_ length: Int) -> Bool { length > 255 / width }
        return isLong(before) == isLong(after) ? .inplace : nil
    }

    /// How many bytes a character may take.
    private func characterWidth(_ column: Schema.Column, of name: ObjectName) -> Int? {
        let collation = column.collation ?? table(name, in: target)?.options["collation"]
        switch collation?.split(separator: "_").first {
        case "utf8mb4", "utf16", "utf32": return 4
        case "utf8", "utf8mb3": return 3
        case "latin1", "ascii", "binary": return 1
        default: return nil
        }
    }

    /// Whether a default is one value, the same for all rows.
    private static func isLiteral(_ text: String) -> Bool {
        guard let first = text.utf8.first else { return false }
        let isNumber = first &- 0x30 < 10 || first == UInt8(ascii: "-")
        return first == UInt8(ascii: "'") || isNumber || ["b'", "0x", "x'"].contains { text.hasPrefix($0) }
            || text.uppercased() == "NULL"
    }
}
