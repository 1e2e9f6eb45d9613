import Roost
import RoostSchema

/// About how many rows tables have, as their engine knows without looking at them.
enum RowEstimate {
    /// The rows of a table; nil where the engine has no idea.
    ///
    /// - Parameter table: the parts of its name.
    static func rows(of table: [String], on connection: any Connection) async throws(DatabaseError) -> Int? {
        guard let engine = try? Engine(connection), let name = table.last else { return nil }
        let statement: Statement
        switch engine {
        case .postgresql:
            // As the planner does: the rows of a page, as they were counted last, and the pages there are now.
            let quoted = table.map(connection.dialect.quoted).joined(separator: ".")
            statement = """
                select case when relpages > 0 and reltuples > 0 then (reltuples::float8 / relpages
                    * (pg_relation_size(oid) / current_setting('block_size')::integer))::bigint end
                from pg_class where oid = to_regclass(\(quoted))
                """
        case .mysql, .mariadb:
            let schema: String? = table.count > 1 ? table[0] : nil
            statement = """
                select cast(table_rows as signed) from information_schema.tables
                where table_schema = coalesce(\(schema), database()) and table_name = \(name)
                """
        case .sqlite:
            statement = "select max(rowid) from \(identifier: name)"
        }
        do throws(DatabaseError) {
            let rows = try await connection.query(statement).fetchOne()?.values.first?.integer
            return rows.flatMap { $0 > 0 ? Int(exactly: $0) : nil }
        } catch {
            // A view or a table without row numbers has none. Where a failed statement ends the transaction the statements above do
            // not fail.
            guard engine == .sqlite, error.category == .programming else { throw error }
            return nil
        }
    }
}
