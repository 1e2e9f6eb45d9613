import Roost
import RoostConnectionPool
import RoostMySQL
import RoostTestSupport
import Testing

/// What a network does to connections: cut, and half-open, when one side is gone and nobody says so.
///
/// An ended statement has a grace of 5 s, and TLS takes up to 5 s more to say goodbye to nobody; the bounds here are well above.
@Suite(.enabled(if: !TestServer.running.isEmpty), .timeLimit(.minutes(2))) struct NetworkFaultTests {
    private static let bound = Duration.seconds(110)
    private static let endless: Statement =
        "select 1 from information_schema.collations a, information_schema.collations b, information_schema.collations c"

    private func withProxy<R>(_ server: TestServer, _ body: (FaultProxy) async throws -> R) async throws -> R {
        try await FaultProxy.with(target: server.port, body)
    }

    /// Runs `body` and expects it to fail within the bound as one of these.
    private func failsInTime(
        _ conditions: Set<DatabaseError.Condition>,
        sourceLocation: SourceLocation = #_sourceLocation,
        _ body: () async throws -> Void
    ) async {
        let begin = ContinuousClock.now
        let error = await #expect(throws: DatabaseError.self, sourceLocation: sourceLocation) { try await body() }
        if let condition = error?.condition {
            #expect(conditions.contains(condition), "\(condition)", sourceLocation: sourceLocation)
        }
        #expect(ContinuousClock.now - begin < Self.bound, sourceLocation: sourceLocation)
    }

    // MARK: Cut

    @Test(arguments: TestServer.running)
    func aCutConnectionFailsItsStatementAndThePoolOpensAnother(server: TestServer) async throws {
        try await server.withUser("cut") { user in
            try await withProxy(server) { proxy in
                try await server.withPool(PoolConfiguration(maximumConnections: 1)) {
                    $0.go(through: proxy)
                    $0.user = user
                } _: { pool in
                    async let outcome = pool.withConnection { connection in
                        await #expect(throws: DatabaseError.self) { try await connection.execute("select sleep(120)") }
                    }
                    try await server.waitUntilRunning(user, "sleep(120)")
                    proxy.cut()
                    #expect(try await outcome?.condition == .connectionLost)
                    let answer = try await pool.withConnection {
                        try await $0.query("select 42").decode(Int.self).fetchOnly()
                    }
                    #expect(answer == 42)
                    #expect(proxy.accepted == 2)
                }
            }
            try await server.terminate(user)
        }
    }

    @Test(arguments: TestServer.running)
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

    @Test(arguments: TestServer.running)
    func aResultCutInTheMiddleFails(server: TestServer) async throws {
        try await withProxy(server) { proxy in
            try await server.withConnection({ $0.go(through: proxy) }) { connection in
                await failsInTime([.connectionLost]) {
                    var count = 0
                    for try await _ in try await connection.query(Self.endless).decode(Int.self) {
                        count += 1
                        if count == 10_000 { proxy.cut() }
                    }
                }
                #expect(await connection.isClosed)
                #expect(connection.isKnownLost)
            }
        }
    }

    // MARK: Half-open

    @Test(arguments: TestServer.running)
    func cancellationPassesThroughAProxyAndReachesTheServer(server: TestServer) async throws {
        try await server.withUser("proxied") { user in
            try await withProxy(server) { proxy in
                try await server.withConnection {
                    $0.go(through: proxy)
                    $0.set("cancel_timeout", "300s")
                    $0.user = user
                } _: { connection in
                    let task = Task { try await connection.execute("select sleep(120)") }
                    try await server.waitUntilRunning(user, "sleep(120)")
                    task.cancel()
                    await failsInTime([.cancelled]) { _ = try await task.value }
                    try await connection.ping()
                }
            }
        }
    }

    @Test(arguments: TestServer.running)
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

    @Test(arguments: TestServer.running)
    func cancellingEndsAStatementOnAHalfOpenConnection(server: TestServer) async throws {
        try await server.withUser("halfopen") { user in
            try await withProxy(server) { proxy in
                try await server.withConnection {
                    $0.go(through: proxy)
                    $0.user = user
                } _: { connection in
                    let task = Task { try await connection.execute("select sleep(120)") }
                    try await server.waitUntilRunning(user, "sleep(120)")
                    await proxy.fallSilent()
                    task.cancel()
                    await failsInTime([.cancelled, .connectionLost]) { _ = try await task.value }
                    #expect(await connection.isClosed)
                }
            }
            try await server.terminate(user)
        }
    }

    @Test(arguments: TestServer.running)
    func cancellingEndsAResultHalfReadOnAHalfOpenConnection(server: TestServer) async throws {
        try await withProxy(server) { proxy in
            try await server.withConnection({ $0.go(through: proxy) }) { connection in
                let task = Task {
                    var count = 0
                    for try await _ in try await connection.query(Self.endless).decode(Int.self) {
                        count += 1
                        if count == 1_000 { await proxy.fallSilent() }
                        if count == 1_000 { withUnsafeCurrentTask { $0?.cancel() } }
                    }
                }
                await failsInTime([.cancelled, .connectionLost]) { try await task.value }
            }
        }
    }

    @Test(arguments: TestServer.running)
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

    @Test(arguments: TestServer.running)
    func aPoolDoesNotWaitForEverForASignOfLife(server: TestServer) async throws {
        var configuration = PoolConfiguration(maximumConnections: 2)
        configuration.livenessCheckAfter = .zero
        // Logging in may take long on a busy machine; what must end in time is said below.
        configuration.acquireTimeout = .seconds(100)
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

    @Test(arguments: TestServer.running)
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

    @Test(arguments: ["localhost", "127.0.0.1"])
    func aCertificateOfAnotherHostIsRefused(host: String) async throws {
        let tls = TestServer.variable("ROOST_TEST_TLS")
        let peer = try await TLSPeer.start(
            certificate: tls + "/elsewhere.crt",
            key: tls + "/elsewhere.key",
            greeting: PeerPackets.greeting(offersTLS: true),
            question: 36,
            agreement: []
        )
        func connect(_ mode: String) async -> DatabaseError? {
            await #expect(throws: DatabaseError.self) {
                _ = try await MySQLDriver().connect(
                    ConnectionConfiguration(
                        "mysql://u:p@\(host):\(peer.port)/d?sslmode=\(mode)&sslrootcert=\(tls)/ca.crt&connect_timeout=300"
                    )
                )
            }
        }
        let full = await connect("verify-full")
        #expect(full?.condition == .tlsFailed)
        #expect(full?.message.contains("another host") == true, "\(String(describing: full?.message))")
        #expect(full?.isRetryable == false)
        // Any host of the authority will do here, so the handshake passes; what fails is what comes after.
        #expect(await connect("verify-ca")?.condition == .connectionLost)
        await peer.stop()
    }
}
