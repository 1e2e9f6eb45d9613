import Foundation
import Roost
import RoostPostgreSQL
import Testing

/// PostgreSQL's own types, read and bound.
@Suite(.enabled(if: !TestServer.running.isEmpty), .timeLimit(.minutes(5))) struct ServerValueTests {
    /// Sends each value, alone and with others in an array, and compares what comes back and the server's text for it.
    private func exchange<V: PostgreSQLTextValue & Hashable>(
        _ connection: PostgreSQLConnection,
        _ type: String,
        _ values: [V],
        text: (V) -> String = { $0.description }
    ) async throws {
        for value in values {
            // format() writes by the output function, where a cast of inet to text adds the prefix.
            let row = try await connection.query(
                """
                select v, format('%s', v), array[v, null, v], null::\(unsafe: type)
                from (select \(value)::\(unsafe: type) as v) as s
                """
            ).decode((V, String, [V?], V?).self).fetchOnly()
            #expect(row.0 == value, "\(type) \(value)")
            #expect(row.0.description == row.1, "\(type) \(value)")
            #expect(text(value) == row.1, "\(type) \(value)")
            #expect(row.2 == [value, nil, value] && row.3 == nil, "\(type) \(value)")
        }
        let texts = try await connection.query(
            "select format('%s', v) from unnest(\(values.postgreSQLText)::\(unsafe: type)[]) as v"
        )
        .decode(String.self).fetchAll(limit: 1_000)
        #expect(texts == values.map(text))
    }

    @Test(arguments: TestServer.direct, [1, 2])
    func ranges(server: TestServer, seed: Int) async throws {
        var samples = ValueSamples(seed: UInt64(seed))
        func many<V>(_ make: (inout ValueSamples) -> V) -> [V] { (0..<40).map { _ in make(&samples) } }
        try await server.withConnection({ $0.set("options", "-c TimeZone=UTC") }) { connection in
            let ints = many { $0.range { $0.int(-9...9) } }
            try await exchange(connection, "int4range", ints, text: { $0.canonical.description })
            try await exchange(connection, "int8range", ints, text: { $0.canonical.description })
            try await exchange(
                connection,
                "daterange",
                many { $0.range { $0.date() } },
                text: { $0.canonical.description }
            )
            try await exchange(connection, "numrange", many { $0.range { $0.decimal() } })
            try await exchange(connection, "tsrange", many { $0.range { $0.timestamp() } })
            try await exchange(connection, "tstzrange", many { $0.range { $0.instant() } })
            let sets = many { $0.multirange { $0.int(-30...30) } }
            try await exchange(connection, "int4multirange", sets, text: { $0.canonical.description })
            try await exchange(connection, "int8multirange", sets, text: { $0.canonical.description })
            try await exchange(
                connection,
                "datemultirange",
                many { $0.multirange { $0.date() } },
                text: { $0.canonical.description }
            )
            try await exchange(connection, "nummultirange", many { $0.multirange { $0.decimal() } })
            try await exchange(connection, "tsmultirange", many { $0.multirange { $0.timestamp() } })
            try await exchange(connection, "tstzmultirange", many { $0.multirange { $0.instant() } })
        }
    }

    @Test(arguments: TestServer.running, [3, 4])
    func addressesBitsAndShapes(server: TestServer, seed: Int) async throws {
        var samples = ValueSamples(seed: UInt64(seed))
        func many<V>(_ make: (inout ValueSamples) -> V) -> [V] { (0..<60).map { _ in make(&samples) } }
        try await server.withConnection { connection in
            try await exchange(connection, "inet", many { $0.address() })
            try await exchange(connection, "macaddr", many { $0.hardware(6) })
            try await exchange(connection, "macaddr8", many { $0.hardware(8) })
            try await exchange(connection, "bit varying", many { $0.bits(0...40) })
            try await exchange(connection, "bit(11)", many { $0.bits(11...11) })
            try await exchange(connection, "point", many { $0.point() })
            try await exchange(connection, "line", many { $0.line() })
            try await exchange(connection, "lseg", many { PostgreSQLLineSegment(start: $0.point(), end: $0.point()) })
            try await exchange(connection, "box", many { PostgreSQLBox($0.point(), $0.point()) })
            try await exchange(connection, "path", many { PostgreSQLPath($0.points(), isClosed: $0.bool()) })
            try await exchange(connection, "polygon", many { PostgreSQLPolygon($0.points()) })
            try await exchange(connection, "circle", many { $0.circle() })
        }
    }

    @Test(arguments: TestServer.running)
    func networksAlwaysHaveAPrefix(server: TestServer) async throws {
        var samples = ValueSamples(seed: 5)
        try await server.withConnection { connection in
            for _ in 0..<60 {
                let network = samples.address(isNetwork: true)
                let row = try await connection.query("select v, v::text from (select \(network)::cidr as v) as s")
                    .decode((PostgreSQLInternetAddress, String).self).fetchOnly()
                #expect(row.0 == network)
                #expect(row.1 == (network.isHost ? "\(network)/\(network.prefixLength)" : network.description))
            }
        }
    }

    @Test(arguments: TestServer.running)
    func instantsAreReadInWhateverZoneTheyAreWritten(server: TestServer) async throws {
        var samples = ValueSamples(seed: 6)
        try await server.withConnection { connection in
            for zone in ["Europe/Berlin", "America/St_Johns", "Asia/Kathmandu", "UTC"] {
                for _ in 0..<25 {
                    let range = samples.range { $0.instant() }
                    let again = try await connection.withTransaction { connection in
                        try await connection.execute("set local timezone to \(unsafe: "'\(zone)'")")
                        return try await connection.query("select \(range)::tstzrange")
                            .decode(PostgreSQLRange<Instant>.self).fetchOnly()
                    }
                    #expect(again == range)
                }
            }
        }
    }

    @Test(arguments: TestServer.running)
    func theServerAgreesOnWhatIsContained(server: TestServer) async throws {
        var samples = ValueSamples(seed: 7)
        try await server.withConnection { connection in
            for _ in 0..<60 {
                let (range, set, number) = (
                    samples.range { $0.decimal() }, samples.multirange { $0.decimal() }, samples.decimal()
                )
                let (one, other) = (samples.range { $0.int(-3...3) }, samples.range { $0.int(-3...3) })
                let (network, host) = (samples.address(), samples.address())
                let row = try await connection.query(
                    """
                    select \(range)::numrange @> \(number), \(set)::nummultirange @> \(number),
                        \(one)::int4range = \(other), \(network)::inet >>= \(host)
                    """
                ).decode((Bool, Bool, Bool, Bool).self).fetchOnly()
                #expect(row.0 == range.contains(number) && row.1 == set.contains(number))
                #expect(row.2 == (one == other) && row.3 == network.contains(host))
            }
        }
    }

    @Test(arguments: TestServer.direct)
    func compositesAreTheServersText(server: TestServer) async throws {
        var samples = ValueSamples(seed: 8)
        try await server.withConnection { connection in
            try await connection.execute("create type pg_temp.part as (a text, b text, c text)")
            try await connection.execute(
                "create type pg_temp.whole as (name text, part pg_temp.part, span int4range, tags text[])"
            )
            for _ in 0..<60 {
                let part = samples.composite()
                let whole = PostgreSQLComposite(
                    samples.text(),
                    part,
                    samples.range { $0.int(0...9) }.canonical,
                    [samples.text()]
                )
                let row = try await connection.query(
                    """
                    select p, format('%s', p), w, array[w], row(w, p, 1), (w).part = p
                    from (select \(part)::pg_temp.part as p, \(whole)::pg_temp.whole as w) as s
                    """
                ).decode(
                    (
                        PostgreSQLComposite, String, PostgreSQLComposite, [PostgreSQLComposite], PostgreSQLComposite,
                        Bool?
                    ).self
                )
                .fetchOnly()
                #expect(row.0 == part && row.0.description == row.1)
                #expect(try row.2.decode(0, as: String.self) == whole.decode(0, as: String.self))
                #expect(try row.2.decode(1, as: PostgreSQLComposite.self) == part)
                #expect(
                    try row.2.decode(2, as: PostgreSQLRange<Int>.self) == whole.decode(2, as: PostgreSQLRange<Int>.self)
                )
                #expect(try row.2.decode(3, as: [String].self) == whole.decode(3, as: [String].self))
                #expect(row.3 == [row.2])
                #expect(
                    try row.4.decode(0, as: PostgreSQLComposite.self) == row.2 && row.4.decode(2, as: Int.self) == 1
                )
                #expect(row.5 != false)
            }
        }
    }

    /// What a database defines itself, and the elements of whose arrays something else stands between.
    @Test(arguments: TestServer.direct)
    func arraysOfOwnTypesAreRead(server: TestServer) async throws {
        try await server.withConnection { connection in
            try await connection.execute("create type pg_temp.floats as range (subtype = float8)")
            try await connection.execute("create domain pg_temp.area as box")
            for _ in 0..<3 {
                let found = try await connection.query(
                    """
                    select array['[1.5,2)'::pg_temp.floats, null], '{[1,2),[3,4]}'::pg_temp.floats_multirange,
                        array['(1,1),(0,0)'::pg_temp.area, '(3,3),(2,2)'], array[null, '(1,1),(0,0)'::box, null],
                        '{{"[1,2)",empty},{"(,5)",null}}'::int4range[]
                    """
                ).fetchOne()
                let row = try #require(found)
                #expect(try row.decode(0, as: [PostgreSQLRange<Double>?].self) == [PostgreSQLRange(1.5..<2), nil])
                #expect(try row.decode(1, as: PostgreSQLMultirange<Double>.self).ranges.count == 2)
                let box = PostgreSQLBox(PostgreSQLPoint(x: 0, y: 1), PostgreSQLPoint(x: 1, y: 0))
                #expect(try row.decode(2, as: [PostgreSQLBox].self).first == box)
                #expect(try row.decode(3, as: [PostgreSQLBox?].self) == [nil, box, nil])
                #expect(
                    try row.decode(4, as: [[PostgreSQLRange<Int>?]].self) == [
                        [PostgreSQLRange(1..<2), .empty], [PostgreSQLRange(..<5), nil],
                    ]
                )
            }
        }
    }

    @Test(arguments: TestServer.running)
    func errorsNameTheColumnAndNotTheValue(server: TestServer) async throws {
        try await server.withConnection { connection in
            let found = try await connection.query(
                "select 'a secret' as word, 17 as number, null::inet as nothing, '[1.5,2)'::numrange as span, '{\"[1.5,2)\"}'::numrange[] as spans"
            ).fetchOne()
            let row = try #require(found)
            func error<V: DatabaseDecodable>(_ column: String, _ type: V.Type) -> DatabaseError? {
                do { _ = try row.decode(column, as: type) } catch { return error }
                return nil
            }
            let malformed = error("word", PostgreSQLRange<Int>.self)
            #expect(malformed?.condition == .malformedValue && malformed?.column == "word")
            #expect(malformed?.message.contains("PostgreSQLRange<Int>") == true)
            #expect(malformed?.description.contains("secret") == false)
            #expect(error("number", PostgreSQLBits.self)?.condition == .typeMismatch)
            #expect(error("nothing", PostgreSQLInternetAddress.self)?.condition == .unexpectedNull)
            #expect(error("span", PostgreSQLRange<Int>.self)?.condition == .malformedValue)
            #expect(error("spans", [PostgreSQLRange<Int>].self)?.condition == .malformedValue)
            #expect(error("word", PostgreSQLComposite.self)?.condition == .malformedValue)
        }
    }
}
