public import Roost

/// What the renderer knows of a dialect: whose engine it is, and what that engine's version can express.
package struct DialectProfile: Sendable, Hashable {
    package enum Engine: String, Sendable, Hashable {
        case sqlite, postgresql, mysql, mariadb, sqlserver, oracle, db2, standard
    }

    package let dialect: Dialect
    package let engine: Engine
    /// The version as one number: 3.40 is 3_040_000, 8.0.31 is 8_000_031; `Int.max` when unknown.
    package let version: Int

    private static let known = Locked<[String: DialectProfile]>([:])

    package static func of(_ dialect: Dialect, version: String? = nil) -> DialectProfile {
        let key = version.map { dialect.name + " " + $0 } ?? dialect.name
        if let profile = known.withLock({ $0[key] }), profile.dialect == dialect { return profile }
        let profile = DialectProfile(dialect, version: version)
        known.withLock {
            // Versions come from servers: however many names there are, the table stays small.
            if $0.count > 256 { $0 = [:] }
            $0[key] = profile
        }
        return profile
    }

    private init(_ dialect: Dialect, version: String?) {
        self.dialect = dialect
        engine = Engine(rawValue: dialect.name) ?? .standard
        let parts = (version ?? "").split(separator: ".", maxSplits: 3).map { $0.prefix { $0.isNumber } }
        if let major = parts.first.flatMap({ Int($0) }), major < 1_000_000 {
            let rest = (1...2).map { parts.count > $0 ? min(Int(parts[$0]) ?? 0, 999) : 0 }
            self.version = major * 1_000_000 + rest[0] * 1_000 + rest[1]
        } else {
            self.version = .max
        }
    }

    /// Whether this is one of these engines.
    package func isOne(of engines: Engine...) -> Bool { engines.contains(engine) }

    /// MySQL or MariaDB.
    package var isMySQLFamily: Bool { engine == .mysql || engine == .mariadb }

    /// The least version of each engine that has a feature; an engine that is not listed has none.
    package func has(_ feature: QueryFeature) -> Bool {
        guard let least = feature.versions[engine] else { return engine == .standard }
        return version >= least
    }
}

