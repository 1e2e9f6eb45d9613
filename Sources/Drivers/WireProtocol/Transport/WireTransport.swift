public import NIOCore
import NIOSSL
import NIOTLS
public import Roost

/// Carries bytes between a socket and a ``WireSession``: reads with back-pressure, writes gathered per turn of the event loop, TLS
/// on demand, one timer. All of it on the channel's event loop, where every call must be made.
public final class WireTransport: ChannelDuplexHandler {
    public typealias InboundIn = ByteBuffer
    public typealias OutboundIn = ByteBuffer
    public typealias OutboundOut = ByteBuffer

    /// Where everything here runs.
    public let eventLoop: any EventLoop
    /// Whether the connection is still there, for those who are elsewhere.
    public let liveness = WireLiveness()
    private let engine: String
    // The session owns the transport too; disconnecting ends the cycle.
    private(set) var session: (any WireSession)?
    private var context: ChannelHandlerContext?
    /// Bytes received and not taken in by the session yet.
    private var unread: ByteBuffer?
    /// Bytes received since the session was last offered some.
    private var arrived: ByteBuffer?
    private var output: ByteBuffer
    private var isFlushScheduled = false
    private var isGathering = false
    private var isReadWanted = false
    /// Bytes that the last turn of reading brought.
    private var readBytes = 0
    /// Fewer bytes at a time are worth a pause in which more of them come.
    private static let bulkBytes = 65_536
    /// Shorter than a network's round trip, and than what a socket's buffer holds.
    private static let readPause = TimeAmount.microseconds(500)
    private var isProcessing = false
    private var isDisconnected = false
    private var failure: DatabaseError?
    private var timer: Scheduled<Void>?
    private var timerDeadline: NIODeadline?
    /// When a busy producer has to let the event loop go next.
    private var nextPause = NIODeadline.uptimeNanoseconds(0)
    private static let pauseInterval = TimeAmount.milliseconds(5)

    /// A transport for a channel of this event loop; `engine` names the engine in errors.
    public init(eventLoop: any EventLoop, engine: String) {
        self.eventLoop = eventLoop
        self.engine = engine
        output = ByteBufferAllocator().buffer(capacity: 1_024)
    }

    /// Gives the transport its session. Once, before the channel is active.
    public func attach(_ session: any WireSession) {
        self.session = session
    }

    /// Whether the connection is still there.
    public var isOpen: Bool { context != nil && !isDisconnected }

    // MARK: Writing

    /// Appends to what is written next; nothing of it when `body` throws. Nothing leaves before ``flush()`` or ``flushSoon()``.
    public func write<E: Error>(_ body: (inout ByteBuffer) throws(E) -> Void) throws(E) {
        let start = output.writerIndex
        do throws(E) {
            try body(&output)
        } catch {
            output.moveWriterIndex(to: start)
            throw error
        }
    }

    /// Bytes that are not flushed yet.
    public var pendingBytes: Int { output.readableBytes }

    /// Writes what was appended, now.
    public func flush() {
        guard let context, !isDisconnected, !isGathering, output.readableBytes > 0 else { return }
        context.writeAndFlush(wrapOutboundOut(output), promise: nil)
        // A buffer that grew for one large request is not kept.
        if output.capacity > 1 << 20 {
            output = context.channel.allocator.buffer(capacity: 1_024)
        } else {
            output.clear()
        }
    }

    /// Holds back what `body` flushes, and writes it at its end, in one.
    public func gather(_ body: () -> Void) {
        let isOutermost = !isGathering
        isGathering = true
        body()
        guard isOutermost else { return }
        isGathering = false
        flush()
    }

    /// Writes what was appended at the end of this turn of the event loop, so that requests of many tasks share a packet.
    public func flushSoon() {
        guard !isFlushScheduled, let context else { return }
        isFlushScheduled = true
        context.eventLoop.assumeIsolated().execute {
            self.isFlushScheduled = false
            self.flush()
        }
    }

    /// Writes what was appended and calls back once the socket took it, false when it failed.
    public func flush(_ completion: @escaping (Bool) -> Void) {
        guard let context, !isDisconnected else { return completion(false) }
        let promise = context.eventLoop.makePromise(of: Void.self)
        context.writeAndFlush(wrapOutboundOut(output), promise: promise)
        output.clear()
        promise.futureResult.assumeIsolated().whenComplete { result in
            if case .success = result { completion(true) } else { completion(false) }
        }
    }

    /// Writes what was appended and calls back once the socket took it.
    ///
    /// An event loop looks after its sockets once it has nothing else to do, and a producer that never has to wait would keep it from
    /// that for ever: this connection would not hear the server's refusal, nor the others on the loop anything at all. So now and
    /// then the call back comes a moment later than it could.
    public func flushFairly(_ completion: @escaping () -> Void) {
        flush { _ in
            let now = NIODeadline.now()
            guard now >= self.nextPause else { return completion() }
            self.nextPause = now + Self.pauseInterval
            self.eventLoop.assumeIsolated().scheduleTask(in: .microseconds(100)) { completion() }
        }
    }

    // MARK: TLS and closing

