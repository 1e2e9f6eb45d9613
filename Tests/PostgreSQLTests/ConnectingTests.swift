import Roost
import RoostPostgreSQL
import RoostTestSupport
import Testing

/// Logging in, with every method and mode, on real servers.
@Suite(.enabled(if: !TestServer.direct.isEmpty)) struct ConnectingTests {
    @Test(arguments: TestServer.running)
    func verifiesTheServerAndBindsTheLogin(server: TestServer) async throws {
        try await server.withConnection { connection in
            #expect(connection.tlsVersion == "TLSv1.3")
            #expect(connection.isPooled == (server == .pgbouncer))
            try await connection.ping()
        }
    }

    @Test(arguments: TestServer.direct)
    func channelBindingCanBeRequired(server: TestServer) async throws {
        try await server.withConnection {
            $0.set("channel_binding", "require")
        } _: {
            try await $0.ping()
        }
        await #expect(throws: DatabaseError.self) {
            try await server.withConnection {
                $0.set("channel_binding", "require")
                $0.set("sslmode", "disable")
                $0.set("sslrootcert", nil)
            } _: {
                try await $0.ping()
            }
        }
    }

    @Test(arguments: TestServer.direct, ["roost_md5", "roost_clear"])
    func olderMethodsWork(server: TestServer, user: String) async throws {
        try await server.withConnection {
            $0.user = user
        } _: {
            try await $0.ping()
        }
    }

    @Test(arguments: TestServer.direct)
    func aPasswordIsNeverSentInTheClear(server: TestServer) async throws {
        let error = await #expect(throws: DatabaseError.self) {
            try await server.withConnection {
                $0.user = "roost_clear"
                $0.set("sslmode", "disable")
                $0.set("sslrootcert", nil)
            } _: {
                try await $0.ping()
            }
        }
        #expect(error?.condition == .authenticationFailed)
        #expect(error?.message.contains("cleartext") == true)
    }

    @Test(arguments: TestServer.direct)
    func aClientCertificateLogsIn(server: TestServer) async throws {
        let tls = TestServer.variable("ROOST_TEST_TLS")
        try await server.withConnection {
            $0.user = "roost_cert"
            $0.password = nil
            $0.set("sslcert", tls + "/client.crt")
            $0.set("sslkey", tls + "/client.key")
        } _: {
            try await $0.ping()
        }
    }

    @Test(arguments: TestServer.running)
    func aWrongPasswordFails(server: TestServer) async throws {
        let error = await #expect(throws: DatabaseError.self) {
            try await server.withConnection {
                $0.password = Secret("not-it")
            } _: {
                try await $0.ping()
            }
        }
        #expect(error?.condition == .authenticationFailed)
        #expect(error?.isRetryable == false)
        #expect(error?.debugDescription.contains("not-it") == false)
    }

    @Test(arguments: TestServer.direct)
    func anUnknownDatabaseIsNamedAsSuch(server: TestServer) async throws {
        let error = await #expect(throws: DatabaseError.self) {
            try await server.withConnection {
                $0.database = "nosuch"
            } _: {
                try await $0.ping()
            }
        }
        #expect(error?.condition == .undefinedDatabase)
    }

    @Test(arguments: TestServer.direct)
    func aCertificateOfAnotherAuthorityIsRefused(server: TestServer) async throws {
        let tls = TestServer.variable("ROOST_TEST_TLS")
        let error = await #expect(throws: DatabaseError.self) {
            try await server.withConnection {
                $0.set("sslrootcert", tls + "/other-ca.crt")
            } _: {
                try await $0.ping()
            }
        }
        #expect(error?.condition == .tlsFailed)
    }

    @Test(arguments: TestServer.direct)
    func aCertificateOfAnotherHostIsRefusedUnlessAnyWillDo(server: TestServer) async throws {
        // The certificate names localhost and 127.0.0.1; this address is neither.
        let elsewhere = { (url: inout DatabaseURL) in
            url.hosts = url.hosts.map { .init(name: "127.0.0.2", port: $0.port) }
        }
        let error = await #expect(throws: DatabaseError.self) {
            try await server.withConnection(elsewhere) { try await $0.ping() }
        }
        #expect([.tlsFailed, .cannotConnect].contains(error?.condition))
    }

    @Test(arguments: TestServer.direct)
    func unixSocketsWork(server: TestServer) async throws {
        let name = server == .postgresql15 ? "POSTGRESQL_15" : "POSTGRESQL_18"
        let directory = TestServer.variable("ROOST_TEST_\(name)_SOCKET")
        try await server.withConnection { url in
            url.hosts = [.init(name: directory, port: url.hosts.first?.port)]
            url.set("sslmode", nil)
        } _: { connection in
            #expect(connection.tlsVersion == nil)
            try await connection.ping()
        }
    }

    @Test(arguments: TestServer.direct)
    func theNextHostIsTriedWhenOneDoesNotAnswer(server: TestServer) async throws {
        try await server.withConnection { url in
            url.hosts.insert(.init(name: "localhost", port: 1), at: 0)
        } _: {
            try await $0.ping()
        }
        let error = await #expect(throws: DatabaseError.self) {
            try await server.withConnection {
                $0.hosts = [.init(name: "localhost", port: 1)]
            } _: {
                try await $0.ping()
            }
        }
        #expect(error?.condition == .cannotConnect)
        #expect(error?.message.contains("localhost:1") == true)
    }

    @Test(arguments: TestServer.direct)
    func theKindOfServerCanBeAskedFor(server: TestServer) async throws {
        try await server.withConnection {
            $0.set("target_session_attrs", "read-write")
        } _: {
            try await $0.ping()
        }
        try await server.withConnection {
            $0.set("target_session_attrs", "prefer-standby")
        } _: {
            try await $0.ping()
        }
        let error = await #expect(throws: DatabaseError.self) {
            try await server.withConnection {
                $0.set("target_session_attrs", "standby")
            } _: {
                try await $0.ping()
            }
        }
        #expect(error?.message.contains("is not a standby") == true)
    }

    @Test(arguments: [TestServer.postgresql18].filter { $0.url != nil })
    func tlsCanBeginAtOnce(server: TestServer) async throws {
        try await server.withConnection {
            $0.set("sslnegotiation", "direct")
        } _: {
            try await $0.ping()
        }
    }

    @Test(arguments: TestServer.direct)
    func aFullServerSaysSo(server: TestServer) async throws {
        func open() async throws -> PostgreSQLConnection { try await server.connect { $0.user = "roost_limited" } }
        let first = try await open()
        let second = try await open()
        let error = await #expect(throws: DatabaseError.self) { _ = try await open() }
        #expect(error?.condition == .tooManyConnections)
        await first.close()
        await second.close()
    }

    @Test func aServerThatIsNotPostgreSQLIsFoundOut() async throws {
        let peer = try await ScriptedPeer.start { _ in Array("HTTP/1.1 400 Bad Request\r\n\r\n".utf8) }
        let error = await #expect(throws: DatabaseError.self) {
            _ = try await PostgreSQLDriver().connect(
                try ConnectionConfiguration("postgresql://u:p@127.0.0.1:\(peer.port)/d?sslmode=disable")
            )
        }
        await peer.stop()
        #expect(error?.condition == .protocolViolation)
    }
}
