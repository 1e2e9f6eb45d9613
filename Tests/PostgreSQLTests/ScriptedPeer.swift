import NIOCore
import NIOPosix
import Synchronization
import Testing

/// A peer that listens on a loopback port and answers what arrives by a script: for what no real server can be made to do.
struct ScriptedPeer {
    /// What the peer does when something arrived.
    enum Reply {
        case bytes([UInt8])
        /// These bytes, then the others again and again, as fast as they are taken.
        case endless([UInt8], then: [UInt8])
        case close

        /// The same after these bytes.
        func after(_ bytes: [UInt8]) -> Reply {
            switch self {
            case .bytes(let own): .bytes(bytes + own)
            case .endless(let first, let again): .endless(bytes + first, then: again)
            case .close: .close
            }
        }
    }

    let port: Int
    private let channel: any Channel
    private let sent: Counter

    private final class Counter: Sendable {
        let bytes = Atomic(0)
    }

    /// Bytes that went out so far.
    var bytesSent: Int { sent.bytes.load(ordering: .relaxed) }

    /// Listens. `answer` gets all bytes of one read and returns what is sent back; nil closes the connection.
    static func start(_ answer: @escaping @Sendable ([UInt8]) -> [UInt8]?) async throws -> ScriptedPeer {
        try await start { bytes in answer(bytes).map(Reply.bytes) ?? .close }
    }

    /// The same with replies that may have no end.
    static func start(replying answer: @escaping @Sendable ([UInt8]) -> Reply) async throws -> ScriptedPeer {
        let sent = Counter()
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Answering(answer, sent))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        return ScriptedPeer(port: channel.localAddress?.port ?? 0, channel: channel, sent: sent)
    }

    func stop() async {
        try? await channel.close().get()
    }

    private final class Answering: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer
        private let answer: @Sendable ([UInt8]) -> Reply
        private let sent: Counter
        private var flood: ByteBuffer?

        init(_ answer: @escaping @Sendable ([UInt8]) -> Reply, _ sent: Counter) {
            self.answer = answer
            self.sent = sent
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            // Who floods does not listen.
            guard flood == nil else { return }
            switch answer(Array(unwrapInboundIn(data).readableBytesView)) {
            case .close: context.close(promise: nil)
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

/// Bytes of a server under a name: a test that fails prints the name, not the bytes, which may be a million.
struct NamedBytes: Sendable, CustomTestStringConvertible {
    let name: String
    let bytes: [UInt8]

    var testDescription: String { name }

    static func list(_ pairs: [(String, [UInt8])]) -> [NamedBytes] { pairs.map { NamedBytes(name: $0.0, bytes: $0.1) } }
}
