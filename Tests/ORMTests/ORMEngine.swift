import Foundation
import Roost
import RoostMySQL
import RoostORM
import RoostPostgreSQL
import RoostSQLite
import Testing

/// The engines the models are tested on: SQLite always, the others where `scripts/servers` started them.
enum ORMEngine: String, CaseIterable, Sendable, CustomStringConvertible {
    case sqlite = ""
    case postgresql = "ROOST_TEST_POSTGRESQL_15_URL"
    case mariadb = "ROOST_TEST_MARIADB_URL"
    case mysql = "ROOST_TEST_MYSQL_URL"

    var description: String {
        switch self {
        case .sqlite: "sqlite"
        case .postgresql: "postgresql"
        case .mariadb: "mariadb"
        case .mysql: "mysql"
        }
    }

    static var running: [ORMEngine] {
        allCases.filter { $0 == .sqlite || ProcessInfo.processInfo.environment[$0.rawValue] != nil }
    }

    /// A connection that has the models' tables, empty, and what counts its statements.
    func withTables(_ body: (any Connection, QueryCounter) async throws -> Void) async throws {
        let url = self == .sqlite ? "sqlite::memory:" : ProcessInfo.processInfo.environment[rawValue] ?? ""
        var configuration = try ConnectionConfiguration(url)
        configuration.connectTimeout = .seconds(300)
        let counter = QueryCounter()
        configuration.observer = counter
        let connection = try await DriverRegistry([
            SQLiteDriver(), PostgreSQLDriver(), MySQLDriver(.mysql), MySQLDriver(.mariadb),
        ]).connect(configuration)
        do {
            for statement in tables { try await connection.execute(Statement(unsafe: statement)) }
            try await body(connection, counter)
        } catch {
            await connection.close()
            throw error
        }
        await connection.close()
    }

    private var tables: [String] {
        let isMySQL = self == .mysql || self == .mariadb
        let timestamp = isMySQL ? "datetime(6)" : "timestamp"
        let json = self == .postgresql ? "jsonb" : "json"
        let end = isMySQL ? " character set utf8mb4 collate utf8mb4_bin" : ""
        let key =
            isMySQL
            ? "integer primary key auto_increment" : self == .sqlite ? "integer primary key" : "serial primary key"
        let tables = [
            ("orm_artist", "id \(key), name varchar(60) not null, country varchar(10)"),
            (
                "orm_album",
                "id \(key), artist_id integer not null, title varchar(60) not null, state varchar(10) not null, "
                    + "settings \(json) not null, label_name varchar(40) not null, label_city varchar(40), "
                    + "version integer not null, created_at \(timestamp) not null, updated_at \(timestamp) not null, "
                    + "deleted_at \(timestamp)"
            ),
            ("orm_track", "code varchar(20) primary key, album_id integer not null, seconds integer not null"),
            ("orm_playlist", "id \(key), name varchar(60) not null"),
            (
                "orm_entry",
                "playlist_id integer not null, track_code varchar(20) not null, place integer not null, "
                    + "primary key (playlist_id, track_code)"
            ),
            (
                "orm_bill",
                "year integer not null, number integer not null, note varchar(60) not null, "
                    + "contact_name varchar(40), contact_city varchar(40), primary key (year, number)"
            ),
            (
                "orm_line",
                "year integer not null, number integer not null, place integer not null, item varchar(40) not null, "
                    + "primary key (year, number, place)"
            ),
            (
                "orm_billed_track",
                "year integer not null, number integer not null, track_code varchar(20) not null, "
                    + "primary key (year, number, track_code)"
            ),
            (
                "orm_comment",
                "id \(key), subject_kind varchar(10) not null, subject_id integer not null, words varchar(60) not null"
            ),
            (
                "orm_stock",
                "id \(key), price integer not null, amount integer not null, "
                    + "total integer generated always as (price * amount) stored, details \(json)"
            ),
            (
                "orm_sample",
                "id \(key), number bigint, ratio double precision, amount decimal(40, 12), words varchar(60), "
                    + "bytes \(self == .postgresql ? "bytea" : "blob"), day date, at \(timestamp), "
                    + "moment \(timestamp), flag \(self == .postgresql ? "boolean" : "smallint"), details \(json)"
            ),
            ("orm_employee", "id \(key), name varchar(60) not null, manager_id integer"),
        ]
        // Temporary, so that suites that run at once do not see each other's.
        return tables.map { "create temporary table \($0.0) (\($0.1))\(end)" }
    }
}
