import Foundation
import Roost
import RoostMySQL
import RoostTestSupport
import Testing

/// Values of every type, with PyMySQL and asyncmy as witnesses: what Roost writes they read, and the other way round.
@Suite(.enabled(if: !TestServer.running.isEmpty && Witness.isExpected, "\(Witness.absence)"), .timeLimit(.minutes(5)))
struct WitnessTests {
    private static let rowCount = 300

    private static func columns(_ server: TestServer) -> String {
        """
        id int, b boolean, i1 tinyint, u1 tinyint unsigned, i2 smallint, u2 smallint unsigned, i3 mediumint, \
        u3 mediumint unsigned, i4 int, u4 int unsigned, i8 bigint, u8 bigint unsigned, f4 float, f8 double, \
        n decimal(65,30), t text, v varchar(20), la varchar(20) character set latin1, y varbinary(60), bb longblob, \
        bi bit(64), yr year, d date, ti time(6), dt datetime(6), ts timestamp(6) null, e enum('a', 'ö', 'x,y'), \
        s set('a', 'b', 'c'), j json, p point, 
        """ + (server == .mariadb ? "u uuid, i6 inet6" : "u char(36), i6 varchar(45), ve vector(3)")
    }

    /// Makes the table, runs `body`, and drops it again.
    private func withTable(
        _ server: TestServer,
        _ body: (MySQLConnection, String) async throws -> Void
    ) async throws {
        let table = "witness_\(UInt32.random(in: 0 ... .max))"
        try await server.withConnection { connection in
            try await connection.execute(
                "create table \(unsafe: table) (\(unsafe: Self.columns(server))) character set utf8mb4"
            )
            let result: Result<Void, any Error>
            do { result = .success(try await body(connection, table)) } catch { result = .failure(error) }
            try await connection.execute("drop table \(unsafe: table)")
            try result.get()
        }
    }

    private func compare(_ ours: [[String]], _ theirs: [[String]], _ names: [String]) {
        #expect(ours.count == theirs.count)
        for (row, (left, right)) in zip(ours, theirs).enumerated() {
            #expect(left.count == right.count)
            for (column, (one, other)) in zip(left, right).enumerated() where one != other {
                Issue.record("row \(row), column \(names[column]): Roost \(one), the witness \(other)")
            }
        }
    }

    @Test(arguments: TestServer.running, [("pymysql", 1), ("asyncmy", 2)])
    func theyReadWhatRoostWrote(server: TestServer, witness: (client: String, seed: UInt64)) async throws {
        try await withTable(server) { connection, table in
            var values = WitnessValues(seed: witness.seed)
            let names = try await connection.query("select * from \(unsafe: table) limit 0").columns.names
            let rows = (0..<Self.rowCount).map { values.row($0, names) }
            let marks = names.map { $0 == "p" ? "st_geomfromwkb(?)" : "?" }.joined(separator: ", ")
            let template = "insert into \(table) values (\(marks))"
            for row in rows.prefix(Self.rowCount / 2) {
                try await connection.execute(Statement(template, row, dialect: connection.dialect))
            }
            try await connection.executeMany(
                try Statement(template: template, dialect: connection.dialect),
                values: rows.dropFirst(Self.rowCount / 2)
            )
            compare(
                rows.map { $0.map(Witness.canonical) },
                try await Witness.run(server, witness.client, "read", table),
                names
            )
        }
    }

    @Test(arguments: TestServer.running, [("pymysql", 3), ("asyncmy", 4)])
    func roostReadsWhatTheyWrote(server: TestServer, witness: (client: String, seed: Int)) async throws {
        try await withTable(server) { connection, table in
            let theirs = try await Witness.run(
                server,
                witness.client,
                "write",
                table,
                "\(witness.seed)",
                "\(Self.rowCount)"
            )
            let names = try await connection.query("select * from \(unsafe: table) limit 0").columns.names
            let columns = names.map { $0 == "p" ? "st_aswkb(p)" : $0 }.joined(separator: ", ")
            let rows = try await connection.query("select \(unsafe: columns) from \(unsafe: table) order by id")
            var ours: [[String]] = []
            while let batch = try await rows.nextBatch() {
                for row in 0..<batch.rowCount {
                    ours.append(
                        (0..<batch.columnCount).map {
                            Witness.canonical(batch.value(row: row, column: $0) ?? .null)
                        }
                    )
                }
            }
            compare(ours, theirs, names)
        }
    }
}

/// The other programs, and the form in which all say what a value is.
enum Witness {
    /// Their Python; `scripts/servers` makes it.
    static var python: String? { ProcessInfo.processInfo.environment["ROOST_TEST_WITNESS"] }
    static let absence = "PyMySQL and asyncmy are not there; scripts/servers install witness fetches them"
    /// Where everything has to be there, its absence is a failure and not a reason to skip.
    static var isExpected: Bool { python != nil || ProcessInfo.processInfo.environment["CI"] != nil }

    /// Runs a witness and returns the rows it printed.
    static func run(_ server: TestServer, _ arguments: String...) async throws -> [[String]] {
        guard let python else { throw SubProcess.Failure(description: absence) }
        let address = try #require(server.url)
        let url = try DatabaseURL(address)
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
            "Witness/witness.py"
        )
        let data = try await SubProcess.run(
            python,
            [script.path] + arguments,
            variables: [
                "WITNESS_PORT": "\(try server.port)", "WITNESS_USER": url.user ?? "",
                "WITNESS_PASSWORD": url.password?.reveal() ?? "", "WITNESS_DATABASE": url.database,
                "WITNESS_CA": TestServer.variable("ROOST_TEST_TLS") + "/ca.crt",
            ]
        )
        return try data.split(separator: UInt8(ascii: "\n")).map { try JSONDecoder().decode([String].self, from: $0) }
    }

    /// What the servers tell apart otherwise than the contract: lengths of time, vectors, UUIDs that MySQL keeps as text.
    static func canonical(_ value: Value) -> String {
        switch value {
        case .decimal(let number): plain(number.description)
        case .interval(let interval): "\(interval.microseconds)"
        case .uuid(let uuid): CanonicalForm.hex(uuid.uuidString.lowercased().utf8)
        case .bool(let flag): flag ? "1" : "0"
        case .array(let elements):
            elements.map { element in
                guard case .float(let number) = element else { return "?" }
                return CanonicalForm.hex(withUnsafeBytes(of: number.bitPattern.littleEndian) { Array($0) })
            }.joined()
        default: CanonicalForm.of(value)
        }
    }

    /// Digits without zeros at the end, which say how a column is declared.
    private static func plain(_ number: String) -> String {
        guard number.contains(".") else { return number == "-0" ? "0" : number }
        var text = number[...]
        while text.last == "0" { text.removeLast() }
        if text.last == "." { text.removeLast() }
        return text == "-0" ? "0" : String(text)
    }
}