/// Something not every dialect can express. The raw value is the name errors give it.
package enum QueryFeature: String, Sendable, CaseIterable {
    case fullJoin = "FULL JOIN"
    case rightJoin = "RIGHT JOIN"
    case lateral = "LATERAL"
    case distinctOn = "DISTINCT ON"
    case withTies = "FETCH … WITH TIES"
    case rowLocks = "row locks (FOR UPDATE, FOR SHARE)"
    case lockOfTables = "row locks OF a table"
    case skipLocked = "SKIP LOCKED and NOWAIT"
    case intersect = "INTERSECT and EXCEPT"
    case intersectAll = "INTERSECT ALL and EXCEPT ALL"
    case rollup = "GROUP BY ROLLUP"
    case groupingSets = "GROUP BY CUBE and GROUPING SETS"
    case filter = "aggregates with FILTER"
    case orderedAggregates = "the order inside an aggregate"
    case nulls = "NULLS FIRST and NULLS LAST"
    case groupsFrames = "window frames in GROUPS"
    case frameExclusion = "EXCLUDE in a window frame"
    case lagDefault = "a default for LAG and LEAD"
    case distinctWindows = "DISTINCT in an aggregate over a window"
    case returning = "RETURNING"
    case updateReturning = "RETURNING of an UPDATE"
    case deleteReturning = "RETURNING of a DELETE"
    case onConflict = "ON CONFLICT"
    case updateFrom = "UPDATE … FROM"
    case merge = "MERGE"
    case modifyingCommonTables = "common tables that change data"
    case arrays = "arrays"
    case rowValues = "comparing rows"
    case ilike = "ILIKE"
    case reverse = "REVERSE"
    case fullText = "full-text search"
    case json = "JSON functions"
    case tableFunctions = "functions that return rows"
    case commonTableChanges = "common tables before UPDATE and DELETE"
    case quantified = "comparisons with ANY and ALL"
    case truncateOptions = "options of TRUNCATE"
    // Definitions.
    case ifExists = "IF EXISTS"
    case ifNotExists = "CREATE TABLE IF NOT EXISTS"
    case indexIfNotExists = "CREATE INDEX IF NOT EXISTS"
    case temporaryTables = "temporary tables"
    case checks = "CHECK constraints"
    case deferrable = "DEFERRABLE constraints"
    case identity = "identity columns"
    case generatedColumns = "generated columns"
    case storedColumns = "stored generated columns"
    case virtualColumns = "virtual generated columns"
    case partialIndexes = "partial indexes"
    case expressionIndexes = "indexes on expressions"
    case coveringIndexes = "covering indexes (INCLUDE)"
    case indexMethods = "index methods (USING)"
    case nullsNotDistinct = "UNIQUE NULLS NOT DISTINCT"
    case sequences = "sequences"
    case materializedViews = "materialized views"
    case checkOption = "views WITH CHECK OPTION"
    case alterTable = "ALTER TABLE of columns and constraints"
    case dropColumn = "DROP COLUMN"
    case renameColumn = "RENAME COLUMN"
    case dropConstraint = "DROP CONSTRAINT"
    case schemas = "schemas"

    var versions: [DialectProfile.Engine: Int] {
        switch self {
        case .fullJoin: [.postgresql: 0, .sqlite: 3_039_000, .sqlserver: 0, .oracle: 0, .db2: 0]
        case .rightJoin:
            [
                .postgresql: 0, .sqlite: 3_039_000, .mysql: 0, .mariadb: 0, .sqlserver: 0, .oracle: 0, .db2: 0,
            ]
        case .lateral: [.postgresql: 0, .mysql: 8_000_000, .oracle: 12_000_000, .db2: 0]
        case .distinctOn: [.postgresql: 0]
        case .withTies: [.postgresql: 13_000_000, .mariadb: 10_006_000, .sqlserver: 0, .oracle: 12_000_000]
        case .rowLocks: [.postgresql: 0, .mysql: 0, .mariadb: 0, .oracle: 0]
        case .lockOfTables: [.postgresql: 0, .mysql: 8_000_000]
        case .skipLocked: [.postgresql: 9_005_000, .mysql: 8_000_000, .mariadb: 10_006_000, .oracle: 0]
        case .intersect:
            [
                .postgresql: 0, .sqlite: 0, .mysql: 8_000_031, .mariadb: 10_003_000, .sqlserver: 0, .oracle: 0,
                .db2: 0,
            ]
        case .intersectAll: [.postgresql: 0, .mysql: 8_000_031, .mariadb: 10_005_000, .oracle: 21_000_000, .db2: 0]
        case .rollup: [.postgresql: 0, .mysql: 0, .mariadb: 0, .sqlserver: 0, .oracle: 0, .db2: 0]
        case .groupingSets: [.postgresql: 0, .sqlserver: 0, .oracle: 0, .db2: 0]
        case .filter: [.postgresql: 0, .sqlite: 3_030_000]
        case .orderedAggregates:
            [
                .postgresql: 0, .sqlite: 3_044_000, .mysql: 0, .mariadb: 0, .sqlserver: 14_000_000, .oracle: 0,
                .db2: 0,
            ]
        case .nulls: [.postgresql: 0, .sqlite: 3_030_000, .oracle: 0, .db2: 0]
        case .groupsFrames: [.postgresql: 11_000_000, .sqlite: 3_028_000, .oracle: 21_000_000]
        case .frameExclusion: [.postgresql: 11_000_000, .sqlite: 3_028_000, .oracle: 21_000_000]
        case .lagDefault: [.postgresql: 0, .sqlite: 0, .mysql: 8_000_000, .sqlserver: 0, .oracle: 0, .db2: 0]
        case .distinctWindows: [.oracle: 0]
        case .returning: [.postgresql: 0, .sqlite: 3_035_000, .mariadb: 10_005_000, .sqlserver: 0]
        case .updateReturning: [.postgresql: 0, .sqlite: 3_035_000, .sqlserver: 0]
        case .deleteReturning: [.postgresql: 0, .sqlite: 3_035_000, .mariadb: 10_000_000, .sqlserver: 0]
        case .onConflict: [.postgresql: 9_005_000, .sqlite: 3_024_000]
        case .updateFrom: [.postgresql: 0, .sqlite: 3_033_000, .mysql: 0, .mariadb: 0, .sqlserver: 0]
        case .merge: [.postgresql: 15_000_000, .sqlserver: 0, .oracle: 0, .db2: 0]
        case .modifyingCommonTables: [.postgresql: 0]
        case .arrays: [.postgresql: 0]
        case .rowValues: [.postgresql: 0, .sqlite: 3_015_000, .mysql: 0, .mariadb: 0, .db2: 0]
        case .ilike: [.postgresql: 0]
        case .reverse: [.postgresql: 0, .mysql: 0, .mariadb: 0, .sqlserver: 0, .oracle: 0]
        case .fullText: [.postgresql: 0, .mysql: 0, .mariadb: 0, .sqlite: 0, .sqlserver: 0, .oracle: 0]
        case .json:
            [
                .postgresql: 0, .mysql: 0, .mariadb: 0, .sqlite: 0, .sqlserver: 13_000_000, .oracle: 12_000_000,
                .db2: 11_000_000,
            ]
        case .tableFunctions: [.postgresql: 0, .sqlite: 0, .oracle: 0, .sqlserver: 0, .db2: 0]
        case .commonTableChanges: [.postgresql: 0, .sqlite: 0, .mysql: 8_000_000, .sqlserver: 0]
        case .quantified: [.postgresql: 0, .mysql: 0, .mariadb: 0, .sqlserver: 0, .oracle: 0, .db2: 0]
        case .truncateOptions: [.postgresql: 0]
        default: definitionVersions
        }
    }
}