    /// Begins a TLS handshake; ``WireSession/secured(_:)`` follows it. Bytes the peer sent ahead of it are refused: they came
    /// unprotected, and must not be taken for what the secured peer says.
    public func startTLS(_ settings: WireTLS) throws(DatabaseError) {
        guard let context else { return }
        guard (unread?.readableBytes ?? 0) == 0 else {
            throw DatabaseError(
                .operational,
                .protocolViolation,
                "The server sent data before the TLS handshake; somebody may be tampering with the connection.",
                engine: engine
            )
        }
        do {
            let handler = try NIOSSLClientHandler(context: settings.context, serverHostname: settings.serverHostname)
            try context.channel.pipeline.syncOperations.addHandler(handler, position: .before(self))
        } catch {
            throw WireTLS.failure(error, engine: engine)
        }
    }

    /// Closes the connection after what was written.
    public func close() {
        flush()
        context?.close(promise: nil)
    }

    /// Closes the connection and tells the session why, soon: TLS's goodbye to a peer that is gone takes its time.
    public func fail(_ error: DatabaseError) {
        failure = failure ?? error
        guard let context else { return disconnect() }
        context.close(promise: nil)
        context.eventLoop.assumeIsolated().execute { self.disconnect() }
    }

    private func disconnect() {
        guard !isDisconnected else { return }
        isDisconnected = true
        liveness.lose()
        timer?.cancel()
        timer = nil
        unread = nil
        arrived = nil
        let error =
            failure
            ?? DatabaseError(
                .operational,
                .connectionLost,
                "The server closed the connection.",
                hint: "Look into the server's log; open a new connection to go on.",
                sqlState: "08006",
                engine: engine
            )
        session?.disconnected(error)
        session = nil
    }

    // MARK: The timer

    /// Asks for ``WireSession/deadlineReached(_:)`` at this moment or earlier. One timer serves the whole connection: a moment later
    /// than the one already asked for costs nothing, and the session asks again when it is called.
    public func schedule(_ deadline: NIODeadline) {
        if let timerDeadline, timerDeadline <= deadline { return }
        timer?.cancel()
        timerDeadline = deadline
        timer = eventLoop.assumeIsolated().scheduleTask(deadline: deadline) {
            self.timerDeadline = nil
            self.timer = nil
            guard !self.isDisconnected else { return }
            self.session?.deadlineReached(.now())
        }
    }

    // MARK: Reading

    /// Goes on after the session was full: what was already received first, then the socket.
    public func resume() {
        guard !isProcessing else { return }
        process()
        guard let context, isReadWanted, session?.isFull == false else { return }
        isReadWanted = false
        context.read()
    }

    private func process() {
        guard !isProcessing, let session else { return }
        isProcessing = true
        defer { isProcessing = false }
        // What arrives meanwhile, because a call below reads or writes, waits in `arrived`.
        while !isDisconnected, !session.isFull, takeIn(session) {}
    }

    /// Offers the session what is unread; false when it can do nothing with it before more comes.
    private func takeIn(_ session: any WireSession) -> Bool {
        if var arrived {
            if unread == nil { unread = arrived } else { unread?.writeBuffer(&arrived) }
            self.arrived = nil
        }
        guard var buffer = unread else { return false }
        unread = nil
        var wasFull = false
        let result = buffer.withUnsafeReadableBytes { bytes -> Result<Int, DatabaseError> in
            do throws(DatabaseError) { return .success(try session.receive(bytes)) } catch { return .failure(error) }
        }
        switch result {
        case .success(let count):
            buffer.moveReaderIndex(forwardBy: min(max(count, 0), buffer.readableBytes))
            if buffer.readableBytes > 0 {
                // What is left of much costs little to move, and then holds no more than it needs.
                if buffer.readerIndex > buffer.readableBytes { buffer.discardReadBytes() }
                unread = buffer
            }
            wasFull = session.isFull
            session.receiveCompleted()
        case .failure(let error):
            session.receiveCompleted()
            fail(error)
        }
        // A session that was full may have been emptied by its consumer at once; it gets the rest now, since nothing else may come.
        return arrived != nil || wasFull
    }

    public func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if isDisconnected { return }
        var received = unwrapInboundIn(data)
        readBytes += received.readableBytes
        if arrived == nil { arrived = received } else { arrived?.writeBuffer(&received) }
        // A session that is full gets the rest with resume().
        process()
    }

    public func read(context: ChannelHandlerContext) {
        guard session?.isFull != true else { return isReadWanted = true }
        let isLittle = readBytes < Self.bulkBytes
        readBytes = 0
        guard isLittle, session?.readsInBulk == true else { return context.read() }
        // A server that writes a few kilobytes at a time would wake this thread for each of them, and wait for it on a busy machine.
        eventLoop.assumeIsolated().scheduleTask(in: Self.readPause) {
            guard let context = self.context, !self.isDisconnected else { return }
            if self.session?.isFull == true { self.isReadWanted = true } else { context.read() }
        }
    }

    public func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    public func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        disconnect()
    }

    public func channelInactive(context: ChannelHandlerContext) {
        disconnect()
        context.fireChannelInactive()
    }

    public func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if WireTLS.isUncleanShutdown(error) {
            // The peer went away without TLS's goodbye, as PostgreSQL does; the closed socket says it all.
            context.close(promise: nil)
            return
        }
        fail(WireTLS.isTLS(error) ? WireTLS.failure(error, engine: engine) : WireFailure.lost(error, engine: engine))
    }

    public func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let event = event as? TLSUserEvent, case .handshakeCompleted = event {
            session?.secured(WireTLS.security(of: context.channel))
        }
        context.fireUserInboundEventTriggered(event)
    }
}
