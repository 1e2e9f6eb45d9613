import Logging
public import Roost
import RoostConnectionPool

/// Listens to channels over a connection of its own, and over another one when that is lost.
///
/// ```swift
/// for try await event in PostgreSQLListener(configuration, channels: ["jobs"]) {
///     switch event {
///     case .listening: try await readTheTable()
///     case .message(let message): try await handle(message.payload)
///     }
/// }
/// ```
///
/// What is sent while no connection listens is lost; PostgreSQL keeps nothing for later. So each ``Event/listening`` is the moment
/// to look at what the messages are about. Iterating twice listens twice. The iteration ends when its task is cancelled, and throws
/// when the first connection cannot be made, or a later one for a reason that will not pass: a changed password, a dropped database.
public struct PostgreSQLListener: AsyncSequence, Sendable {
    /// What comes.
    public typealias Element = Event

    /// What a listener tells.
    public enum Event: Sendable, Hashable {
        /// From here on messages arrive: at the beginning, and again after each lost connection.
        case listening
        /// A message.
        case message(Notification)
    }

    private let configuration: ConnectionConfiguration
    private let channels: [String]
    private let initialBackoff: Duration
    private let maximumBackoff: Duration

    /// A listener. It connects when it is iterated.
    ///
    /// - Parameters:
    ///   - initialBackoff: the wait after the first attempt that failed; doubled with each further one, and jittered.
    ///   - maximumBackoff: the longest wait.
    public init(
        _ configuration: ConnectionConfiguration,
        channels: [String],
        initialBackoff: Duration = .milliseconds(100),
        maximumBackoff: Duration = .seconds(15)
    ) {
        self.configuration = configuration
        self.channels = channels
        self.initialBackoff = initialBackoff
        self.maximumBackoff = maximumBackoff
    }

    /// Begins to listen, with a connection of its own.
    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(listener: self) }

    /// Hands out events in order.
    public struct AsyncIterator: AsyncIteratorProtocol {
        private let listener: PostgreSQLListener
        private var connection: PostgreSQLConnection?
        private var messages: AsyncThrowingStream<Notification, any Error>.Iterator?
        /// When it last began to listen; nil for never.
        private var began: ContinuousClock.Instant?
        private var delay: Duration

        init(listener: PostgreSQLListener) {
            self.listener = listener
            delay = listener.initialBackoff
        }

        /// The next event; nil when the task is cancelled.
        ///
        /// - Throws: the error of connecting that will not pass.
        public mutating func next() async throws -> Event? {
            do {
                if let message = try await messages?.next(isolation: #isolation) { return .message(message) }
            } catch let error as DatabaseError {
                listener.configuration.logger.warning(
                    "a listener lost its connection",
                    metadata: ["error": "\(error)", "channels": "\(listener.channels)"]
                )
            }
            messages = nil
            await connection?.close()
            connection = nil
            if let began {
                // A connection that lasted starts anew; one that did not is a failure like one that was never made.
                if began.duration(to: .now) > listener.maximumBackoff { delay = listener.initialBackoff }
                guard await backOff() else { return nil }
            }
            try await reconnect()
            return connection == nil ? nil : .listening
        }

        /// Connects and listens, again and again as long as the reason for failing may pass.
        private mutating func reconnect() async throws {
            while !Task.isCancelled {
                do throws(DatabaseError) {
                    let connection = try await PostgreSQLDriver().connect(listener.configuration)
                    messages = try await connection.notifications(on: listener.channels).makeAsyncIterator()
                    self.connection = connection
                    began = .now
                    return
                } catch {
                    if error.condition == .cancelled || Task.isCancelled { return }
                    guard began != nil, !PoolConfiguration.isPermanent(error) else { throw error }
                }
                guard await backOff() else { return }
            }
        }

        /// Waits before the next attempt; false when the task was cancelled.
        private mutating func backOff() async -> Bool {
            defer { delay = Swift.min(delay * 2, listener.maximumBackoff) }
            return (try? await Task.sleep(for: delay * Double.random(in: 0.5...1))) != nil
        }
    }
}