extension QueryFeature {
    private var definitionVersions: [DialectProfile.Engine: Int] {
        switch self {
        case .ifExists:
            [
                .postgresql: 0, .sqlite: 0, .mysql: 0, .mariadb: 0, .sqlserver: 13_000_000, .oracle: 23_000_000,
                .db2: 11_005_000,
            ]
        case .ifNotExists:
            [.postgresql: 0, .sqlite: 0, .mysql: 0, .mariadb: 0, .oracle: 23_000_000, .db2: 11_005_000]
        case .indexIfNotExists: [.postgresql: 0, .sqlite: 0, .mariadb: 0, .oracle: 23_000_000]
        case .temporaryTables: [.postgresql: 0, .sqlite: 0, .mysql: 0, .mariadb: 0]
        case .checks:
            [
                .postgresql: 0, .sqlite: 0, .mysql: 8_000_016, .mariadb: 10_002_001, .sqlserver: 0, .oracle: 0,
                .db2: 0,
            ]
        case .deferrable: [.postgresql: 0, .sqlite: 0, .oracle: 0]
        case .identity:
            [
                .postgresql: 10_000_000, .sqlite: 0, .mysql: 0, .mariadb: 0, .sqlserver: 0, .oracle: 12_000_000,
                .db2: 0,
            ]
        case .generatedColumns:
            [
                .postgresql: 12_000_000, .sqlite: 3_031_000, .mysql: 5_007_000, .mariadb: 10_002_000, .sqlserver: 0,
                .oracle: 0, .db2: 0,
            ]
        case .storedColumns:
            [
                .postgresql: 12_000_000, .sqlite: 3_031_000, .mysql: 5_007_000, .mariadb: 10_002_000, .sqlserver: 0,
                .db2: 0,
            ]
        case .virtualColumns:
            [
                .postgresql: 18_000_000, .sqlite: 3_031_000, .mysql: 5_007_000, .mariadb: 10_002_000, .sqlserver: 0,
                .oracle: 0,
            ]
        case .partialIndexes: [.postgresql: 0, .sqlite: 3_008_000, .sqlserver: 0]
        case .expressionIndexes:
            [.postgresql: 0, .sqlite: 3_009_000, .mysql: 8_000_013, .oracle: 0, .db2: 10_005_000]
        case .coveringIndexes: [.postgresql: 11_000_000, .sqlserver: 0]
        case .indexMethods: [.postgresql: 0, .mysql: 0, .mariadb: 0]
        case .nullsNotDistinct: [.postgresql: 15_000_000, .sqlserver: 0]
        case .sequences: [.postgresql: 0, .mariadb: 10_003_000, .sqlserver: 0, .oracle: 0, .db2: 0]
        case .materializedViews: [.postgresql: 0, .oracle: 0]
        case .checkOption: [.postgresql: 0, .mysql: 0, .mariadb: 0, .sqlserver: 0, .oracle: 0, .db2: 0]
        case .alterTable: [.postgresql: 0, .mysql: 0, .mariadb: 0, .sqlserver: 0, .oracle: 0, .db2: 0]
        case .dropColumn:
            [.postgresql: 0, .sqlite: 3_035_000, .mysql: 0, .mariadb: 0, .sqlserver: 0, .oracle: 0, .db2: 0]
        case .renameColumn:
            [
                .postgresql: 0, .sqlite: 3_025_000, .mysql: 8_000_000, .mariadb: 10_005_002, .sqlserver: 0,
                .oracle: 0, .db2: 0,
            ]
        case .dropConstraint:
            [.postgresql: 0, .mysql: 8_000_019, .mariadb: 10_002_001, .sqlserver: 0, .oracle: 0, .db2: 0]
        case .schemas: [.postgresql: 0, .mysql: 0, .mariadb: 0, .sqlserver: 0, .db2: 0]
        default: [:]
        }
    }
}

extension Dialect {
    /// SQL Server: `@p1` placeholders, identifiers in brackets.
    public static let sqlserver = Dialect(
        name: "sqlserver",
        placeholder: .numbered(prefix: "@p"),
        identifierOpen: "[",
        identifierClose: "]",
        lexicon: [.bracketIdentifiers, .nestedComments, .compoundStatements]
    )
    /// Oracle: `:1` placeholders, `q'[…]'` strings.
    public static let oracle = Dialect(
        name: "oracle",
        placeholder: .numbered(prefix: ":"),
        emptyList: .subquery("select null from dual where 1 = 0"),
        lexicon: [.alternativeQuotes, .compoundStatements]
    )
    /// DB2: `?` placeholders.
    public static let db2 = Dialect(
        name: "db2",
        emptyList: .subquery("select null from sysibm.sysdummy1 where 1 = 0"),
        lexicon: [.compoundStatements]
    )
}
