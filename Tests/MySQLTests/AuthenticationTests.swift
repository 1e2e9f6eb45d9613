import Crypto
import CryptoExtras
import Roost
import RoostTestSupport
import Testing

@testable import RoostMySQL

/// Logins as transcripts. Vectors come from Python: its hashlib, the `cryptography` package, and Edwards' formulas written out.
@Suite struct AuthenticationTests {
    static let challenge = Array<UInt8>(0x41..<0x55)
    static let longChallenge = Array<UInt8>(0..<32)

    static func machine(
        _ password: String? = "secret",
        secure: Bool = false,
        cleartext: Bool = false,
        retrieval: Bool = false,
        key: [UInt8]? = nil,
        local: Bool = false
    ) -> AuthenticationStateMachine {
        AuthenticationStateMachine(
            user: "app",
            password: password,
            isSecure: secure,
            allowsCleartext: cleartext,
            allowsPublicKeyRetrieval: retrieval,
            serverPublicKey: key,
            isLocalSocket: local,
            nonce: Array(200..<232)
        )
    }

    private static let serverKey = Result {
        Array(try _RSA.Encryption.PrivateKey(keySize: .bits2048).derRepresentation)
    }

    private func privateKey() throws -> _RSA.Encryption.PrivateKey {
        try _RSA.Encryption.PrivateKey(derRepresentation: try Self.serverKey.get())
    }

    /// What a server reads out of an encrypted password.
    private func decrypted(_ bytes: [UInt8]) throws -> String {
        let mixed = Array(try privateKey().decrypt(bytes, padding: .PKCS1_OAEP))
        let plain = PasswordScramble.exclusiveOr(mixed, Self.challenge)
        #expect(plain.last == 0)
        return String(decoding: plain.dropLast(), as: UTF8.self)
    }

    private func publicKeyPEM() throws -> [UInt8] {
        Array(try privateKey().publicKey.pemRepresentation.utf8)
    }

    static func hex(_ bytes: [UInt8]) -> String {
        bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }

    private func sent(_ action: AuthenticationStateMachine.Action) throws -> [UInt8] {
        guard case .send(let bytes) = action else { throw Expected("something to send") }
        return bytes
    }

    struct Expected: Error {
        let what: String
        init(_ what: String) { self.what = what }
    }

    // MARK: Challenges answered

    @Test(arguments: [[], [0]] as [[UInt8]])
    func nativePasswordsAreScrambled(end: [UInt8]) throws {
        var machine = Self.machine()
        let answer = try machine.begin(plugin: "mysql_native_password", challenge: Self.challenge + end)
        #expect(answer.plugin == "mysql_native_password")
        #expect(Self.hex(answer.response) == "28441590674285e7d03cae7af237504797f70e91")
    }

    @Test func cachedHashesTakeOneExchange() throws {
        var machine = Self.machine()
        let answer = try machine.begin(plugin: "caching_sha2_password", challenge: Self.challenge + [0])
        #expect(Self.hex(answer.response) == "d721e183c1f036a196c1389201b8d53f38064a16f1d0923683ab886763152d75")
        #expect(try machine.more([3]) == .wait)
        #expect(throws: DatabaseError.self) { try machine.more([3]) }
    }

    @Test(arguments: ["mysql_native_password", "caching_sha2_password"])
    func anEmptyPasswordIsAnEmptyAnswer(plugin: String) throws {
        for password in [nil, ""] {
            var machine = Self.machine(password, retrieval: true)
            #expect(try machine.begin(plugin: plugin, challenge: Self.challenge).response.isEmpty)
            #expect(try machine.switchTo(plugin: plugin, challenge: Self.challenge) == .send([]))
            let error = #expect(throws: DatabaseError.self) { try machine.more([4]) }
            #expect(error?.condition == .protocolViolation)
        }
    }

    // MARK: The password itself

    @Test func fullAuthenticationOverTLSSendsThePassword() throws {
        for local in [false, true] {
            var machine = Self.machine(secure: !local, local: local)
            _ = try machine.begin(plugin: "caching_sha2_password", challenge: Self.challenge)
            #expect(try machine.more([4]) == .send(Array("secret\0".utf8)))
            #expect(throws: DatabaseError.self) { try machine.more([4]) }
        }
    }

