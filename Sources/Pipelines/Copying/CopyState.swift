import Roost

/// Which parts of a copy are staged already: a table in the target, written in the same transaction as the rows it vouches for.
struct CopyState: Sendable {
    static let table = "roost_copy_state"

    let target: any Connection

    private var name: String { target.dialect.quoted(Self.table) }

    private func run(_ text: String) async throws(DatabaseError) {
        try await target.execute(Statement(unsafe: text))
    }

    /// Makes the table where it is missing.
    func prepare() async throws(DatabaseError) {
        try await run(
            "CREATE TABLE IF NOT EXISTS \(name) (copied_table varchar(190) NOT NULL, part integer NOT NULL, lower_key bigint NULL, upper_key bigint NULL, signature varchar(190) NOT NULL, copied_rows bigint NULL, PRIMARY KEY (copied_table, part))"
        )
    }

    /// A part as it was noted.
    struct Part: Sendable {
        var number: Int
        var range: KeyRange
        var rows: Int?
    }

    /// The parts of a table's copy; nil when none was begun with this signature.
    func parts(of table: TargetTable, signature: String) async throws(DatabaseError) -> [Part]? {
        let rows = try await target.query(
            """
            select part, lower_key, upper_key, copied_rows from \(unsafe: name)
            where copied_table = \(table.displayName) and signature = \(signature) order by part
            """
        ).fetchAll(limit: .unbounded)
        guard !rows.isEmpty else { return nil }
        let key = table.primaryKey.first
        return rows.map { row in
            let values = row.values
            let (lower, upper) = (values[1].integer, values[2].integer)
            return Part(
                number: Int(values[0].integer ?? 0),
                range: KeyRange(column: lower == nil && upper == nil ? nil : key, lower: lower, upper: upper),
                rows: values[3].integer.map { Int($0) }
            )
        }
    }

    /// Notes the parts of a copy that begins.
    func begin(_ table: TargetTable, signature: String, _ ranges: [KeyRange]) async throws(DatabaseError) {
        // All of them or none: half a list would pass for the whole.
        try await target.begin()
        do throws(DatabaseError) {
            for (number, range) in ranges.enumerated() {
                try await target.execute(
                    """
                    insert into \(unsafe: name) (copied_table, part, lower_key, upper_key, signature)
                    values (\(table.displayName), \(number), \(range.lower), \(range.upper), \(signature))
                    """
                )
            }
            try await target.commit()
        } catch {
            try? await target.rollback()
            throw error
        }
    }

    /// What notes that a part is staged, for the transaction that stages it.
    func completion(of part: Int, _ table: TargetTable, rows: Int) -> Statement {
        """
        update \(unsafe: name) set copied_rows = \(rows) where copied_table = \(table.displayName) and part = \(part)
        """
    }

    /// Whether parts are staged, of whatever copy; also where that cannot be asked any more.
    var hasParts: Bool {
        get async {
            do throws(DatabaseError) {
                let parts = try await target.query(
                    "select count(*) from \(unsafe: name) where copied_rows is not null"
                )
                return try await parts.decode(Int.self).fetchOnly() > 0
            } catch {
                return error.category == .operational && error.condition != .insufficientPrivilege
            }
        }
    }

    /// Forgets a table's copy.
    func forget(_ table: TargetTable) async throws(DatabaseError) {
        try await target.execute("delete from \(unsafe: name) where copied_table = \(table.displayName)")
    }

    /// Takes the table away when no copy is under way.
    func end() async throws(DatabaseError) {
        let count = try await target.query("select count(*) from \(unsafe: name)").decode(Int.self).fetchOnly()
        if count == 0 { try await run("DROP TABLE \(name)") }
    }
}
