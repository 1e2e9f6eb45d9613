import Roost
import RoostTestSupport
import Testing

@testable import RoostMySQL

/// Servers that do not play by the rules of a login.
@Suite struct HostileLoginTests {
    private func machine(_ password: String? = "hunter2-secret", secure: Bool = false) -> AuthenticationStateMachine {
        AuthenticationTests.machine(password, secure: secure)
    }

    @Test func anUnknownPluginIsNamed() throws {
        var machine = machine()
        // A greeting names a default only; the server switches to what the account needs.
        let answer = try machine.begin(plugin: "auth_gssapi_client", challenge: AuthenticationTests.challenge)
        #expect(answer.plugin == "caching_sha2_password" && answer.response.count == 32)
        let error = try #require(throws: DatabaseError.self) {
            try machine.switchTo(plugin: "auth_gssapi\n\u{1B}[31m_client", challenge: [])
        }
        #expect(error.condition == .authenticationFailed)
        #expect(error.message.contains("\"auth_gssapi[31m_client\""))
        #expect(error.hint?.contains("app") == true)
    }

    @Test func challengesHaveTheirLength() throws {
        for plugin in AuthenticationPlugin.allCases {
            for length in [0, 1, 19, 20, 21, 22, 31, 32, 33, 34, 300] {
                let challenge = (0..<length).map { UInt8(truncatingIfNeeded: $0 + 1) }
                var machine = machine(secure: true)
                _ = try machine.begin(plugin: "mysql_native_password", challenge: AuthenticationTests.challenge)
                let result = Result { try machine.switchTo(plugin: plugin.rawValue, challenge: challenge) }
                guard plugin != .cleartext else { continue }
                let fits = length == plugin.challengeLength
                #expect(((try? result.get()) != nil) == fits, "\(plugin), \(length)")
                if !fits {
                    let error = #expect(throws: DatabaseError.self) { try result.get() }
                    #expect(error?.condition == .protocolViolation)
                }
            }
            var machine = machine()
            #expect(throws: DatabaseError.self) { try machine.begin(plugin: plugin.rawValue, challenge: [1, 2, 3]) }
        }
    }

    @Test func aServerCannotSwitchForEver() throws {
        var machine = machine()
        _ = try machine.begin(plugin: "caching_sha2_password", challenge: AuthenticationTests.challenge)
        for round in 0..<AuthenticationStateMachine.maximumSwitches {
            let plugin: AuthenticationPlugin = round.isMultiple(of: 2) ? .native : .cachingSHA2
            _ = try machine.switchTo(plugin: plugin.rawValue, challenge: AuthenticationTests.challenge)
        }
        let error = #expect(throws: DatabaseError.self) {
            try machine.switchTo(plugin: "mysql_native_password", challenge: AuthenticationTests.challenge)
        }
        #expect(error?.condition == .protocolViolation)
    }

    @Test func nothingComesOutOfTurn() throws {
        var early = machine()
        #expect(throws: DatabaseError.self) { try early.more([3]) }
        #expect(throws: DatabaseError.self) {
            try early.switchTo(plugin: "mysql_native_password", challenge: AuthenticationTests.challenge)
        }
        var late = machine()
        _ = try late.begin(plugin: "mysql_native_password", challenge: AuthenticationTests.challenge)
        #expect(throws: DatabaseError.self) {
            try late.begin(plugin: "mysql_native_password", challenge: AuthenticationTests.challenge)
        }
        for data in [[], [2], [3], [4], [5], [3, 3], Array("-----BEGIN".utf8)] as [[UInt8]] {
            var machine = late
            let error = #expect(throws: DatabaseError.self) { try machine.more(data) }
            #expect(error?.condition == .protocolViolation)
        }
    }

    @Test func randomServersNeverTrapAndNeverSeeThePassword() throws {
        var generator = SeededGenerator(seed: 4)
        let names = AuthenticationPlugin.allCases.map(\.rawValue) + ["", "x", "mysql_old_password"]
        let password = "hunter2-secret"
        func bytes() -> [UInt8] {
            let lengths = [0, 1, 2, 20, 21, 32, 33, Int.random(in: 0...64, using: &generator)]
            return (0..<lengths[Int.random(in: lengths.indices, using: &generator)]).map { _ in
                UInt8.random(in: 0...255, using: &generator)
            }
        }
        func data() -> [UInt8] {
            switch Int.random(in: 0...4, using: &generator) {
            case 0: [4]
            case 1: [3]
            case 2: [0x50, UInt8.random(in: 0...1, using: &generator)] + (0..<18).map { UInt8($0) }
            default: bytes()
            }
        }
        for _ in 0..<3_000 {
            var machine = machine(password)
            do {
                var answers: [[UInt8]] = []
                let name = names[Int.random(in: names.indices, using: &generator)]
                answers.append(try machine.begin(plugin: name, challenge: bytes()).response)
                for _ in 0..<12 {
                    let action =
                        Bool.random(using: &generator)
                        ? try machine.more(data())
                        : try machine.switchTo(
                            plugin: names[Int.random(in: names.indices, using: &generator)],
                            challenge: bytes()
                        )
                    if case .send(let answer) = action { answers.append(answer) }
                }
                #expect(!answers.contains { String(decoding: $0, as: UTF8.self).contains("hunter2") })
            } catch {
                #expect(!"\(error)\(error.debugDescription)".contains("hunter2"))
                #expect([.protocolViolation, .authenticationFailed].contains(error.condition))
            }
        }
    }

    @Test func aDumpOfALoginShowsNoPassword() throws {
        var machine = machine()
        _ = try machine.begin(plugin: "caching_sha2_password", challenge: AuthenticationTests.challenge)
        var text = ""
        dump(machine, to: &text)
        #expect(!text.contains("hunter2"))
    }

    @Test func randomKeysNeverTrap() {
        var generator = SeededGenerator(seed: 9)
        let valid: [UInt8] = [
            0x30, 0x82, 0x01, 0x22, 0x30, 0x0D, 0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x01,
        ]
        for round in 0..<2_000 {
            var key = round.isMultiple(of: 2) ? valid : Array("-----BEGIN PUBLIC KEY-----\n".utf8)
            key += (0..<Int.random(in: 0...400, using: &generator)).map { _ in
                UInt8.random(in: 0...255, using: &generator)
            }
            key[Int.random(in: key.indices, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
            #expect(PasswordEncryption(publicKey: key) == nil)
        }
        #expect(PasswordEncryption(publicKey: Array(repeating: 0x30, count: 20_000)) == nil)
    }
}
