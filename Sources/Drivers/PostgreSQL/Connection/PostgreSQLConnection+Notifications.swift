import NIOCore
public import Roost
import WireProtocol

extension PostgreSQLConnection: NotificationConnection {
    /// The messages of a channel from now on. Ending the iteration stops listening once nobody else on this connection does.
    ///
    /// The stream ends with the connection's error when that is lost; at most 4,096 messages wait for their reader, and more of
    /// them drop the oldest.
    public func notifications(
        on channel: String
    ) async throws(DatabaseError) -> AsyncThrowingStream<Notification, any Error> {
        let (stream, continuation) = AsyncThrowingStream<Notification, any Error>.makeStream(
            bufferingPolicy: .bufferingNewest(4_096)
        )
        nextListener += 1
        let id = nextListener
        session.isDirty = true
        let isFirst = session.listeners[channel] == nil
        // Registered first: a message may follow the answer to LISTEN in the same packet.
        session.listeners[channel, default: [:]][id] = continuation
        if isFirst {
            let statement: Statement = "LISTEN \(identifier: channel)"
            do throws(DatabaseError) {
                try await runSimple(statement.text)
            } catch {
                session.listeners[channel]?[id] = nil
                throw error
            }
        }
        let bound = bound
        continuation.onTermination = { _ in
            bound.eventLoop.execute { bound.value.stopListening(channel, id) }
        }
        return stream
    }

    /// Sends a message, when the open transaction commits if there is one.
    public func notify(_ channel: String, payload: String) async throws(DatabaseError) {
        try await execute("select pg_notify(\(channel), \(payload))")
    }
}

extension PostgreSQLSession {
    /// One listener less; the server is told when it was the last one.
    func stopListening(_ channel: String, _ id: Int) {
        listeners[channel]?[id] = nil
        guard closeError == nil, listeners[channel]?.isEmpty == true else { return }
        listeners[channel] = nil
        let exchange = Exchange(script: Exchange.Script(isSimple: true))
        let statement: Statement = "UNLISTEN \(identifier: channel)"
        transport.write { $0.writeQuery(statement.text) }
        submit(exchange, timeout: nil)
    }
}
