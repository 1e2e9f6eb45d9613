import NIOCore
import NIOPosix
package import Roost

/// Turns what the network reports into errors that say what to try.
package enum WireFailure {
    /// An open connection broke.
    package static func lost(_ error: any Error, engine: String) -> DatabaseError {
        DatabaseError(
            .operational,
            .connectionLost,
            "The connection to the server broke: \(reason(error)).",
            hint: "Open a new connection to go on; whether the last statement took effect is not known.",
            sqlState: "08006",
            engine: engine,
            underlying: error
        )
    }

    /// No connection came about.
    package static func cannotConnect(_ error: any Error, to endpoint: WireEndpoint, engine: String) -> DatabaseError {
        DatabaseError(
            .operational,
            .cannotConnect,
            "Cannot connect to \(endpoint): \(reason(error)).",
            hint: hint(error, endpoint),
            sqlState: "08001",
            engine: engine,
            underlying: error
        )
    }

    /// Connecting took too long.
    package static func connectTimeout(to endpoint: WireEndpoint, after timeout: Duration, engine: String)
        -> DatabaseError
    {
        DatabaseError(
            .operational,
            .cannotConnect,
            "Cannot connect to \(endpoint): no answer within \(timeout).",
            hint: "Is a firewall dropping packets, or the server overloaded? connect_timeout sets how long to wait.",
            sqlState: "08001",
            engine: engine
        )
    }

    private static func reason(_ error: any Error) -> String {
        switch error {
        case let error as NIOConnectionError:
            if let dns = error.dnsAError ?? error.dnsAAAAError, error.connectionErrors.isEmpty {
                return "the name cannot be resolved (\(dns))"
            }
            var reasons: [String] = []
            for single in error.connectionErrors {
                let text = reason(single.error)
                if !reasons.contains(text) { reasons.append(text) }
            }
            return reasons.isEmpty ? "no address answered" : reasons.joined(separator: "; ")
        case let error as IOError: return text(ofErrno: error.errnoCode)
        case let error as ChannelError:
            switch error {
            case .connectTimeout: return "no answer in time"
            case .ioOnClosedChannel, .alreadyClosed, .eof, .inputClosed, .outputClosed: return "it was closed"
            default: return "\(error)"
            }
        default: return "\(error)"
        }
    }

    private static func text(ofErrno code: CInt) -> String {
        String(cString: strerror(code)).lowercased()
    }

    private static func hint(_ error: any Error, _ endpoint: WireEndpoint) -> String {
        switch endpoint {
        case .unixSocket: "Is the server running here, and is this the directory of its socket?"
        case .host:
            if let error = error as? NIOConnectionError, error.connectionErrors.isEmpty {
                "Check the host's name."
            } else {
                "Is the server running, and does it listen on this address and port?"
            }
        }
    }
}

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif
