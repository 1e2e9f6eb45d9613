import NIOConcurrencyHelpers
import NIOCore
import NIOPosix

/// A TCP proxy in front of a real server that can fail as networks do: cut its connections, or keep them and carry nothing.
public final class FaultProxy: Sendable {
    private struct State {
        var channels: [ObjectIdentifier: any Channel] = [:]
        var isSilent = false
        var accepted = 0
    }

    /// The port it listens on.
    public let port: Int
    private let listener: any Channel
    // Not a Mutex, which the thread sanitizer does not understand.
    private let state: NIOLockedValueBox<State>

    private init(listener: any Channel, state: NIOLockedValueBox<State>) {
        self.listener = listener
        self.state = state
        port = listener.localAddress?.port ?? 0
    }

    /// Listens on a loopback port and carries each connection to `target` on this machine.
    public static func start(to target: Int) async throws -> FaultProxy {
        let state = NIOLockedValueBox(State())
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.autoRead, value: false)
            .childChannelInitializer { inbound in accept(inbound, target: target, state: state) }
            .bind(host: "127.0.0.1", port: 0).get()
        return FaultProxy(listener: listener, state: state)
    }

    private static func accept(_ inbound: any Channel, target: Int, state: NIOLockedValueBox<State>) -> EventLoopFuture<
        Void
    > {
        keep(inbound, state)
        let isSilent = state.withLockedValue { state in
            state.accepted += 1
            return state.isSilent
        }
        // Taken by the operating system, and answered by nobody.
        if isSilent { return inbound.eventLoop.makeSucceededVoidFuture() }
        return ClientBootstrap(group: inbound.eventLoop)
            .channelOption(.autoRead, value: false)
            .channelInitializer { outbound in
                keep(outbound, state)
                return outbound.eventLoop.makeCompletedFuture {
                    try outbound.pipeline.syncOperations.addHandler(Carrier(to: inbound))
                }
            }
            .connect(host: "127.0.0.1", port: target)
            .flatMapThrowing { outbound in
                try inbound.pipeline.syncOperations.addHandler(Carrier(to: outbound))
            }
            .map { allowReading(state) }
            .flatMapError { error in
                inbound.close(promise: nil)
                return inbound.eventLoop.makeFailedFuture(error)
            }
    }

    private static func allowReading(_ state: NIOLockedValueBox<State>) {
        for channel in state.withLockedValue({ $0.isSilent ? [] : Array($0.channels.values) }) {
            channel.setOption(.autoRead, value: true).whenComplete { _ in }
        }
    }

    private static func keep(_ channel: any Channel, _ state: NIOLockedValueBox<State>) {
        let id = ObjectIdentifier(channel)
        state.withLockedValue { $0.channels[id] = channel }
        channel.closeFuture.whenComplete { _ in state.withLockedValue { $0.channels[id] = nil } }
    }

    /// Starts a proxy, runs `body`, and stops it whatever happens.
    public static func with<R>(target: Int, _ body: (FaultProxy) async throws -> R) async throws -> R {
        let proxy = try await start(to: target)
        let result: Result<R, any Error>
        do { result = .success(try await body(proxy)) } catch { result = .failure(error) }
        await proxy.stop()
        return try result.get()
    }

    /// Connections taken so far.
    public var accepted: Int { state.withLockedValue { $0.accepted } }

    /// Cuts every connection, on both sides.
    public func cut() {
        for channel in state.withLockedValue({ Array($0.channels.values) }) { channel.close(promise: nil) }
    }

    /// Carries nothing from now on and says so to nobody, as a network that drops every packet; new connections are taken and get
    /// no answer.
    public func fallSilent() async {
        let channels = state.withLockedValue { state in
            state.isSilent = true
            return Array(state.channels.values)
        }
        for channel in channels { try? await channel.setOption(.autoRead, value: false).get() }
    }

    /// Carries again what comes in on new connections; the old ones are gone.
    public func recover() {
        state.withLockedValue { $0.isSilent = false }
        cut()
    }

    /// Listens no more, and cuts what is left.
    public func stop() async {
        try? await listener.close().get()
        cut()
    }

    private final class Carrier: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer
        private let target: any Channel

        init(to target: any Channel) { self.target = target }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            target.writeAndFlush(unwrapInboundIn(data), promise: nil)
        }

        func channelInactive(context: ChannelHandlerContext) { target.close(promise: nil) }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }
}
