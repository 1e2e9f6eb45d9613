import CSQLite
import Roost

/// One `sqlite3_stmt` and what is known of it. Touched on its connection's thread only.
final class PreparedHandle {
    let statement: OpaquePointer
    let text: String
    let parameterCount: Int
    let isReadOnly: Bool
    /// Whether it inserts, updates or deletes.
    let changesRows: Bool
    /// Whether it inserts.
    let insertsRows: Bool
    private(set) var columns: ColumnList = .empty
    private(set) var plans: [ColumnPlan] = []
    /// Whether a result or an execution uses the statement right now; another one needs its own.
    var isInUse = false
    /// Whether the statement is in the cache and must be kept.
    var isCached = false
    private var reprepareCount: Int32 = -1

    init(statement: OpaquePointer, text: String) {
        self.statement = statement
        self.text = text
        parameterCount = Int(sqlite3_bind_parameter_count(statement))
        isReadOnly = sqlite3_stmt_readonly(statement) != 0
        let verbs = Self.verbs(of: text)
        changesRows = !isReadOnly && !verbs.isDisjoint(with: ["insert", "replace", "update", "delete"])
        insertsRows = !isReadOnly && !verbs.isDisjoint(with: ["insert", "replace"])
        refreshColumns()
    }

    /// The first word; behind `WITH`, every word, since the verb comes somewhere after it.
    private static func verbs(of text: String) -> Set<String> {
        var copy = text
        return copy.withUTF8 { bytes in
            var lexer = StatementLexer(bytes, lexicon: Dialect.sqlite.lexicon)
            var words: Set<String> = []
            while let token = lexer.next() {
                guard token.kind == .word, token.range.count <= 8 else { continue }
                words.insert(String(decoding: bytes[token.range], as: UTF8.self).lowercased())
                if !words.contains("with") { break }
            }
            return words
        }
    }

    deinit {
        sqlite3_finalize(statement)
    }

    /// SQLite prepares again by itself after DDL; the columns may be others then.
    func refreshColumns() {
        let count = sqlite3_stmt_status(statement, SQLITE_STMTSTATUS_REPREPARE, 0)
        guard count != reprepareCount else { return }
        reprepareCount = count
        let width = sqlite3_column_count(statement)
        var descriptions: [ColumnDescription] = []
        plans = []
        for index in 0..<width {
            let declared = sqlite3_column_decltype(statement, index).map { String(cString: $0) }
            let plan = ColumnPlan(declaredType: declared)
            let (precision, scale) = Self.size(of: declared)
            plans.append(plan)
            descriptions.append(
                ColumnDescription(
                    name: sqlite3_column_name(statement, index).map { String(cString: $0) } ?? "",
                    typeName: declared,
                    kind: plan.kind(declaredType: declared),
                    precision: precision,
                    scale: scale,
                    table: sqlite3_column_table_name(statement, index).map { String(cString: $0) },
                    originName: sqlite3_column_origin_name(statement, index).map { String(cString: $0) }
                )
            )
        }
        columns = descriptions.isEmpty ? .empty : ColumnList(descriptions)
    }

    /// The numbers of `DECIMAL(10, 2)`.
    private static func size(of declared: String?) -> (Int?, Int?) {
        guard let declared, let open = declared.firstIndex(of: "("), let close = declared.lastIndex(of: ")"),
            open < close
        else { return (nil, nil) }
        let numbers = declared[declared.index(after: open)..<close].split(separator: ",").map {
            Int($0.filter { $0 != " " })
        }
        return (numbers.first ?? nil, numbers.count > 1 ? numbers[1] : nil)
    }

    func reset() {
        sqlite3_reset(statement)
        sqlite3_clear_bindings(statement)
        isInUse = false
    }
}
