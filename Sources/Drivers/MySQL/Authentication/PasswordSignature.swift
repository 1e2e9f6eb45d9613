import Crypto

/// What MariaDB's `ed25519` plugin wants: an Ed25519 signature whose secret number is the SHA-512 of the password, where the
/// standard hashes a seed of 32 bytes (MariaDB documentation, "Authentication Plugin - ed25519"; RFC 8032 §5.1).
///
/// swift-crypto signs by seeds only, but it has all the multiplications of points that are needed, in constant time: X25519
/// finds the public key up to its sign, the key of a random seed serves as the signature's nonce, and the verifier tells which
/// sign is right. Only sums and products of numbers are done here.
struct PasswordSignature {
    private let secret: [UInt8]
    private let prefix: [UInt8]
    private let unsignedPublicKey: [UInt8]

    /// The key of a password.
    ///
    /// - Returns: nil when the system's cryptography refuses.
    init?(password: [UInt8]) {
        let hash = Array(SHA512.hash(data: password))
        secret = Self.clamped(hash)
        prefix = Array(hash[32...])
        guard let key = try? Curve25519.KeyAgreement.PrivateKey(rawRepresentation: secret) else { return nil }
        unsignedPublicKey = Modulo.bytes(Modulo.edwardsY(montgomeryU: Modulo.words(key.publicKey.rawRepresentation)))
    }

    /// The 64 bytes that sign a message. The same message is always signed alike.
    ///
    /// - Returns: nil when the system's cryptography refuses.
    func sign(_ message: [UInt8]) -> [UInt8]? {
        signatureAndKey(message)?.signature
    }

    /// The public key, as MariaDB's `ed25519_password()` shows it in base 64.
    var publicKey: [UInt8]? { signatureAndKey([])?.publicKey }

    private func signatureAndKey(_ message: [UInt8]) -> (signature: [UInt8], publicKey: [UInt8])? {
        guard let nonce = nonce(for: message) else { return nil }
        for sign: UInt8 in [0x00, 0x80] {
            var publicKey = unsignedPublicKey
            publicKey[31] |= sign
            let challenge = Modulo.reduced(Array(SHA512.hash(data: nonce.point + publicKey + message)))
            let answer = Modulo.multiplyAdd(challenge, Modulo.words(secret), nonce.number)
            let signature = nonce.point + Modulo.bytes(answer)
            guard let key = try? Curve25519.Signing.PublicKey(rawRepresentation: publicKey) else { continue }
            if key.isValidSignature(signature, for: message) { return (signature, publicKey) }
        }
        return nil
    }

    /// A secret number and its point, which follow from key and message.
    ///
    /// A number made from a seed is always 2^254 at least, so that half of all numbers modulo the order never occur; with the
    /// sign by another bit, all of them do.
    private func nonce(for message: [UInt8]) -> (number: Words, point: [UInt8])? {
        let hash = Array(SHA512.hash(data: prefix + message))
        let seed = Array(hash[..<32])
        guard let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: seed) else { return nil }
        var point = Array(key.publicKey.rawRepresentation)
        guard point.count == 32 else { return nil }
        let number = Modulo.words(Self.clamped(Array(SHA512.hash(data: seed))))
        guard hash[32] & 1 == 1 else { return (number, point) }
        point[31] ^= 0x80
        return (Modulo.negated(number), point)
    }

    /// The first 32 bytes, a multiple of 8 between 2^254 and 2^255 (RFC 8032 §5.1.5).
    private static func clamped(_ hash: [UInt8]) -> [UInt8] {
        var bytes = Array(hash.prefix(32))
        bytes[0] &= 0xF8
        bytes[31] = bytes[31] & 0x7F | 0x40
        return bytes
    }
}
