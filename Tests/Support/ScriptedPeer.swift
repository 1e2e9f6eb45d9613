import NIOCore
import NIOPosix
import Synchronization

/// A peer that listens on a loopback port and answers what arrives by a script: for what no real server can be made to do.
public struct ScriptedPeer {
    /// What the peer does when something arrived.
    public enum Reply: Sendable {
        /// These bytes.
        case bytes([UInt8])
        /// These bytes, then the others again and again, as fast as they are taken.
        case endless([UInt8], then: [UInt8])
        /// Closes the connection.
        case close

        /// The same after these bytes.
        public func after(_ bytes: [UInt8]) -> Reply {
            switch self {
            case .bytes(let own): .bytes(bytes + own)
            case .endless(let first, let again): .endless(bytes + first, then: again)
            case .close: .close
            }
        }
    }

    /// The port it listens on.
    public let port: Int
    private let channel: any Channel
    private let sent: Counter

    private final class Counter: Sendable {
        let bytes = Atomic(0)
    }

    /// Bytes that went out so far.
    public var bytesSent: Int { sent.bytes.load(ordering: .relaxed) }

    /// Listens. `answer` gets all bytes of one read and returns what is sent back; nil closes the connection.
    public static func start(_ answer: @escaping @Sendable ([UInt8]) -> [UInt8]?) async throws -> ScriptedPeer {
        try await start { bytes in answer(bytes).map(Reply.bytes) ?? .close }
    }

    /// The same with replies that may have no end.
    ///
    /// - Parameter greeting: what each connection gets before anything arrived.
    public static func start(
        greeting: Reply = .bytes([]),
        replying answer: @escaping @Sendable ([UInt8]) -> Reply
    ) async throws -> ScriptedPeer {
        let sent = Counter()
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Answering(greeting, answer, sent))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        return ScriptedPeer(port: channel.localAddress?.port ?? 0, channel: channel, sent: sent)
    }

    /// Listens no more.
    public func stop() async {
        try? await channel.close().get()
    }

    private final class Answering: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer
        private let greeting: Reply
        private let answer: @Sendable ([UInt8]) -> Reply
        private let sent: Counter
        private var flood: ByteBuffer?

        init(_ greeting: Reply, _ answer: @escaping @Sendable ([UInt8]) -> Reply, _ sent: Counter) {
            self.greeting = greeting
            self.answer = answer
            self.sent = sent
        }

        func channelActive(context: ChannelHandlerContext) { perform(greeting, context) }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            // Who floods does not listen.
            guard flood == nil else { return }
            perform(answer(Array(unwrapInboundIn(data).readableBytesView)), context)
        }

        private func perform(_ reply: Reply, _ context: ChannelHandlerContext) {
            switch reply {
            case .close: context.close(promise: nil)
            case .bytes(let bytes) where bytes.isEmpty: break
            case .bytes(let bytes): send(ByteBuffer(bytes: bytes), context)
            case .endless(let first, let again):
                flood = ByteBuffer(bytes: again)
                send(ByteBuffer(bytes: first), context)
                pour(context)
            }
        }

        func channelWritabilityChanged(context: ChannelHandlerContext) { pour(context) }

        private func pour(_ context: ChannelHandlerContext) {
            guard let flood else { return }
            while context.channel.isActive, context.channel.isWritable { send(flood, context) }
        }

        private func send(_ bytes: ByteBuffer, _ context: ChannelHandlerContext) {
            sent.bytes.add(bytes.readableBytes, ordering: .relaxed)
            context.writeAndFlush(wrapOutboundOut(bytes), promise: nil)
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }
}
