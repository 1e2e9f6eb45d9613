import NIOCore
import NIOPosix
import NIOSSL

/// A server that agrees to TLS, presents the certificate it is given, and closes once the handshake is done.
public struct TLSPeer {
    /// The port it listens on.
    public let port: Int
    private let channel: any Channel

    /// Listens.
    ///
    /// - Parameters:
    ///   - greeting: what it says first.
    ///   - question: how many bytes the client's question for TLS has; some ask and begin in one write.
    ///   - agreement: what it says to the question for TLS.
    public static func start(
        certificate: String,
        key: String,
        greeting: [UInt8] = [],
        question: Int = 8,
        agreement: [UInt8]
    ) async throws -> TLSPeer {
        let chain = try NIOSSLCertificate.fromPEMFile(certificate).map { NIOSSLCertificateSource.certificate($0) }
        let configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain,
            privateKey: .privateKey(try NIOSSLPrivateKey(file: key, format: .pem))
        )
        let context = try NIOSSLContext(configuration: configuration)
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Agreeing(context, greeting, question, agreement))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        return TLSPeer(port: channel.localAddress?.port ?? 0, channel: channel)
    }

    /// Listens no more.
    public func stop() async {
        try? await channel.close().get()
    }

    private final class Agreeing: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer
        private let tls: NIOSSLContext
        private let greeting: [UInt8]
        private let question: Int
        private let agreement: [UInt8]
        private var asked = ByteBuffer()
        private var hasAgreed = false

        init(_ tls: NIOSSLContext, _ greeting: [UInt8], _ question: Int, _ agreement: [UInt8]) {
            self.tls = tls
            self.greeting = greeting
            self.question = question
            self.agreement = agreement
        }

        func channelActive(context: ChannelHandlerContext) {
            if !greeting.isEmpty { context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: greeting)), promise: nil) }
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            // After the question for TLS come the start-up and all the rest, which nobody answers.
            guard !hasAgreed else { return context.close(promise: nil) }
            asked.writeImmutableBuffer(unwrapInboundIn(data))
            guard asked.readSlice(length: question) != nil else { return }
            hasAgreed = true
            if !agreement.isEmpty { context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: agreement)), promise: nil) }
            let handler = NIOSSLServerHandler(context: tls)
            try? context.pipeline.syncOperations.addHandler(handler, position: .before(self))
            if asked.readableBytes > 0 { context.pipeline.fireChannelRead(asked) }
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }
}
