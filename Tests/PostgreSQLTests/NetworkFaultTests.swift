import Roost
import RoostConnectionPool
import RoostPostgreSQL
import RoostTestSupport
import Testing

/// What a network does to connections: cut, and half-open, when one side is gone and nobody says so.
///
/// An ended statement has a grace of 5 s, and TLS takes up to 5 s more to say goodbye to nobody; the bounds here are well above.
@Suite(.enabled(if: !TestServer.direct.isEmpty), .timeLimit(.minutes(2))) struct NetworkFaultTests {
    private static let bound = Duration.seconds(120)

    private func withProxy<R>(_ server: TestServer, _ body: (FaultProxy) async throws -> R) async throws -> R {
        try await FaultProxy.with(target: server.port, body)
    }

    /// Runs `body` and expects it to fail within the bound as a lost connection, a time-out or a cancellation.
    private func failsInTime(
        _ conditions: Set<DatabaseError.Condition>,
        _ body: () async throws -> Void,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async {
        let begin = ContinuousClock.now
        let error = await #expect(throws: DatabaseError.self, sourceLocation: sourceLocation) { try await body() }
        if let condition = error?.condition {
            #expect(conditions.contains(condition), "\(condition)", sourceLocation: sourceLocation)
        }
        #expect(ContinuousClock.now - begin < Self.bound, sourceLocation: sourceLocation)
    }

    @Test(arguments: TestServer.direct)
    func aCutConnectionFailsItsStatementAndThePoolOpensAnother(server: TestServer) async throws {
        let name = applicationName("cut")
        try await withProxy(server) { proxy in
            try await server.withPool(PoolConfiguration(maximumConnections: 1)) {
                $0.go(through: proxy)
                $0.name(name)
            } _: { pool in
                async let outcome = pool.withConnection { connection in
                    await #expect(throws: DatabaseError.self) { try await connection.execute("select pg_sleep(120)") }
                }
                try await server.waitUntilRunning(name, "pg_sleep(120)")
                proxy.cut()
                #expect(try await outcome?.condition == .connectionLost)
                let answer = try await pool.withConnection {
                    try await $0.query("select 42").decode(Int.self).fetchOnly()
                }
                #expect(answer == 42)
                #expect(proxy.accepted == 2)
            }
            try await server.terminate(name)
        }
    }

    @Test(arguments: TestServer.direct)
    func aConnectionCutWhileIdleIsNotLentAgain(server: TestServer) async throws {
        try await withProxy(server) { proxy in
            try await server.withPool(PoolConfiguration(maximumConnections: 4)) {
                $0.go(through: proxy)
            } _: { pool in
                try await pool.withConnection { try await $0.ping() }
                proxy.cut()
                // The first may still meet the dead connection; none after it may.
                _ = try? await pool.withConnection { try await $0.ping() }
                for _ in 0..<20 { try await pool.withConnection { try await $0.ping() } }
            }
        }
    }

    @Test(arguments: TestServer.direct)
    func cancellationPassesThroughAProxyAndReachesTheServer(server: TestServer) async throws {
        let name = applicationName("proxied cancel")
        try await withProxy(server) { proxy in
            try await server.withConnection {
                $0.go(through: proxy)
                $0.set("cancel_timeout", "300s")
                $0.name(name)
            } _: { connection in
                let task = Task { try await connection.execute("select pg_sleep(120)") }
                try await server.waitUntilRunning(name, "pg_sleep(120)")
                task.cancel()
                await failsInTime([.cancelled]) { _ = try await task.value }
                try await server.waitUntil(
                    "select count(*) from pg_stat_activity where application_name = \(name) and state = 'active'"
                ) { $0 == 0 }
                try await connection.ping()
            }
        }
    }

    @Test(arguments: TestServer.direct)
    func aTimeOutEndsAStatementOnAHalfOpenConnection(server: TestServer) async throws {
        try await withProxy(server) { proxy in
            try await server.withConnection({ $0.go(through: proxy) }) { connection in
                await proxy.fallSilent()
                await failsInTime([.timeout, .connectionLost]) {
                    _ = try await connection.execute("select 1", options: ExecutionOptions(timeout: .milliseconds(50)))
                }
                #expect(await connection.isClosed)
            }
        }
    }

    @Test(arguments: TestServer.direct)
    func cancellingEndsAStatementOnAHalfOpenConnection(server: TestServer) async throws {
        let name = applicationName("half-open")
        try await withProxy(server) { proxy in
            try await server.withConnection {
                $0.go(through: proxy)
                $0.name(name)
            } _: { connection in
                let task = Task { try await connection.execute("select pg_sleep(120)") }
                try await server.waitUntilRunning(name, "pg_sleep(120)")
                await proxy.fallSilent()
                task.cancel()
                await failsInTime([.cancelled, .connectionLost]) { _ = try await task.value }
                #expect(await connection.isClosed)
            }
            try await server.terminate(name)
        }
    }

    @Test(arguments: TestServer.direct)
    func cancellingEndsAResultHalfReadOnAHalfOpenConnection(server: TestServer) async throws {
        try await withProxy(server) { proxy in
            try await server.withConnection({ $0.go(through: proxy) }) { connection in
                let task = Task {
                    var count = 0
                    let rows = try await connection.query("select generate_series(1, 2000000000)")
                    for try await _ in rows.decode(Int.self) {
                        count += 1
                        if count == 1_000 { await proxy.fallSilent() }
                        if count == 1_000 { withUnsafeCurrentTask { $0?.cancel() } }
                    }
                }
                await failsInTime([.cancelled, .connectionLost]) { try await task.value }
            }
        }
    }

    @Test(arguments: TestServer.direct)
    func cancellingEndsACopyInOnAHalfOpenConnection(server: TestServer) async throws {
        let name = applicationName("half-open copy")
        try await withProxy(server) { proxy in
            try await server.withConnection {
                $0.go(through: proxy)
                $0.name(name)
            } _: { connection in
                try await connection.execute("create temp table copied (a text)")
                let line = [UInt8](repeating: UInt8(ascii: "x"), count: 65_535) + [UInt8(ascii: "\n")]
                let task = Task {
                    // More than any socket holds: the writer has to wait for a peer that is gone.
                    try await connection.copyIn(to: "copied", format: .text, data: AsyncStream(unfolding: { line }))
                }
                try await server.waitUntilRunning(name, "FROM STDIN")
                await proxy.fallSilent()
                task.cancel()
                await failsInTime([.cancelled, .connectionLost]) { _ = try await task.value }
            }
            try await server.terminate(name)
        }
    }

    @Test(arguments: TestServer.direct)
    func cancellingEndsACopyOutOnAHalfOpenConnection(server: TestServer) async throws {
        try await withProxy(server) { proxy in
            try await server.withConnection({ $0.go(through: proxy) }) { connection in
                let task = Task {
                    let copy = try await connection.copyOut("select generate_series(1, 2000000000)", format: .text)
                    var count = 0
                    for try await _ in copy {
                        count += 1
                        if count == 3 { await proxy.fallSilent() }
                        if count == 3 { withUnsafeCurrentTask { $0?.cancel() } }
                    }
                }
                await failsInTime([.cancelled, .connectionLost]) { try await task.value }
            }
        }
    }

    @Test(arguments: TestServer.direct)
    func aTransactionCancelledOnAHalfOpenConnectionEnds(server: TestServer) async throws {
        try await withProxy(server) { proxy in
            try await server.withPool(PoolConfiguration(maximumConnections: 1)) {
                $0.go(through: proxy)
            } _: { pool in
                await failsInTime([.cancelled, .connectionLost]) {
                    try await pool.withConnection { connection in
                        try await connection.withTransaction { transaction in
                            try await transaction.execute("select 1")
                            await proxy.fallSilent()
                            // Nothing is in flight now; the way out is a ROLLBACK that nobody answers.
                            throw DatabaseError(.operational, .cancelled, "The caller gave up.")
                        }
                    }
                }
                proxy.recover()
                try await pool.withConnection { try await $0.ping() }
            }
        }
    }

    @Test(arguments: TestServer.direct)
    func aPoolDoesNotWaitForEverForASignOfLife(server: TestServer) async throws {
        var configuration = PoolConfiguration(maximumConnections: 2)
        configuration.livenessCheckAfter = .zero
        // Logging in may take long on a busy machine; what must end in time is said below.
        configuration.acquireTimeout = .seconds(120)
        try await withProxy(server) { proxy in
            try await server.withPool(configuration) {
                $0.go(through: proxy)
            } _: { pool in
                try await pool.withConnection { try await $0.ping() }
                await proxy.fallSilent()
                await failsInTime([.poolTimeout]) {
                    await pool.release(try await pool.acquire(timeout: .seconds(1)))
                }
                #expect(pool.statistics.timeouts == 1)
                proxy.recover()
                try await pool.withConnection { try await $0.ping() }
            }
        }
    }

    @Test(arguments: TestServer.direct)
    func connectingToASilentServerEndsInTime(server: TestServer) async throws {
        try await withProxy(server) { proxy in
            await proxy.fallSilent()
            await failsInTime([.cannotConnect]) {
                try await server.withConnection {
                    $0.go(through: proxy)
                    $0.set("connect_timeout", "1s")
                } _: {
                    try await $0.ping()
                }
            }
        }
    }

    // MARK: TLS

    private func connect(
        to peer: TLSPeer,
        host: String = "localhost",
        mode: String,
        authority: String
    ) async -> DatabaseError? {
        let tls = TestServer.variable("ROOST_TEST_TLS")
        return await #expect(throws: DatabaseError.self) {
            _ = try await PostgreSQLDriver().connect(
                ConnectionConfiguration(
                    "postgresql://u:p@\(host):\(peer.port)/d?sslmode=\(mode)&sslrootcert=\(tls)/\(authority)&connect_timeout=300"
                )
            )
        }
    }

    @Test(arguments: ["localhost", "127.0.0.1"])
    func aCertificateOfAnotherHostIsRefused(host: String) async throws {
        let tls = TestServer.variable("ROOST_TEST_TLS")
        let peer = try await TLSPeer.start(
            certificate: tls + "/elsewhere.crt",
            key: tls + "/elsewhere.key",
            agreement: Array("S".utf8)
        )
        let full = await connect(to: peer, host: host, mode: "verify-full", authority: "ca.crt")
        #expect(full?.condition == .tlsFailed)
        #expect(full?.message.contains("another host") == true, "\(String(describing: full?.message))")
        #expect(full?.isRetryable == false)
        // Any host of the authority will do here, so the handshake passes; what fails is what comes after.
        let authorityOnly = await connect(to: peer, host: host, mode: "verify-ca", authority: "ca.crt")
        #expect(authorityOnly?.condition == .connectionLost)
        await peer.stop()
    }

    @Test(arguments: ["verify-ca", "verify-full"])
    func aCertificateOfAnUnknownAuthorityIsRefused(mode: String) async throws {
        let tls = TestServer.variable("ROOST_TEST_TLS")
        let peer = try await TLSPeer.start(
            certificate: tls + "/server.crt",
            key: tls + "/server.key",
            agreement: Array("S".utf8)
        )
        let error = await connect(to: peer, mode: mode, authority: "other-ca.crt")
        #expect(error?.condition == .tlsFailed)
        #expect(error?.message.contains("trusted authority") == true, "\(String(describing: error?.message))")
        await peer.stop()
    }
}
