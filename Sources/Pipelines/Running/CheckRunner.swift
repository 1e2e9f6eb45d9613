import Roost
import RoostPipelineDefinition

/// What came of a check.
public struct CheckResult: Sendable, Hashable, Codable {
    /// The check.
    public var name: String
    /// Whether it held.
    public var isPassed: Bool
    /// Whether the rows are published although it did not.
    public var isWarning: Bool
    /// What was found, in numbers.
    public var observed: String
}

/// Asks a database whether checks hold for rows that are staged there.
struct CheckRunner: Sendable {
    let connection: any Connection
    /// The staged rows' table, quoted.
    let rows: String
    /// The table they go to, quoted; nil where there is none yet.
    let target: String?
    private let types: [String: ColumnType]
    let parameters: [String: String]
    let now: Instant
    /// Whether the rows join those that are there, with which they must not share a unique value.
    let isAdded: Bool

    /// A runner for rows of these columns.
    init(
        connection: any Connection,
        rows: String,
        target: String?,
        columns: ColumnList,
        parameters: [String: String],
        now: Instant,
        isAdded: Bool
    ) {
        self.connection = connection
        self.rows = rows
        self.target = target
        self.parameters = parameters
        self.now = now
        self.isAdded = isAdded
        types = Dictionary(
            columns.map { ($0.name, ColumnType(carriedBy: $0)) },
            uniquingKeysWith: { first, _ in first }
        )
    }

    func run(_ check: PipelineCheck) async throws(DatabaseError) -> CheckResult {
        let (isPassed, observed) = try await observe(check.kind)
        return CheckResult(name: check.name, isPassed: isPassed, isWarning: check.isWarning, observed: observed)
    }

    private func quoted(_ column: String) throws(DatabaseError) -> String {
        guard types[column] != nil else {
            throw DatabaseError(
                .programming,
                .undefinedColumn,
                "A check names the column \(column), which the rows have not.",
                hint: "Their columns are \(types.keys.sorted().joined(separator: ", "))."
            )
        }
        return connection.dialect.quoted(column)
    }

    private func count(_ statement: Statement) async throws(DatabaseError) -> Int {
        try await connection.query(statement).decode(Int.self).fetchOnly()
    }

    private func observe(_ kind: PipelineCheck.Kind) async throws(DatabaseError) -> (Bool, String) {
        switch kind {
        case .rowCount(let minimum, let maximum):
            let count = try await count(Statement(unsafe: "select count(*) from \(rows)"))
            return (count >= minimum ?? 0 && count <= maximum ?? .max, "\(count) rows")
        case .notNull(let columns):
            var parts: [String] = []
            for column in columns { parts.append("\(try quoted(column)) IS NULL") }
            let condition = parts.joined(separator: " OR ")
            let count = try await count(Statement(unsafe: "select count(*) from \(rows) where \(condition)"))
            return (count == 0, "\(count) rows with NULL")
        case .unique(let columns): return try await unique(columns)
        case .range(let column, let minimum, let maximum): return try await range(column, minimum, maximum)
        case .freshness(let column, let seconds): return try await freshness(column, seconds)
        case .sql(let text, _):
            var text = text.replacing("{rows}", with: rows)
            if text.contains("{target}") {
                guard let target else { return (true, "no target yet") }
                text = text.replacing("{target}", with: target)
            }
            let results = try await connection.query(
                try Statement(sql: text, parameters: parameters, dialect: connection.dialect)
            )
            let count = try await results.fetchMany(1_000).count
            results.close()
            return (count == 0, count < 1_000 ? "\(count) rows" : "1000 rows and more")
        }
    }

    private func unique(_ columns: [String]) async throws(DatabaseError) -> (Bool, String) {
        var names: [String] = []
        for column in columns { names.append(try quoted(column)) }
        let list = names.joined(separator: ", ")
        var twice = try await count(
            Statement(
                unsafe: "select count(*) from (select \(list) from \(rows) group by \(list) having count(*) > 1) as k"
            )
        )
        if isAdded, let target {
            let same = names.map { "t.\($0) = s.\($0)" }.joined(separator: " AND ")
            twice += try await count(
                Statement(
                    unsafe:
                        "select count(*) from \(rows) as s where exists (select 1 from \(target) as t where \(same))"
                )
            )
        }
        return (twice == 0, "\(twice) values more than once")
    }

    private func range(_ column: String, _ minimum: String?, _ maximum: String?) async throws(DatabaseError) -> (
        Bool, String
    ) {
        var name = try quoted(column)
        // SQLite keeps exact numbers as texts.
        let isText = connection.driverName == "sqlite"
        if isText, case .decimal? = types[column] { name = "CAST(\(name) AS REAL)" }
        var statement = Statement(unsafe: "select count(*) from \(rows) where ")
        for (index, (text, sign)) in [(minimum, "<"), (maximum, ">")].enumerated() {
            guard let text else { continue }
            if index == 1, minimum != nil { statement.append(unsafe: " or ") }
            statement.append(unsafe: "\(name) \(sign) ")
            var value = Value(parameter: text)
            if case .text = types[column] { value = .text(text) }
            if isText, case .decimal(let number) = value { value = .double(number.doubleValue) }
            if case .timestampTZ = types[column],
                case .value(let time) = ValueCast(type: .timestampTZ(nil), isExplicit: true)(value)
            {
                value = time
            }
            statement.append(parameter: value)
        }
        let count = try await count(statement)
        return (count == 0, "\(count) rows outside")
    }

    private func freshness(_ column: String, _ seconds: Int) async throws(DatabaseError) -> (Bool, String) {
        let statement = Statement(unsafe: "select max(\(try quoted(column))) from \(rows)")
        let latest = try await connection.query(statement).fetchOne()?.values.first ?? .null
        if latest.isNull { return (false, "no time at all") }
        guard case .value(.timestampTZ(let time)) = ValueCast(type: .timestampTZ(nil), isExplicit: true)(latest) else {
            throw DatabaseError(
                .data,
                .typeMismatch,
                "A check of freshness names the column \(column), which holds no times."
            )
        }
        guard time.isFinite else { return (time.microsecondsSinceEpoch > 0, time.description) }
        let (age, overflow) = now.microsecondsSinceEpoch.subtractingReportingOverflow(time.microsecondsSinceEpoch)
        guard !overflow else { return (time.microsecondsSinceEpoch > 0, "out of reach") }
        return (age / 1_000_000 <= seconds, "\(age / 1_000_000) s old")
    }
}
