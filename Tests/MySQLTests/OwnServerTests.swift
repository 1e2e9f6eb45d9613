import Roost
import RoostConnectionPool
import RoostMySQL
import RoostTestSupport
import Testing

extension OwnServer {
    fileprivate func connect(
        _ server: TestServer,
        _ change: (inout DatabaseURL) -> Void = { _ in }
    ) async throws -> MySQLConnection {
        try await MySQLDriver(server.flavour).connect(try TestServer.configuration(DatabaseURL(url), change))
    }

    fileprivate func withPool<R: Sendable>(
        _ server: TestServer,
        _ configuration: PoolConfiguration,
        user: String,
        _ body: (ConnectionPool<MySQLConnection>) async throws -> R
    ) async throws -> R {
        let settings = try TestServer.configuration(DatabaseURL(url)) { $0.user = user }
        return try await withRunningPool(configuration) { () async throws(DatabaseError) in
            try await MySQLDriver(server.flavour).connect(settings)
        } _: {
            try await body($0)
        }
    }
}

/// Faults of a whole server: one of the test's own, for everybody would notice them.
@Suite(.serialized, .enabled(if: !TestServer.running.isEmpty), .timeLimit(.minutes(10))) struct OwnServerTests {
    private static let user = "plain"

    /// One server for all three, since starting one takes seconds.
    @Test(arguments: TestServer.running)
    func aServerForgetsIdleSessionsFillsUpAndCrashes(server: TestServer) async throws {
        try await OwnServer.with(server.flavour.rawValue) { own in
            let administrator = try await own.connect(server)
            let password = try #require(try DatabaseURL(own.url).password).reveal()
            try await administrator.execute("create user \(unsafe: Self.user)@'%' identified by '\(unsafe: password)'")
            try await administrator.execute("grant all privileges on *.* to \(unsafe: Self.user)@'%'")
            try await forgetsIdleSessions(server, own, administrator)
            try await fillsUp(server, own, administrator)
            try await crashes(server, own, administrator)
        }
    }

    private func forgetsIdleSessions(
        _ server: TestServer,
        _ own: OwnServer,
        _ administrator: MySQLConnection
    ) async throws {
        try await own.withPool(server, PoolConfiguration(maximumConnections: 4), user: Self.user) { pool in
            for _ in 0..<3 {
                var held: [MySQLConnection] = []
                for _ in 0..<4 { held.append(try await pool.acquire()) }
                // The session's own and what a reset gives it back: only these four run out, however slow the machine is.
                try await administrator.execute("set global wait_timeout = 1")
                for connection in held {
                    try await connection.execute("set session wait_timeout = 1")
                    await pool.release(connection)
                }
                // The server closes them, and that is heard without anybody asking.
                try await administrator.waitUntil("select 0") { _ in held.allSatisfy(\.isKnownLost) }
                try await administrator.execute("set global wait_timeout = 28800")
                // Nobody notices.
                for number in 0..<20 {
                    let answer = try await pool.withConnection {
                        try await $0.query("select \(number)").decode(Int.self).fetchOnly()
                    }
                    #expect(answer == number)
                }
            }
            #expect(pool.statistics.opened > 4)
        }
    }

    private func fillsUp(_ server: TestServer, _ own: OwnServer, _ administrator: MySQLConnection) async throws {
        // The fewest MariaDB takes.
        try await administrator.execute("set global max_connections = 10")
        // Who may administrate has one session more than all others; this one may not.
        try await administrator.execute("revoke all privileges, grant option from \(unsafe: Self.user)@'%'")
        var held: [MySQLConnection] = []
        let error = await #expect(throws: DatabaseError.self) {
            for _ in 0..<20 {
                let connection = try await own.connect(server) {
                    $0.user = Self.user
                    $0.database = ""
                }
                held.append(connection)
            }
        }
        #expect(error?.condition == .tooManyConnections)
        #expect(error?.isRetryable == true)
        // Two come free; a pool that wants more has to live with them.
        for connection in held.suffix(2) { await connection.close() }
        try await administrator.waitUntil(
            "select count(*) from \(unsafe: server.processes) where user = \(Self.user)"
        ) { $0 <= held.count - 2 }
        try await administrator.execute("grant all privileges on roost.* to \(unsafe: Self.user)@'%'")
        var configuration = PoolConfiguration(maximumConnections: 6)
        configuration.acquireTimeout = .seconds(120)
        try await own.withPool(server, configuration, user: Self.user) { pool in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<200 {
                    group.addTask {
                        let answer = try await pool.withConnection {
                            try await $0.query("select \(number), sleep(0.005)").decode((Int, Int).self).fetchOnly().0
                        }
                        #expect(answer == number)
                    }
                }
                try await group.waitForAll()
            }
            // A place may come free a moment after its session left the list; who was refused then asks again once that is half a minute ago.
            let deadline = ContinuousClock.now + .seconds(300)
            while pool.statistics.opened < 2, ContinuousClock.now < deadline {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for _ in 0..<2 {
                        group.addTask { _ = try await pool.withConnection { try await $0.execute("do sleep(0.05)") } }
                    }
                    try await group.waitForAll()
                }
            }
            #expect(pool.statistics.opened == 2)
        }
        for connection in held { await connection.close() }
        try await administrator.execute("set global max_connections = 100")
    }

    private func crashes(_ server: TestServer, _ own: OwnServer, _ administrator: MySQLConnection) async throws {
        var configuration = PoolConfiguration(maximumConnections: 4)
        // How long the pool tries to reach a server that is gone, and that four logins may take on a busy machine.
        configuration.acquireTimeout = .seconds(15)
        try await own.withPool(server, configuration, user: Self.user) { pool in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<4 {
                    group.addTask {
                        let error = await #expect(throws: DatabaseError.self) {
                            try await pool.withConnection { try await $0.execute("select sleep(120)") }
                        }
                        #expect(error?.condition == .connectionLost)
                    }
                }
                try await administrator.waitUntil(
                    "select count(*) from \(unsafe: server.processes) where info = 'select sleep(120)'"
                ) { $0 == 4 }
                try await own.kill()
                try await group.waitForAll()
            }
            let later = await #expect(throws: DatabaseError.self) {
                try await pool.withConnection { try await $0.ping() }
            }
            let conditions: [DatabaseError.Condition?] = [.cannotConnect, .connectionLost, .poolTimeout]
            #expect(conditions.contains(later?.condition))
            #expect(pool.statistics.inUse == 0)
        }
        let last = await #expect(throws: DatabaseError.self) { try await administrator.ping() }
        #expect(last?.condition == .connectionLost)
    }
}
