import Roost
import RoostMySQL
import Testing

/// Types that one of the servers has, or that only come in a form of their own.
@Suite(.enabled(if: !TestServer.running.isEmpty)) struct SpecialTypeTests {
    /// Four bytes of the reference system, then WKB.
    @Test(arguments: TestServer.running)
    func geometriesAreTakenApart(server: TestServer) async throws {
        try await server.withConnection { connection in
            try await connection.execute("create temporary table g (id int, shape geometry)")
            try await connection.execute("insert into g values (1, st_geomfromtext('POINT(1 2)', 4326))")
            try await connection.execute("insert into g values (2, st_geomfromtext('LINESTRING(0 0, 1 1, 5 2)'))")
            let rows = try await connection.query("select shape, st_srid(shape), st_aswkb(shape) from g order by id")
                .decode((MySQLGeometry, Int, [UInt8]).self).fetchAll(limit: 9)
            #expect(rows.map(\.0.srid) == [4326, 0] && rows.map(\.1) == [4326, 0])
            #expect(rows[1].0.wkb == rows[1].2)
            for (index, row) in rows.enumerated() {
                try await connection.execute("insert into g values (\(index + 3), \(row.0))")
            }
            try await connection.load(into: "g", columns: ["id", "shape"], rows: [(5, rows[0].0), (6, rows[1].0)])
            let back = try await connection.query("select shape from g order by id").decode(MySQLGeometry.self)
                .fetchAll(limit: 9)
            #expect(back[2...3] == back[0...1] && back[4...5] == back[0...1])
        }
        #expect(MySQLGeometry(stored: [0, 0, 0, 0, 1]) == nil)
    }

    @Test(.enabled(if: TestServer.mysql.url != nil)) func vectorsAreArraysOfFloats() async throws {
        try await TestServer.mysql.withConnection { connection in
            try await connection.execute("create temporary table v (id int, e vector(4))")
            let vector: [Float] = [0.1, -1e30, 0, 3.4028235e38]
            try await connection.execute("insert into v values (1, \(vector)), (2, null)")
            try await connection.execute("insert into v values (3, string_to_vector('[1, 2, 3, 4.5]'))")
            try await connection.load(into: "v", columns: ["id", "e"], rows: [(4, vector)])
            for statement in ["select e from v order by id", "select e from v where id > \(0) order by id"]
                as [Statement]
            {
                let back = try await connection.query(statement).decode([Float]?.self).fetchAll(limit: 9)
                #expect(back == [vector, nil, [1, 2, 3, 4.5], vector])
            }
        }
    }

    @Test(.enabled(if: TestServer.mariadb.url != nil)) func addressesAndUUIDs() async throws {
        try await TestServer.mariadb.withConnection { connection in
            try await connection.execute("create temporary table a (id int, v4 inet4, v6 inet6, u uuid)")
            let uuid = "123e4567-e89b-12d3-a456-426655440000"
            try await connection.execute(
                "insert into a values (1, \("10.1.2.3"), \("2001:db8::ff00:42:8329"), \(uuid))"
            )
            try await connection.execute("insert into a values (2, null, '::ffff:10.1.2.3', null)")
            for statement in [
                "select v4, v6, u from a order by id", "select v4, v6, u from a where id > \(0) order by id",
            ]
                as [Statement]
            {
                let results = try await connection.query(statement)
                #expect(results.columns.map(\.typeName) == ["inet4", "inet6", "uuid"])
                let rows = try await results.decode((String?, String, Value).self).fetchAll(limit: 9)
                #expect(rows.map(\.0) == ["10.1.2.3", nil])
                #expect(rows.map(\.1) == ["2001:db8::ff00:42:8329", "::ffff:10.1.2.3"])
                #expect(rows[0].2.text?.lowercased() == uuid && rows[1].2.isNull)
            }
        }
    }

    /// MariaDB returns what it inserted; MySQL has no such thing, and says so.
    @Test(arguments: TestServer.running)
    func returningWhereThereIsSuchAThing(server: TestServer) async throws {
        try await server.withConnection { connection in
            try await connection.execute("create temporary table r (id int auto_increment primary key, t varchar(10))")
            let template: Statement = "insert into r (t) values (?) returning id"
            do throws(DatabaseError) {
                let ids = try await connection.executeMany(template, ["a", "b", "c"], returning: Int.self)
                #expect(server == .mariadb && ids == [1, 2, 3])
            } catch {
                #expect(server == .mysql && error.condition == .notSupported && error.hint != nil)
            }
            let count = try await connection.query("select count(*) from r").decode(Int.self).fetchOnly()
            #expect(count == (server == .mariadb ? 3 : 0))
        }
    }

    /// Who connects is seen on the server.
    @Test(arguments: TestServer.running)
    func connectionsSayWhoTheyAre(server: TestServer) async throws {
        try await server.withConnection {
            $0.set("application_name", "nightly-report")
        } _: { connection in
            let rows = try await connection.query(
                """
                select attr_name, attr_value from performance_schema.session_connect_attrs where processlist_id = connection_id()
                """
            ).decode((String, String?).self).fetchAll(limit: 99)
            let attributes = Dictionary(rows.map { ($0.0, $0.1 ?? "") }) { first, _ in first }
            #expect(attributes["_client_name"] == "roost" && attributes["program_name"] == "nightly-report")
            #expect(attributes["_pid"]?.isEmpty == false)
        }
    }
}
