import Foundation
import Roost
import RoostMySQL
import Testing

/// Logins on real servers.
@Suite(.enabled(if: !TestServer.running.isEmpty)) struct LoginTests {
    private func answers(_ connection: MySQLConnection) async -> Bool {
        (try? await connection.query("select 1").decode(Int.self).fetchOnly()) == 1
    }

    @Test(arguments: TestServer.running)
    func overTLS(server: TestServer) async throws {
        try await server.withConnection { connection in
            #expect(connection.tlsVersion == "TLSv1.3" || connection.tlsVersion == "TLSv1.2")
            #expect(connection.flavour == server.flavour && connection.driverName == server.flavour.rawValue)
            #expect(connection.connectionID > 0 && !connection.serverVersion.isEmpty)
        }
    }

    @Test(arguments: TestServer.running)
    func overASocket(server: TestServer) async throws {
        let path = TestServer.variable(server == .mariadb ? "ROOST_TEST_MARIADB_SOCKET" : "ROOST_TEST_MYSQL_SOCKET")
        try await server.withConnection {
            $0.set("sslmode", nil)
            $0.set("sslrootcert", nil)
            $0.set("socket", path)
        } _: { connection in
            #expect(connection.transportDescription == "unix socket")
            #expect(await answers(connection))
        }
    }

    @Test(arguments: TestServer.running)
    func withoutTLS(server: TestServer) async throws {
        // The first login of a user by caching_sha2_password needs the whole password, which is not sent to whoever listens.
        try await server.withConnection { _ in }
        try await server.withConnection {
            $0.set("sslmode", "disable")
        } _: { connection in
            #expect(connection.transportDescription == "no TLS")
            #expect(await answers(connection))
        }
    }

    @Test(arguments: TestServer.running)
    func aWrongPasswordFails(server: TestServer) async throws {
        let secret = "not the \(UInt32.random(in: 0 ... .max)) password"
        do {
            _ = try await server.connect { $0.password = Secret(secret) }
            Issue.record("it connects")
        } catch let error as DatabaseError {
            #expect(error.condition == .authenticationFailed && !error.isRetryable)
            #expect(!"\(error)\(error.debugDescription)".contains(secret))
        }
    }

    @Test(arguments: TestServer.running)
    func anUnknownDatabaseFails(server: TestServer) async throws {
        do {
            _ = try await server.connect { $0.database = "nosuch" }
            Issue.record("it connects")
        } catch let error as DatabaseError {
            #expect(error.condition == .undefinedDatabase)
        }
    }

    @Test(arguments: TestServer.running)
    func theServersCertificateIsChecked(server: TestServer) async throws {
        for (mode, authority) in [("verify-full", "other-ca.crt"), ("verify-ca", "other-ca.crt")] {
            do {
                _ = try await server.connect {
                    $0.set("sslmode", mode)
                    $0.set("sslrootcert", TestServer.variable("ROOST_TEST_TLS") + "/" + authority)
                }
                Issue.record("it connects with \(mode)")
            } catch let error as DatabaseError {
                #expect(error.condition == .tlsFailed && !error.isRetryable)
            }
        }
    }

    @Test(arguments: TestServer.running)
    func accountsMayDemandTLSAndCertificates(server: TestServer) async throws {
        let folder = TestServer.variable("ROOST_TEST_TLS")
        try await server.withConnection {
            $0.user = "tls_only"
        } _: {
            #expect(await answers($0))
        }
        await #expect(throws: DatabaseError.self) {
            _ = try await server.connect {
                $0.user = "tls_only"
                $0.set("sslmode", "disable")
            }
        }
        await #expect(throws: DatabaseError.self) { _ = try await server.connect { $0.user = "cert_only" } }
        try await server.withConnection {
            $0.user = "cert_only"
            $0.set("sslcert", folder + "/client.crt")
            $0.set("sslkey", folder + "/client.key")
        } _: {
            #expect(await answers($0))
        }
    }

    @Test(arguments: TestServer.running)
    func everyPluginOfTheServer(server: TestServer) async throws {
        try await server.withConnection {
            $0.user = server == .mariadb ? "ed25519" : "sha256"
        } _: {
            #expect(await answers($0))
        }
    }

    @Test(arguments: TestServer.running)
    func anAccountsConnectionsAreLimited(server: TestServer) async throws {
        try await server.withConnection {
            $0.user = "limited"
        } _: { _ in
            try await server.withConnection {
                $0.user = "limited"
            } _: { _ in
                do {
                    _ = try await server.connect { $0.user = "limited" }
                    Issue.record("it connects")
                } catch let error as DatabaseError {
                    #expect(error.condition == .tooManyConnections)
                }
            }
        }
    }
}
