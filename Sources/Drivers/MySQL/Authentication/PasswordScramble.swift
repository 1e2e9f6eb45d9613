import Crypto

/// Answers to a challenge that prove the password without showing it.
enum PasswordScramble {
    /// `SHA1(password) XOR SHA1(challenge, SHA1(SHA1(password)))` (MySQL's "Native Authentication").
    static func native(_ password: [UInt8], challenge: [UInt8]) -> [UInt8] {
        let once = Array(Insecure.SHA1.hash(data: password))
        let twice = Array(Insecure.SHA1.hash(data: once))
        return exclusiveOr(once, Array(Insecure.SHA1.hash(data: challenge + twice)))
    }

    /// `SHA256(password) XOR SHA256(SHA256(SHA256(password)), challenge)` (MySQL's "Caching_sha2_password").
    static func cachingSHA2(_ password: [UInt8], challenge: [UInt8]) -> [UInt8] {
        let once = Array(SHA256.hash(data: password))
        let twice = Array(SHA256.hash(data: once))
        return exclusiveOr(once, Array(SHA256.hash(data: twice + challenge)))
    }

    /// Every byte with one of the pattern, which begins anew when it ends.
    static func exclusiveOr(_ bytes: [UInt8], _ pattern: [UInt8]) -> [UInt8] {
        guard !pattern.isEmpty else { return bytes }
        return bytes.enumerated().map { $1 ^ pattern[$0 % pattern.count] }
    }
}
