import Roost

/// What a server says first (`Protocol::HandshakeV10`).
struct ServerGreeting: Sendable {
    /// As it is sent; MariaDB's may begin with `5.5.5-`, for clients that would take 10 for something else.
    var version: String
    var connectionID: UInt32
    var capabilities: ClientCapabilities
    var status: ServerStatus
    var plugin: String
    var challenge: [UInt8]

    var isMariaDB: Bool { version.contains("MariaDB") || !capabilities.contains(.longPassword) }

    /// The version as people know it: `10.11.14`.
    var shortVersion: String {
        var text = version[...]
        if text.hasPrefix("5.5.5-") { text = text.dropFirst(6) }
        return String(text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") })
    }

    /// Reads a greeting; nil when it is malformed.
    init?(_ payload: UnsafeRawBufferPointer) {
        var reader = PacketReader(payload)
        guard reader.integer(UInt8.self) == 10, let version = reader.zeroTerminatedString(), version.utf8.count <= 256,
            let connectionID = reader.integer(UInt32.self), let first = reader.bytes(8), reader.skip(1),
            let low = reader.integer(UInt16.self)
        else { return nil }
        self.version = version
        self.connectionID = connectionID
        challenge = Array(first)
        var flags = UInt64(low)
        status = []
        plugin = "mysql_native_password"
        if reader.remaining > 0 {
            guard reader.skip(1), let status = reader.integer(UInt16.self), let high = reader.integer(UInt16.self),
                let length = reader.integer(UInt8.self), reader.skip(6), let extended = reader.integer(UInt32.self)
            else { return nil }
            self.status = ServerStatus(rawValue: status)
            flags |= UInt64(high) << 16
            // MySQL leaves these bytes zero.
            if flags & ClientCapabilities.longPassword.rawValue == 0 { flags |= UInt64(extended) << 32 }
            let capabilities = ClientCapabilities(rawValue: flags)
            if capabilities.contains(.secureConnection) {
                guard let second = reader.bytes(min(max(13, Int(length) - 8), reader.remaining)) else { return nil }
                challenge += second
            }
            if capabilities.contains(.pluginAuthentication) {
                let rest = reader.rest
                plugin = String(decoding: rest.prefix { $0 != 0 }.prefix(64), as: UTF8.self)
            }
        }
        capabilities = ClientCapabilities(rawValue: flags)
    }
}
