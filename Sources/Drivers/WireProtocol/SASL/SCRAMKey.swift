import Crypto
import CryptoExtras
import NIOConcurrencyHelpers
import Roost

/// What a password becomes once salted (RFC 5802 §3).
struct SCRAMKey: Sendable {
    let clientKey: [UInt8]
    let serverKey: [UInt8]

    init(saltedPassword: [UInt8]) {
        clientKey = Self.hmac(key: saltedPassword, Array("Client Key".utf8))
        serverKey = Self.hmac(key: saltedPassword, Array("Server Key".utf8))
    }

    init(password: [UInt8], salt: [UInt8], iterations: Int) {
        let derived = try? KDF.Insecure.PBKDF2.deriveKey(
            from: password,
            salt: salt,
            using: .sha256,
            outputByteCount: 32,
            unsafeUncheckedRounds: iterations
        )
        // An empty key proves nothing, so that a failure to derive one is a failed login.
        self.init(saltedPassword: derived?.withUnsafeBytes { Array($0) } ?? [])
    }

    func proof(of message: [UInt8]) -> [UInt8] {
        let storedKey = Array(SHA256.hash(data: clientKey))
        let signature = Self.hmac(key: storedKey, message)
        return zip(clientKey, signature).map { $0 ^ $1 }
    }

    func serverSignature(of message: [UInt8]) -> [UInt8] {
        Self.hmac(key: serverKey, message)
    }

    /// Compares in a time that does not depend on where the difference is.
    static func isEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        guard left.count == right.count else { return false }
        return zip(left, right).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
    }

    private static func hmac(key: [UInt8], _ message: [UInt8]) -> [UInt8] {
        Array(HMAC<SHA256>.authenticationCode(for: message, using: SymmetricKey(data: key)))
    }
}

/// Remembers salted passwords: a server asks for the same salt each time, and salting costs milliseconds.
///
/// It holds at most 16, keyed by a hash of the password, never the password itself.
public final class SCRAMKeyCache: Sendable {
    private struct Entry: Sendable {
        let id: [UInt8]
        let key: SCRAMKey
    }

    private let entries = NIOLockedValueBox<[Entry]>([])

    /// An empty cache.
    public init() {}

    func key(password: Secret, salt: [UInt8], iterations: Int) -> SCRAMKey {
        let prepared = SASLPreparation.prepare(password.reveal())
        var hash = SHA256()
        hash.update(data: salt)
        hash.update(data: withUnsafeBytes(of: iterations.littleEndian) { Array($0) })
        hash.update(data: prepared)
        let id = Array(hash.finalize())
        if let known = entries.withLockedValue({ $0.first { $0.id == id }?.key }) { return known }
        let key = SCRAMKey(password: prepared, salt: salt, iterations: iterations)
        entries.withLockedValue { entries in
            if entries.count >= 16 { entries.removeFirst() }
            entries.append(Entry(id: id, key: key))
        }
        return key
    }
}
