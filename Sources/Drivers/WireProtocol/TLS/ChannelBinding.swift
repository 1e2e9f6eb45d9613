import Crypto

/// The `tls-server-end-point` channel binding.
enum ChannelBinding {
    /// The hash of a server's certificate, by the hash its signature uses, SHA-256 in place of MD5 and SHA-1 (RFC 5929 §4.1).
    ///
    /// - Returns: nil for a certificate that cannot be read or whose signature names no hash, such as Ed25519's.
    static func serverEndPoint(_ certificate: [UInt8]) -> [UInt8]? {
        // Certificate ::= SEQUENCE { tbsCertificate SEQUENCE, signatureAlgorithm SEQUENCE { algorithm OID, … }, … } (RFC 5280 §4.1)
        var outer = DERReader(certificate[...])
        guard var sequence = outer.enter(0x30), sequence.enter(0x30) != nil, var algorithm = sequence.enter(0x30),
            let oid = algorithm.enter(0x06)?.rest
        else { return nil }
        switch Array(oid) {
        case Self.sha384RSA, Self.sha384ECDSA: return Array(SHA384.hash(data: certificate))
        case Self.sha512RSA, Self.sha512ECDSA: return Array(SHA512.hash(data: certificate))
        case Self.md5RSA, Self.sha1RSA, Self.sha1ECDSA, Self.sha256RSA, Self.sha256ECDSA:
            return Array(SHA256.hash(data: certificate))
        default: return nil
        }
    }

    // Object identifiers of RFC 3279, RFC 4055 and RFC 5758, in DER.
    private static let rsa: [UInt8] = [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01]
    private static let ecdsa: [UInt8] = [0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04]
    private static let md5RSA = rsa + [4]
    private static let sha1RSA = rsa + [5]
    private static let sha256RSA = rsa + [11]
    private static let sha384RSA = rsa + [12]
    private static let sha512RSA = rsa + [13]
    private static let sha1ECDSA = ecdsa + [1]
    private static let sha256ECDSA = ecdsa + [3, 2]
    private static let sha384ECDSA = ecdsa + [3, 3]
    private static let sha512ECDSA = ecdsa + [3, 4]
}

/// Steps through DER elements; every length is checked against what is there (X.690 §8.1).
private struct DERReader {
    var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

    /// The contents of the next element, which must have this tag.
    mutating func enter(_ tag: UInt8) -> DERReader? {
        guard rest.popFirst() == tag, let first = rest.popFirst() else { return nil }
        var length = Int(first)
        if first >= 0x80 {
            let count = Int(first & 0x7F)
            guard (1...4).contains(count) else { return nil }
            length = 0
            for _ in 0..<count {
                guard let byte = rest.popFirst() else { return nil }
                length = length << 8 | Int(byte)
            }
        }
        guard length <= rest.count else { return nil }
        let contents = rest.prefix(length)
        rest = rest.dropFirst(length)
        return DERReader(contents)
    }
}
