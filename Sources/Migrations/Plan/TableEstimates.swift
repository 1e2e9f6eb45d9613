import Crypto
import Roost

/// How many rows tables have, as the catalogue estimates them: in one statement, without counting any.
struct TableEstimates {
    private var byName: [String: Int64] = [:]
    private var owners: [String: String] = [:]

    func rows(of table: String) -> Int64? { byName[table] }

    /// The table of an index, for a lock that could only say `table of INDEX`; nil for other locks and unknown indexes.
    func owner(of table: String) -> String? {
        let prefix = "table of "
        return table.hasPrefix(prefix) ? owners[String(table.dropFirst(prefix.count))] : nil
    }

    static func read(from connection: any Connection) async throws -> TableEstimates {
        var result = TableEstimates()
        switch connection.dialect.name {
        case "postgresql":
            // -1 is a table that was never looked at.
            let rows = try await connection.query(
                """
                select n.nspname::text, c.relname::text, pg_table_is_visible(c.oid), \
                case when c.reltuples < 0 then null else least(c.reltuples, 9e18)::bigint end, t.relname::text \
                from pg_class c join pg_namespace n on n.oid = c.relnamespace \
                left join pg_index i on i.indexrelid = c.oid left join pg_class t on t.oid = i.indrelid \
                where c.relkind in ('r', 'p', 'm', 'i', 'I') and n.nspname not in ('pg_catalog', 'pg_toast', 'information_schema')
                """
            ).decode((String, String, Bool, Int64?, String?).self).fetchAll(limit: 10_000_000)
            for (schema, name, isVisible, count, owner) in rows {
                for key in [schema + "." + name] + (isVisible ? [name] : []) {
                    if let owner {
                        result.owners[key] = isVisible ? owner : schema + "." + owner
                    } else {
                        result.byName[key] = count
                    }
                }
            }
        case "mysql", "mariadb":
            let rows = try await connection.query(
                """
                select cast(table_schema as char), cast(table_name as char), cast(table_rows as signed), table_schema = database() \
                from information_schema.tables where table_type = 'BASE TABLE' \
                and table_schema not in ('mysql', 'sys', 'performance_schema', 'information_schema')
                """
            ).decode((String, String, Int64?, Int64?).self).fetchAll(limit: 10_000_000)
            for (schema, name, count, isOwn) in rows {
                result.byName[schema + "." + name] = count
                if isOwn == 1 { result.byName[name] = count }
            }
        case "sqlite":
            do {
                // The first number is the count of rows (documentation, "The SQLITE_STAT1 Table").
                let rows = try await connection.query(
                    "select tbl, max(cast(stat as integer)) from sqlite_stat1 group by tbl"
                ).decode((String, Int64).self).fetchAll(limit: 10_000_000)
                for (name, count) in rows { result.byName[name] = count }
            } catch {
                // Without the table nobody ran ANALYZE.
                guard error.condition == .undefinedTable else { throw error }
            }
        default: break
        }
        return result
    }
}

extension Migrator {
    /// What tells this database from others, also on the same server. Reads settings only.
    func identity() async throws(MigrationError) -> String {
        let facts = try await wrappingErrors { () async throws -> [String] in
            switch dialect.name {
            case "postgresql":
                let (name, number) = try await connection.query(
                    "select datname::text, oid::text from pg_database where datname = current_database()"
                ).decode((String, String).self).fetchOnly()
                // Some services keep this function to themselves.
                let system = try? await connection.query("select system_identifier::text from pg_control_system()")
                    .decode(String.self).fetchOnly()
                return [name, number, system ?? ""]
            case "mysql", "mariadb":
                let (database, host, port, folder) = try await connection.query(
                    "select database(), @@hostname, @@port, @@datadir"
                ).decode((String?, String, Int64, String).self).fetchOnly()
                return [database ?? "", host, "\(port)", folder]
            default:
                return [
                    try await connection.query("select file from pragma_database_list where name = 'main'").decode(
                        String?.self
                    ).fetchOnly() ?? ""
                ]
            }
        }
        let digest = SHA256.hash(data: Array(([dialect.name] + facts).joined(separator: "\u{0}").utf8))
        return "sha256:" + digest.hexadecimal
    }
}
