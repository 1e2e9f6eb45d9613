import NIOCore
public import Roost
import WireProtocol

extension PostgreSQLConnection: NotificationConnection {
    /// The messages of a channel from now on. Ending the iteration stops listening once nobody else on this connection does.
    ///
    /// The stream ends with the connection's error when that is lost, see ``PostgreSQLListener`` for more; at most 4,096 messages
    /// wait for their reader, and more of them drop the oldest.
    public func notifications(
        on channel: String
    ) async throws(DatabaseError) -> AsyncThrowingStream<Notification, any Error> {
        try await notifications(on: [channel])
    }

    /// The messages of several channels, in the order in which they were sent.
    public func notifications(
        on channels: [String]
    ) async throws(DatabaseError) -> AsyncThrowingStream<Notification, any Error> {
        let (stream, continuation) = AsyncThrowingStream<Notification, any Error>.makeStream(
            bufferingPolicy: .bufferingNewest(4_096)
        )
        nextListener += 1
        let (id, bound) = (nextListener, bound)
        session.isDirty = true
        continuation.onTermination = { _ in
            bound.eventLoop.execute {
                for channel in channels { bound.value.stopListening(channel, id) }
            }
        }
        for channel in channels {
            let isFirst = session.listeners[channel] == nil
            // Registered first: a message may follow the answer to LISTEN in the same packet.
            session.listeners[channel, default: [:]][id] = continuation
            guard isFirst else { continue }
            let statement: Statement = "LISTEN \(identifier: channel)"
            do throws(DatabaseError) {
                try await runSimple(statement.text)
            } catch {
                continuation.finish()
                throw error
            }
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
        guard listeners[channel]?.removeValue(forKey: id) != nil, closeError == nil, listeners[channel]?.isEmpty == true
        else { return }
        listeners[channel] = nil
        let exchange = Exchange(script: Exchange.Script(isSimple: true))
        let statement: Statement = "UNLISTEN \(identifier: channel)"
        transport.write { $0.writeQuery(statement.text) }
        submit(exchange, timeout: nil)
    }
}
