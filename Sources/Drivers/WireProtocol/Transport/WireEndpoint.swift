/// One place a server may listen at.
public enum WireEndpoint: Sendable, Hashable, CustomStringConvertible {
    /// A name or address, and a port.
    case host(String, port: Int)
    /// The path of a unix socket.
    case unixSocket(path: String)

    /// `name:5432`, `[::1]:5432` or the socket's path.
    public var description: String {
        switch self {
        case .host(let name, let port): name.contains(":") ? "[\(name)]:\(port)" : "\(name):\(port)"
        case .unixSocket(let path): path
        }
    }

    /// The name or address, or the socket's path.
    public var address: String {
        switch self {
        case .host(let name, _): name
        case .unixSocket(let path): path
        }
    }

    /// The port; nil for a socket in the file system.
    public var port: Int? {
        if case .host(_, let port) = self { port } else { nil }
    }

    /// Whether what is sent never leaves this machine.
    public var isLocal: Bool {
        switch self {
        case .unixSocket: true
        case .host(let name, _):
            name == "localhost" || name == "::1"
                || name.hasPrefix("127.") && name.split(separator: ".").count == 4
                    && name.utf8.allSatisfy { $0 == 0x2E || $0 &- 48 < 10 }
        }
    }
}
