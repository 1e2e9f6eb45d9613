public import NIOCore
public import NIOPosix
public import Roost

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Opens connections: TCP with happy eyeballs (RFC 8305) over a name's addresses, or unix sockets.
public enum WireConnector {
    /// A session together with the event loop it is bound to.
    public struct Connected<Session: WireSession>: Sendable {
        /// The session; to be touched on its event loop alone.
        public let session: NIOLoopBound<Session>
        /// The event loop.
        public let eventLoop: any EventLoop
    }

    /// Connects to one endpoint and hands the channel to a session.
    ///
    /// - Parameters:
    ///   - makeSession: makes the session on its event loop, before the channel is active.
    /// - Throws: `operational.cannotConnect` that says which endpoint and why.
    public static func connect<Session: WireSession>(
        to endpoint: WireEndpoint,
        timeout: Duration,
        engine: String,
        on eventLoop: any EventLoop = MultiThreadedEventLoopGroup.singleton.next(),
        makeSession: @escaping @Sendable (WireTransport) -> Session
    ) async throws(DatabaseError) -> Connected<Session> {
        let opening = made(endpoint, timeout: timeout, engine: engine, on: eventLoop, makeSession)
        let promise = eventLoop.makePromise(of: NIOLoopBound<Session>.self)
        let isAbandoned = NIOLoopBoundBox.makeBoxSendingValue(false, eventLoop: eventLoop)
        opening.whenComplete { result in
            switch result {
            case .success(let made) where isAbandoned.value: made.value.channel.close(promise: nil)
            case .success(let made): promise.succeed(NIOLoopBound(made.value.session, eventLoop: eventLoop))
            case .failure(let error): promise.fail(error)
            }
        }
        let outcome = await withTaskCancellationHandler {
            await promise.futureResult.outcome()
        } onCancel: {
            eventLoop.execute {
                isAbandoned.value = true
                // Without effect once it has connected.
                promise.fail(CancellationError())
            }
        }
        switch outcome {
        case .success(let session): return Connected(session: session, eventLoop: eventLoop)
        case .failure(let error) where error is CancellationError:
            throw DatabaseError(.operational, .cancelled, "Connecting was cancelled.", engine: engine)
        case .failure(let error): throw WireFailure.cannotConnect(error, to: endpoint, engine: engine)
        }
    }

    /// Has the system look after an idle connection: a peer that is gone without a word is found out after a minute and a half, where
    /// the system's own habit is two hours.
    private static func keepingAlive(_ bootstrap: ClientBootstrap) -> ClientBootstrap {
        #if canImport(Darwin)
            let idle = TCP_KEEPALIVE
        #else
            let idle = TCP_KEEPIDLE
        #endif
        return
            bootstrap
            .channelOption(.tcpOption(NIOBSDSocket.Option(rawValue: idle)), value: 60)
            .channelOption(.tcpOption(NIOBSDSocket.Option(rawValue: TCP_KEEPINTVL)), value: 10)
            .channelOption(.tcpOption(NIOBSDSocket.Option(rawValue: TCP_KEEPCNT)), value: 3)
    }

    /// The same for code that lives on the event loop.
    public static func open<Session: WireSession>(
        _ endpoint: WireEndpoint,
        timeout: Duration,
        engine: String,
        on eventLoop: any EventLoop,
        _ makeSession: @escaping @Sendable (WireTransport) -> Session
    ) -> EventLoopFuture<NIOLoopBound<Session>> {
        made(endpoint, timeout: timeout, engine: engine, on: eventLoop, makeSession).map {
            NIOLoopBound($0.value.session, eventLoop: eventLoop)
        }
    }

    /// A channel and its session, kept together: the pipeline of a server that refuses and closes at once is empty before anybody
    /// could ask it, and the session knows why.
    private struct Made<Session: WireSession> {
        let channel: any Channel
        let session: Session
    }

    private static func made<Session: WireSession>(
        _ endpoint: WireEndpoint,
        timeout: Duration,
        engine: String,
        on eventLoop: any EventLoop,
        _ makeSession: @escaping @Sendable (WireTransport) -> Session
    ) -> EventLoopFuture<NIOLoopBound<Made<Session>>> {
        // Happy eyeballs prepares a channel for each address; the session wanted is that of the one that connected.
        let all = NIOLoopBoundBox.makeBoxSendingValue([Made<Session>](), eventLoop: eventLoop)
        let bootstrap = ClientBootstrap(group: eventLoop)
            .connectTimeout(TimeAmount(timeout))
            .channelOption(.socketOption(.so_keepalive), value: 1)
            .channelOption(
                .recvAllocator,
                value: AdaptiveRecvByteBufferAllocator(minimum: 1_024, initial: 4_096, maximum: 262_144)
            )
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let transport = WireTransport(eventLoop: channel.eventLoop, engine: engine)
                    let session = makeSession(transport)
                    transport.attach(session)
                    all.value.append(Made(channel: channel, session: session))
                    try channel.pipeline.syncOperations.addHandler(transport)
                }
            }
        let opening: EventLoopFuture<any Channel>
        switch endpoint {
        case .host(let name, let port):
            let tcp = keepingAlive(bootstrap.channelOption(.tcpOption(.tcp_nodelay), value: 1))
            opening = tcp.connect(host: name, port: port)
        case .unixSocket(let path):
            opening = bootstrap.connect(unixDomainSocketPath: path)
        }
        return opening.flatMapThrowing { channel in
            guard let made = all.value.first(where: { $0.channel === channel }) else {
                throw ChannelError.ioOnClosedChannel
            }
            return NIOLoopBound(made, eventLoop: eventLoop)
        }
    }
}

extension EventLoopFuture where Value: Sendable {
    fileprivate func outcome() async -> Result<Value, any Error> {
        do { return .success(try await get()) } catch { return .failure(error) }
    }
}