    @Test func fullAuthenticationWithoutTLSNeedsTheKey() throws {
        var machine = Self.machine()
        _ = try machine.begin(plugin: "caching_sha2_password", challenge: Self.challenge)
        let error = try #require(throws: DatabaseError.self) { try machine.more([4]) }
        #expect(error.condition == .authenticationFailed && !error.isRetryable)
        #expect(error.hint?.contains("allow_public_key_retrieval") == true)
        #expect(!"\(error)".contains("secret"))
    }

    @Test func aKeyTheServerSendsIsUsedWhereAllowed() throws {
        var machine = Self.machine("pässword", retrieval: true)
        _ = try machine.begin(plugin: "caching_sha2_password", challenge: Self.challenge)
        #expect(try machine.more([4]) == .send([2]))
        let encrypted = try sent(try machine.more(try publicKeyPEM() + [0]))
        #expect(encrypted.count == 256)
        #expect(try decrypted(encrypted) == "pässword")
        #expect(throws: DatabaseError.self) { try machine.more(try publicKeyPEM()) }
    }

    @Test func aKeyThatIsGivenIsNotAskedFor() throws {
        for key in [Array(try privateKey().publicKey.derRepresentation), try publicKeyPEM()] {
            var machine = Self.machine(key: key)
            _ = try machine.begin(plugin: "caching_sha2_password", challenge: Self.challenge)
            #expect(try decrypted(try sent(try machine.more([4]))) == "secret")
            var older = Self.machine(key: key)
            // The answer would be too long for the first packet, so that the server has to ask again.
            let answer = try older.begin(plugin: "sha256_password", challenge: Self.challenge)
            #expect(answer.plugin == "caching_sha2_password" && answer.response.count == 32)
            let next = try older.switchTo(plugin: "sha256_password", challenge: Self.challenge + [0])
            #expect(try decrypted(try sent(next)) == "secret")
        }
    }

