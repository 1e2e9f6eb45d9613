import Foundation
import Roost
import RoostPostgreSQL
import Testing

/// Values of every built-in type, with psycopg 3 as the witness: what Roost writes psycopg reads, and the other way round.
@Suite(.enabled(if: !TestServer.direct.isEmpty && Witness.isExpected, "\(Witness.absence)"), .timeLimit(.minutes(5)))
struct WitnessTests {
    private static let columns = """
        id integer, b boolean, i2 smallint, i4 integer, i8 bigint, f4 real, f8 double precision, n numeric, t text, \
        v varchar(20), y bytea, d date, ti time, tz timetz, ts timestamp, tt timestamptz, iv interval, u uuid, j json, \
        jb jsonb, r4 int4range, rn numrange, rd daterange, ai integer[], at text[], an numeric[], af double precision[], \
        ay bytea[], ad date[], aa integer[], au uuid[], ab boolean[]
        """
    private static let rowCount = 500

    /// Makes the table, runs `body`, and drops it again.
    private func withTable(
        _ server: TestServer,
        _ body: (PostgreSQLConnection, String) async throws -> Void
    ) async throws {
        let table = "witness_\(UInt32.random(in: 0 ... .max))"
        try await server.withConnection { connection in
            try await connection.execute("create table \(unsafe: table) (\(unsafe: Self.columns))")
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
                Issue.record("row \(row), column \(names[column]): Roost \(one), psycopg \(other)")
            }
        }
    }

    @Test(arguments: TestServer.direct, [1, 2])
    func psycopgReadsWhatRoostWrote(server: TestServer, seed: Int) async throws {
        try await withTable(server) { connection, table in
            var values = WitnessValues(seed: UInt64(seed))
            let rows = (0..<Self.rowCount).map { values.row($0) }
            let marks = rows[0].map { _ in "?" }.joined(separator: ", ")
            for row in rows {
                try await connection.execute(
                    Statement("insert into \(table) values (\(marks))", row, dialect: .postgresql)
                )
            }
            let names = try await connection.query("select * from \(unsafe: table) limit 0").columns.names
            compare(rows.map { Witness.canonical($0) }, try await Witness.run(server, "read", table), names)
        }
    }

    @Test(arguments: TestServer.direct, [3, 4])
    func roostReadsWhatPsycopgWrote(server: TestServer, seed: Int) async throws {
        try await withTable(server) { connection, table in
            let theirs = try await Witness.run(server, "write", table, "\(seed)", "\(Self.rowCount)")
            // The first use asks for text, since the columns are not known yet; the second for binary.
            for _ in 0..<2 {
                let rows = try await connection.query("select * from \(unsafe: table) order by id")
                let names = rows.columns.names
                var ours: [[String]] = []
                while let batch = try await rows.nextBatch() {
                    for row in 0..<batch.rowCount {
                        ours.append(
                            Witness.canonical(
                                (0..<batch.columnCount).map { batch.value(row: row, column: $0) ?? .null }
                            )
                        )
                    }
                }
                compare(ours, theirs, names)
            }
        }
    }
}

/// The other program, and the form in which both say what a value is.
enum Witness {
    /// Its Python, with psycopg; `scripts/servers` makes it.
    static var python: String? { ProcessInfo.processInfo.environment["ROOST_TEST_WITNESS"] }
    static let absence = "psycopg 3 is not there; scripts/servers install witness fetches it"
    /// Where everything has to be there, its absence is a failure and not a reason to skip.
    static var isExpected: Bool { python != nil || ProcessInfo.processInfo.environment["CI"] != nil }

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// Runs the witness and returns the rows it printed.
    static func run(_ server: TestServer, _ arguments: String...) async throws -> [[String]] {
        guard let python else { throw Failure(description: absence) }
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
            "Witness/witness.py"
        )
        let process = Process()
        process.executableURL = URL(fileURLWithPath: python)
        process.arguments = [script.path] + arguments
        var environment = ProcessInfo.processInfo.environment
        environment["PGHOST"] = "127.0.0.1"
        environment["PGPORT"] = "\(try server.port)"
        environment["PGUSER"] = "roost"
        environment["PGDATABASE"] = "roost"
        environment["PGPASSWORD"] = TestServer.variable("ROOST_TEST_PASSWORD")
        process.environment = environment
        // A file, since a pipe would have to be read by a thread, and Swift's own must not be blocked.
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("roost-witness-\(UUID()).json")
        guard FileManager.default.createFile(atPath: file.path, contents: nil) else {
            throw Failure(description: "no file for what the witness says")
        }
        defer { try? FileManager.default.removeItem(at: file) }
        process.standardOutput = try FileHandle(forWritingTo: file)
        let status = try await withCheckedThrowingContinuation { continuation in
            process.terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
            do { try process.run() } catch { continuation.resume(throwing: error) }
        }
        guard status == 0 else { throw Failure(description: "the witness failed") }
        let data = try Data(contentsOf: file)
        return try data.split(separator: UInt8(ascii: "\n")).map { try JSONDecoder().decode([String].self, from: $0) }
    }

    private static func hex(_ bytes: some Sequence<UInt8>) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    private static func bits(_ number: Double) -> String {
        number.isNaN ? "nan" : hex(withUnsafeBytes(of: number.bitPattern.bigEndian) { Array($0) })
    }

    private static func micros(_ micros: Int64) -> String {
        micros == .max ? "infinity" : micros == .min ? "-infinity" : "\(micros)"
    }

    /// A row in the form `witness.py` prints. Ranges are no kind of their own: both sides write them as the text they are.
    static func canonical(_ row: [Value]) -> [String] {
        row.enumerated().map { index, value in
            if case .text(let text) = value, WitnessValues.rangeColumns.contains(index) {
                text
            } else {
                canonical(value)
            }
        }
    }

    /// The form `witness.py` prints.
    static func canonical(_ value: Value) -> String {
        switch value {
        case .null: "null"
        case .bool(let flag): "\(flag)"
        case .int(let number): "\(number)"
        case .uint(let number): "\(number)"
        case .float(let number): bits(Double(number))
        case .double(let number): bits(number)
        case .decimal(let number): number.description
        case .bytes(let bytes): hex(bytes)
        case .text(let text): hex(text.utf8)
        case .date(let date):
            date == .infinity ? "infinity" : date == .negativeInfinity ? "-infinity" : "\(date.daysSinceEpoch)"
        case .time(let time): "\(time.nanosecondsSinceMidnight / 1_000)"
        case .timeTZ(let time): "\(time.time.nanosecondsSinceMidnight / 1_000)@\(time.utcOffset)"
        case .timestamp(let time): micros(time.microsecondsSinceEpoch)
        case .timestampTZ(let time): micros(time.microsecondsSinceEpoch)
        case .interval(let interval): "\(interval.months)/\(interval.days)/\(interval.microseconds)"
        case .uuid(let uuid): uuid.uuidString.lowercased()
        case .json(let json): canonical(json)
        case .array(let elements): "[" + elements.map(canonical).joined(separator: ",") + "]"
        case .object: "an object"
        }
    }

    private static func canonical(_ json: JSON) -> String {
        guard let object = try? JSONSerialization.jsonObject(with: Data(json.text.utf8), options: .fragmentsAllowed),
            let data = try? JSONSerialization.data(
                withJSONObject: object,
                options: [.sortedKeys, .fragmentsAllowed, .withoutEscapingSlashes]
            )
        else { return "not JSON" }
        return String(decoding: data, as: UTF8.self)
    }
}
