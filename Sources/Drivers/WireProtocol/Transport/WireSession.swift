public import NIOCore
public import Roost

/// The client side of one engine's protocol on one connection: what a ``WireTransport`` drives.
///
/// A session is confined to its transport's event loop. It parses what arrives, writes through the transport, and keeps whatever
/// state machines its protocol needs; it never touches a channel.
public protocol WireSession: AnyObject, SendableMetatype {
    /// Takes in the bytes received and not yet taken.
    ///
    /// - Returns: how many bytes were used. Fewer than there are means that a message is still incomplete, or that the session
    ///   ``isFull``; the rest comes again, with what follows it.
    /// - Throws: what the peer did wrong. The transport closes the channel then.
    func receive(_ bytes: UnsafeRawBufferPointer) throws(DatabaseError) -> Int

    /// Everything the socket had to give was taken in: the moment to hand on what is complete.
    func receiveCompleted()

    /// Whether no more shall be read until ``WireTransport/resume()``: back-pressure.
    var isFull: Bool { get }

    /// Whether what arrives is one long stream whose consumer gains from few large reads.
    var readsInBulk: Bool { get }

    /// The TLS handshake asked for by ``WireTransport/startTLS(_:)`` is done.
    func secured(_ security: WireSecurity)

    /// A moment asked for by ``WireTransport/schedule(_:)`` has come.
    func deadlineReached(_ now: NIODeadline)

    /// The connection is gone, or a write failed, or the peer broke the protocol. Called once; nothing else comes after it.
    func disconnected(_ error: DatabaseError)
}

extension WireSession {
    public var readsInBulk: Bool { false }
}

/// What TLS tells of a secured connection.
public struct WireSecurity: Sendable {
    /// The protocol's version as people write it: `TLSv1.3`.
    public var version: String?
    /// The `tls-server-end-point` channel binding (RFC 5929 §4): the hash of the server's certificate; nil where it has none.
    public var serverEndPoint: [UInt8]?

    /// What is known.
    public init(version: String?, serverEndPoint: [UInt8]?) {
        self.version = version
        self.serverEndPoint = serverEndPoint
    }
}