    @Test func sha256PasswordsAskForTheKeyAtOnce() throws {
        var machine = Self.machine(retrieval: true)
        #expect(try machine.begin(plugin: "sha256_password", challenge: Self.challenge).response == [1])
        #expect(try decrypted(try sent(try machine.more(try publicKeyPEM()))) == "secret")

        var secure = Self.machine(secure: true)
        #expect(
            try secure.begin(plugin: "sha256_password", challenge: Self.challenge).response == Array("secret\0".utf8)
        )
        // A local socket is not encrypted, so that servers want RSA there; nobody can stand in between.
        var local = Self.machine(local: true)
        #expect(try local.begin(plugin: "sha256_password", challenge: Self.challenge).response == [1])
        var empty = Self.machine(nil)
        #expect(try empty.begin(plugin: "sha256_password", challenge: Self.challenge).response == [0])
        var refused = Self.machine()
        _ = try refused.begin(plugin: "mysql_native_password", challenge: Self.challenge)
        let error = #expect(throws: DatabaseError.self) {
            try refused.switchTo(plugin: "sha256_password", challenge: Self.challenge)
        }
        #expect(error?.condition == .authenticationFailed)
    }

    @Test func keysThatAreNoneAreRefused() throws {
        let short = """
            -----BEGIN PUBLIC KEY-----
            MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQD8WY8438ls6Ja6rDWS7EASJ3Ty
            ADs4ZkdppDNxYqdNGAisStm4yvfDZRhzCc5ZCPNsfOe0EDEkjOLhC+b3l1CEBxyd
            Ytxw9Hl1+pfx/hopbw1cWegXFwiEiFmrTWIBltYLsM6FwQnLTKybIdsK9YOigKza
            W8r9XC+PK1cVLa7idQIDAQAB
            -----END PUBLIC KEY-----
            """
        for key in [Array(short.utf8), [], [0x30], [0], Array("-----BEGIN PUBLIC KEY-----".utf8), [0xFF, 0xFE]] {
            var asked = Self.machine(retrieval: true)
            _ = try asked.begin(plugin: "caching_sha2_password", challenge: Self.challenge)
            _ = try asked.more([4])
            let violation = #expect(throws: DatabaseError.self) { try asked.more(key) }
            #expect(violation?.condition == .protocolViolation)
            var given = Self.machine(key: key)
            _ = try given.begin(plugin: "caching_sha2_password", challenge: Self.challenge)
            let configuration = #expect(throws: DatabaseError.self) { try given.more([4]) }
            #expect(configuration?.condition == .invalidConfiguration)
        }
    }

    @Test func aPasswordMayBeTooLongForTheKey() throws {
        let key = try publicKeyPEM()
        for (length, fits) in [(213, true), (214, false), (5_000, false)] {
            var machine = Self.machine(String(repeating: "p", count: length), key: key)
            _ = try machine.begin(plugin: "caching_sha2_password", challenge: Self.challenge)
            if fits {
                #expect(try decrypted(try sent(try machine.more([4]))).utf8.count == length)
            } else {
                let error = #expect(throws: DatabaseError.self) { try machine.more([4]) }
                #expect(error?.condition == .authenticationFailed)
            }
        }
    }

    @Test func cleartextIsSentOnlyWhereItIsAllowedAndSecure() throws {
        for (secure, allowed) in [(false, false), (false, true), (true, false)] {
            var machine = Self.machine(secure: secure, cleartext: allowed)
            // The greeting names a default, which is passed over; a switch is refused.
            let answer = try machine.begin(plugin: "mysql_clear_password", challenge: Self.challenge)
            #expect(answer.plugin == "caching_sha2_password" && answer.response.count == 32)
            let error = #expect(throws: DatabaseError.self) {
                try machine.switchTo(plugin: "mysql_clear_password", challenge: [])
            }
            #expect(error?.condition == .authenticationFailed)
        }
        var machine = Self.machine(secure: true, cleartext: true)
        #expect(try machine.begin(plugin: "mysql_clear_password", challenge: []).response == Array("secret\0".utf8))
        #expect(try machine.switchTo(plugin: "mysql_clear_password", challenge: [1]) == .send(Array("secret\0".utf8)))
    }

    // MARK: Signatures

    /// Passwords, what `ed25519_password()` makes of them, and the signature of 0, 1, … 31.
    static let signatures: [(password: String, key: String, signature: String)] = [
        (
            "secret", "ZIgUREUg5PVgQ6LskhXmO+eZLS0nC8be6HPjYWR4YJY",
            "9925abd89f5f7507c6d523d2602c7dd5d5d8a7b420cb4d4005c4895b91c04c96"
                + "933129019ee326f2b2ee0752ce2b013f476f32250745699c7e7b12c7f635e30c"
        ),
        (
            "", "4LH+dBF+G5W2CKTyId8xR3SyDqZoQjUNUVNxx8aWbG4",
            "3ad5622c72c804a84d3e58b4ecd74676cad05a40bf9731cc6f631e52ccf9a164"
                + "04daa76dd5798a9cbc8d69b2579e056095be6c5b536eb4e53950106e6d20ad08"
        ),
        (
            "foobar", "qv2mG6HWCuy32Slb5xhV4THStewNz2VINVPbgk+XAJ8",
            "33e7eac495f0ebf8f7229bfc34054ca5a7af77cafb98fc2e2d32dc757b1ac0cb"
                + "b49cc6ff7eeaed06a7cdba1b0642e86593c6dcb7d3c52a16dfcd1fe94fa7550c"
        ),
        (
            "pässwörd €", "ZUaFSQEfTWZtIKKEQQP66YLmIlnzfOTQfPLh1bPQM+c",
            "6e657d883df13d7c6784a7b23d457a4c35603f4902553d76109186bb2ba06b7e"
                + "5b39a30b4428d0a64c62661e1c96af51e0d7e0ab1cb1a50944352aa37e4bb704"
        ),
        (
            String(repeating: "a", count: 200), "dnUzySLQxG2WYCOQfKh3Sqctw3SleR55ey74e6FP1v8",
            "3f09ff8fa8532474d83a1bdb009f96c5bbf79647c41f9e3dad9632173ee9dd85"
                + "891fa157878734fa1e9c9dac0dd901db0e4db988499f6d815ca170c39a21840a"
        ),
    ]

    @Test(arguments: signatures)
    func passwordsSign(password: String, key: String, signature: String) throws {
        let made = try #require(PasswordSignature(password: Array(password.utf8)))
        #expect(Base64Text.encode(try #require(made.publicKey)) == key)
        var machine = Self.machine(password)
        _ = try machine.begin(plugin: "mysql_native_password", challenge: Self.challenge)
        let answer = try sent(try machine.switchTo(plugin: "client_ed25519", challenge: Self.longChallenge))
        #expect(Self.hex(answer) == signature)
    }

    @Test func aPasswordOfASeedsLengthIsASeed() throws {
        // Where the password has 32 bytes, the standard's key is the same, and its verifier the judge.
        var generator = SeededGenerator(seed: 11)
        for _ in 0..<20 {
            let password = (0..<32).map { _ in UInt8.random(in: 0...255, using: &generator) }
            let message = (0..<Int.random(in: 0...100, using: &generator)).map { UInt8($0) }
            let standard = try Curve25519.Signing.PrivateKey(rawRepresentation: password)
            let own = try #require(PasswordSignature(password: password))
            #expect(own.publicKey == Array(standard.publicKey.rawRepresentation))
            let signature = try #require(own.sign(message))
            #expect(standard.publicKey.isValidSignature(signature, for: message))
            #expect(own.sign(message) == signature)
        }
    }

    @Test(arguments: [
        (
            "457c769f39d8644199c0e5bdbcfbc85b37ce91cbde1fc1b0ea6b44f130436dd7"
                + "29fe69bd9e8ceba6a07d1dec25b1b087efe26c07ff0d21d7db0b33777738a5c6",
            "f67abf9b079a0e82415227da8ecae6434a8a653055b9baac7bf818a543218a05"
        ),
        (
            "74d37ff136eac13f553223a63841460d3b6aa1e68d682728f610fb1c7fd92d5f"
                + "a2e81478007152dea8651f3fce59796168e9338b87fe1a1a45cfed925923d43f",
            "cf2b94e0fdecf867f564050dea3f8f5b9cf14988fe4d03301eac3352cba5390d"
        ),
        (String(repeating: "00", count: 64), String(repeating: "00", count: 32)),
    ])
    func numbersAreReducedByTheOrder(wide: String, reduced: String) {
        let bytes = stride(from: 0, to: 128, by: 2).map { UInt8(wide.dropFirst($0).prefix(2), radix: 16) ?? 0 }
        #expect(Self.hex(Modulo.bytes(Modulo.reduced(bytes))) == reduced)
        let number = Modulo.reduced(bytes)
        #expect(Modulo.multiplyAdd(number, Words(1, 0, 0, 0), Modulo.negated(number)) == .zero)
    }

    @Test(
        arguments: [
            (0, "secret", "e0b956a5a814a4385ebce26d978d296c298cc406eb04a69f5baacafb3c36254e"),
            (2, "secret", "8ecdeb16c9de79eac3c7bd0300ea41f24f4204bc6ddb45957a4c4e58672debb8"),
            (0, "", "a32ad96f5c97b44158e499bc04577c7cf843ecae7b0d83c2f266cdb56381761e"),
        ] as [(UInt8, String, String)]
    )
    func parsecSignsBothChallenges(factor: UInt8, password: String, key: String) throws {
        var machine = Self.machine(password)
        _ = try machine.begin(plugin: "mysql_native_password", challenge: Self.challenge)
        #expect(try machine.switchTo(plugin: "parsec", challenge: Self.longChallenge) == .send([]))
        let answer = try sent(try machine.more([0x50, factor] + Array(100..<118)))
        #expect(answer.count == 96 && Array(answer.prefix(32)) == Array(200..<232))
        let raw = stride(from: 0, to: 64, by: 2).map { UInt8(key.dropFirst($0).prefix(2), radix: 16) ?? 0 }
        let publicKey = try Curve25519.Signing.PublicKey(rawRepresentation: raw)
        #expect(publicKey.isValidSignature(answer.dropFirst(32), for: Self.longChallenge + Array(200..<232)))
    }

    static let malformedSalts: [[UInt8]] = [
        [], [0x50], [0x50, 0], [0x51, 0] + Array(100..<118), [0x50, 11] + Array(100..<118), [0x50, 0] + Array(0..<65),
    ]

    @Test(arguments: malformedSalts)
    func malformedSaltsAreRefused(salt: [UInt8]) throws {
        var machine = Self.machine()
        _ = try machine.begin(plugin: "parsec", challenge: Self.longChallenge)
        let error = #expect(throws: DatabaseError.self) { try machine.more(salt) }
        #expect(error?.condition == .protocolViolation)
    }
}

/// Base 64 without padding, as MariaDB writes keys.
enum Base64Text {
    static func encode(_ bytes: [UInt8]) -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
        var text = ""
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            let bits = group.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - group.count))
            for place in 0...group.count { text.append(alphabet[bits >> (18 - 6 * place) & 63]) }
        }
        return text
    }
}
