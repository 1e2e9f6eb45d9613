import NIOCore
import Roost
import Testing
import WireProtocol

@testable import RoostPostgreSQL

/// Logging in as transcripts, with a server of our making.
@Suite struct StartupTests {
    typealias Server = StateMachineTests.Server

    private func machine(
        _ encryption: StartupStateMachine.Encryption = .none,
        binding: PostgreSQLConfiguration.ChannelBinding = .prefer,
        password: String? = "pencil"
    ) -> StartupStateMachine {
        StartupStateMachine(
            encryption: encryption,
            login: StartupStateMachine.Login(
                user: "user",
                password: password.map { Secret($0) },
                parameters: [("user", "user")],
                channelBinding: binding,
                allowsCleartext: false,
                keys: SCRAMKeyCache()
            )
        )
    }

    private func authentication(_ code: Int32, _ rest: [UInt8] = []) -> [UInt8] {
        Server.message("R", Server.integer(code) + rest)
    }

    @discardableResult
    private func feed(_ machine: inout StartupStateMachine, _ bytes: [UInt8]) throws -> StartupStateMachine.Action? {
        try bytes.withUnsafeBytes { try machine.receive($0) }.action
    }

    @Test func aTrustedLoginEndsReady() throws {
        var machine = machine()
        _ = machine.connected()
        try feed(&machine, authentication(0))
        try feed(&machine, Server.message("S", Server.text("server_version") + Server.text("15.1")))
        try feed(&machine, Server.message("K", Server.integer(Int32(42)) + [1, 2, 3, 4]))
        guard case .ready? = try feed(&machine, Server.ready()) else {
            Issue.record("not ready")
            return
        }
        #expect(machine.processID == 42)
        #expect(machine.parameters["server_version"] == "15.1")
    }

    @Test func tlsThatIsRequiredIsNeverDoneWithout() throws {
        var required = machine(.required)
        _ = required.connected()
        let error = #expect(throws: DatabaseError.self) { try feed(&required, Array("N".utf8)) }
        #expect(error?.condition == .tlsFailed)
        var preferred = machine(.preferred)
        _ = preferred.connected()
        guard case .send? = try feed(&preferred, Array("N".utf8)) else {
            Issue.record("no start-up without TLS")
            return
        }
    }

    @Test func md5IsAnsweredAsDocumented() throws {
        var machine = machine()
        _ = machine.connected()
        guard case .send(let answer)? = try feed(&machine, authentication(5, [1, 2, 3, 4])) else {
            Issue.record("no answer")
            return
        }
        // md5(md5("penciluser") + salt), by another implementation.
        let text = String(decoding: answer.readableBytesView.dropFirst(5).dropLast(), as: UTF8.self)
        #expect(text == "md54376eb6913b38f9aaff38dc7cf19ca76")
    }

    @Test func passwordsInTheClearNeedTLS() {
        var machine = machine()
        _ = machine.connected()
        let error = #expect(throws: DatabaseError.self) { try feed(&machine, authentication(3)) }
        #expect(error?.condition == .authenticationFailed)
    }

    @Test func aLoginCutShortIsAnImpostors() throws {
        var machine = machine()
        _ = machine.connected()
        try feed(&machine, authentication(10, Server.text("SCRAM-SHA-256") + [0]))
        // "Fine, you are in", before it proved that it knows the password.
        #expect(throws: DatabaseError.self) { try feed(&machine, authentication(0)) }
    }

    @Test func requiredChannelBindingIsNotGivenUp() throws {
        var machine = machine(binding: .require)
        _ = machine.connected()
        #expect(throws: DatabaseError.self) {
            try feed(&machine, authentication(10, Server.text("SCRAM-SHA-256") + [0]))
        }
        var trusting = self.machine(binding: .require)
        _ = trusting.connected()
        #expect(throws: DatabaseError.self) { try feed(&trusting, authentication(0)) }
    }

    @Test(arguments: [
        [UInt8]("R".utf8) + [0, 2, 0, 0, 0], [UInt8]("HTTP/1.1 400".utf8), Server.ready(), Server.data("x"),
        Server.message("K", [0, 0, 0, 1, 1]),
        Server.message("R", [0, 0]),
    ])
    func nonsenseIsRefused(bytes: [UInt8]) {
        var machine = machine()
        _ = machine.connected()
        #expect(throws: DatabaseError.self) { try feed(&machine, bytes) }
    }
}

/// SCRAM against the example of its standard.
@Suite struct SCRAMTests {
    @Test func followsTheExampleOfRFC7677() throws {
        var client = SCRAMClient(
            user: "user",
            password: Secret("pencil"),
            binding: .unsupported,
            nonce: "rOprNGfwEbeRWgbNEkqO",
            keys: SCRAMKeyCache(),
            engine: "test"
        )
        #expect(String(decoding: client.start(), as: UTF8.self) == "n,,n=user,r=rOprNGfwEbeRWgbNEkqO")
        let first = "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"
        let proof = try client.respond(to: Array(first.utf8))
        #expect(
            String(decoding: proof, as: UTF8.self)
                == "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="
        )
        try client.finish(Array("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=".utf8))
        #expect(client.isDone)
    }

    @Test(arguments: [
        "r=other,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096", "r=abc,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096", "r=abcX,s=,i=4096",
        "r=abcX,s=!!,i=1", "r=abcX,s=AAAA,i=0",
        "r=abcX,s=AAAA,i=99999999999", "m=x,r=abcX,s=AAAA,i=1", "", "e=no",
    ])
    func badFirstMessagesAreRefused(message: String) {
        var client = SCRAMClient(
            user: "",
            password: Secret("p"),
            binding: .unsupported,
            nonce: "abc",
            keys: SCRAMKeyCache(),
            engine: "test"
        )
        _ = client.start()
        #expect(throws: DatabaseError.self) { _ = try client.respond(to: Array(message.utf8)) }
    }
}
