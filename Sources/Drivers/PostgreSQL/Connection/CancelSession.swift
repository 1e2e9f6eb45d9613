import NIOCore
import Roost
import WireProtocol

/// A side connection that asks the server to end what another connection runs (PostgreSQL documentation, "Canceling Requests in
/// Progress"): over TLS where that one uses it. The server answers by closing.
final class CancelSession: WireSession {
    private let transport: WireTransport
    private let tls: WireTLS?
    private let processID: Int32
    private let secret: [UInt8]
    private let completion: () -> Void
    private var isWaitingForTLS = false

    init(
        transport: WireTransport,
        tls: WireTLS?,
        processID: Int32,
        secret: [UInt8],
        completion: @escaping () -> Void
    ) {
        self.transport = transport
        self.tls = tls
        self.processID = processID
        self.secret = secret
        self.completion = completion
    }

    /// Sends the request.
    func start(isDirectTLS: Bool) {
        transport.schedule(.now() + .seconds(10))
        guard tls != nil else { return send() }
        if isDirectTLS { return startTLS() }
        isWaitingForTLS = true
        transport.write { $0.writeSSLRequest() }
        transport.flush()
    }

    private func startTLS() {
        guard let tls else { return }
        do throws(DatabaseError) { try transport.startTLS(tls) } catch { transport.fail(error) }
    }

    private func send() {
        transport.write { $0.writeCancelRequest(processID: processID, secret: secret) }
        transport.flush()
    }

    func receive(_ bytes: UnsafeRawBufferPointer) throws(DatabaseError) -> Int {
        guard isWaitingForTLS, let answer = bytes.first else { return bytes.count }
        isWaitingForTLS = false
        guard answer == UInt8(ascii: "S"), bytes.count == 1 else {
            throw PostgreSQLErrors.violation("TLS was refused for a cancellation")
        }
        startTLS()
        return 1
    }

    func receiveCompleted() {}
    var isFull: Bool { false }
    func secured(_ security: WireSecurity) { send() }
    func deadlineReached(_ now: NIODeadline) { transport.close() }
    func disconnected(_ error: DatabaseError) { completion() }
}
