import Roost
import RoostMySQL
import RoostTestSupport
import Testing

/// What only these servers have, or have otherwise.
@Suite(.enabled(if: !TestServer.running.isEmpty)) struct TypeTests {
    @Test(arguments: TestServer.running)
    func integersOfEverySize(server: TestServer) async throws {
        try await server.withConnection { connection in
            try await connection.execute(
                """
                create temporary table n (a tinyint, b tinyint unsigned, c smallint, d smallint unsigned, e mediumint,
                    f mediumint unsigned, g int, h int unsigned, i bigint, j bigint unsigned, k year, l bit(1), m bit(64))
                """
            )
            try await connection.execute(
                """
                insert into n values (-128, 255, -32768, 65535, -8388608, 16777215, -2147483648, 4294967295,
                    \(Int64.min), \(UInt64.max), 2155, b'1', \(UInt64.max))
                """
            )
            for statement in ["select * from n", "select * from n where 1 = \(1)"] as [Statement] {
                let row = try #require(try await connection.query(statement).fetchOne())
                let values = try (0..<13).map { try row.decode($0, as: Value.self) }
                #expect(
                    values == [
                        .int(-128), .int(255), .int(-32_768), .int(65_535), .int(-8_388_608), .int(16_777_215),
                        .int(-2_147_483_648), .int(4_294_967_295), .int(.min), .uint(.max), .int(2_155), .uint(1),
                        .uint(.max),
                    ]
                )
            }
        }
    }

    /// TIME is a length of time: negative, and longer than a day.
    @Test(arguments: TestServer.running)
    func timesBeyondADay(server: TestServer) async throws {
        try await server.withConnection { connection in
            try await connection.execute("create temporary table t (v time(6))")
            let hour: Int64 = 3_600_000_000
            let values: [Value] = [
                .interval(Interval(microseconds: -838 * hour - 59 * 60_000_000 - 59_000_000)),
                .interval(Interval(microseconds: -1)), .time(LocalTime(nanosecondsSinceMidnight: 0)),
                .time(LocalTime(nanosecondsSinceMidnight: 86_399_999_999_000)),
                .interval(Interval(microseconds: 24 * hour)),
                .interval(Interval(microseconds: 838 * hour + 59 * 60_000_000 + 59_000_000)), .null,
            ]
            let template = try Statement(template: "insert into t values (?)", dialect: connection.dialect)
            try await connection.executeMany(template, values: values.map { [$0] })
            let back = try await connection.query("select v from t").decode(Value.self).fetchAll(limit: 99)
            #expect(back == values)
            // As text too: EXPLAIN and SHOW aside, statements that are not prepared.
            let text = try await connection.query("select v from t where v is not null order by v").decode(Value.self)
                .fetchAll(limit: 99)
            #expect(text == values.dropLast())
        }
    }

    @Test(arguments: TestServer.running)
    func zeroDatesByPolicy(server: TestServer) async throws {
        let make: Statement = "create temporary table z (d date, t datetime(6), s timestamp null)"
        func fill(_ connection: MySQLConnection) async throws {
            try await connection.execute("set sql_mode = ''")
            try await connection.execute(make)
            try await connection.execute(
                "insert into z values ('0000-00-00', '2024-02-00 10:00:00.5', '0000-00-00 00:00:00')"
            )
        }
        try await server.withConnection { connection in
            try await fill(connection)
            for text in ["select d from z", "select d from z where 1 = ?"] {
                do {
                    _ = try await connection.query(
                        try Statement(text, text.contains("?") ? [1] : [], dialect: connection.dialect)
                    ).fetchAll(limit: 9)
                    Issue.record("a zero date was read")
                } catch let error as DatabaseError {
                    #expect(error.condition == .malformedValue && error.hint?.contains("zero_dates") == true)
                }
            }
            // The connection is good all the same.
            #expect(try await connection.query("select count(*) from z").decode(Int.self).fetchOnly() == 1)
        }
        try await server.withConnection {
            $0.set("zero_dates", "null")
        } _: { connection in
            try await fill(connection)
            let row = try await connection.query("select d, t, s from z").decode(
                (LocalDate?, LocalDateTime?, Instant?).self
            ).fetchOnly()
            #expect(row.0 == nil && row.1 == nil && row.2 == nil)
        }
        try await server.withConnection {
            $0.set("zero_dates", "text")
        } _: { connection in
            try await fill(connection)
            let row = try await connection.query("select d, t, s from z").decode((String, String, String).self)
                .fetchOnly()
            #expect(row == ("0000-00-00", "2024-02-00 10:00:00.500000", "0000-00-00 00:00:00"))
        }
    }

    /// A TIMESTAMP is a moment, whatever the server's zone.
    @Test(arguments: TestServer.running)
    func timestampsAreInstants(server: TestServer) async throws {
        try await server.withConnection { connection in
            try await connection.execute("create temporary table w (at timestamp(6) null, wall datetime(6))")
            let instant = try #require(Instant("2024-07-01T12:00:00.25+02:00"))
            let wall = try #require(LocalDateTime("2024-03-31T02:30:00"))
            try await connection.execute("insert into w values (\(instant), \(wall))")
            let row = try await connection.query("select at, wall, unix_timestamp(at) from w")
                .decode((Instant, LocalDateTime, BigDecimal).self).fetchOnly()
            #expect(row.0 == instant && row.1 == wall)
            #expect(row.2 == BigDecimal("1719828000.25"))
        }
    }

    @Test(arguments: TestServer.running)
    func textsAndBytes(server: TestServer) async throws {
        try await server.withConnection { connection in
            try await connection.execute(
                """
                create temporary table x (e enum('small', 'lärge'), s set('a', 'b', 'c'), l varchar(20) character set latin1,
                    b binary(4), v varbinary(10), t tinytext, j json, g point)
                """
            )
            try await connection.execute(
                """
                insert into x values ('lärge', 'a,c', \("Müßig"), \([UInt8]([1, 2])), \([UInt8]([255, 0])), 'ü', \(JSON("[1, 2]")),
                    st_geomfromtext('POINT(1 2)'))
                """
            )
            let row = try await connection.query("select e, s, l, b, v, t, j, st_aswkb(g) from x")
                .decode((String, String, String, [UInt8], [UInt8], String, JSON, [UInt8]).self).fetchOnly()
            #expect((row.0, row.1, row.2, row.5) == ("lärge", "a,c", "Müßig", "ü"))
            #expect(row.3 == [1, 2, 0, 0] && row.4 == [255, 0] && row.6.text == "[1, 2]" && row.7.count == 21)
        }
    }

    @Test(arguments: TestServer.running)
    func columnsTellTheirFacts(server: TestServer) async throws {
        try await server.withConnection { connection in
            try await connection.execute(
                "create temporary table f (id bigint unsigned not null primary key, price decimal(10, 2), name varchar(30))"
            )
            let columns = try await connection.query("select id, price as cost, name from f").columns
            #expect(columns.map(\.name) == ["id", "cost", "name"])
            #expect(columns.map(\.typeName) == ["bigint unsigned", "decimal", "varchar"])
            #expect(columns.map(\.kind) == [.uint, .decimal, .text])
            #expect(columns.map(\.isNullable) == [false, true, true])
            #expect(columns[1].precision == 10 && columns[1].scale == 2 && columns[1].originName == "price")
        }
    }

    /// Payloads around and beyond the 16 MiB of a packet, both ways.
    @Test(arguments: TestServer.running, [(1 << 24) - 20, (1 << 24) - 2, 1 << 24, 40_000_000])
    func largeValues(server: TestServer, count: Int) async throws {
        try await server.withConnection { connection in
            let limit = try await connection.query("select @@global.max_allowed_packet").decode(Int.self).fetchOnly()
            if limit < 64 << 20 {
                try await connection.execute("set global max_allowed_packet = 134217728")
            }
        }
        try await server.withConnection { connection in
            let bytes = [UInt8](repeating: 0x5A, count: count)
            let back = try await connection.query("select cast(\(bytes) as binary)").decode([UInt8].self).fetchOnly()
            #expect(back == bytes)
            let isSame = try await connection.query("select sha2(\(bytes), 256) = sha2(repeat('Z', \(count)), 256)")
                .decode(Bool.self).fetchOnly()
            #expect(isSame)
        }
    }
}
