import NIOCore
public import Roost
import WireProtocol

/// The form of copied data (PostgreSQL documentation, "COPY").
public enum CopyFormat: String, Sendable, CaseIterable {
    case text, csv, binary
}

extension PostgreSQLConnection {
    // MARK: In

    /// Copies tuples into a table by the binary `COPY`, the fastest way in: all of them or none.
    ///
    /// ```swift
    /// try await connection.copyIn(to: "point", columns: ["x", "y"], rows: [(1, 2.5), (3, 4.5)])
    /// ```
    ///
    /// - Returns: the number of rows.
    /// - Throws: `data.typeMismatch` for a value its column's type has no form of, `data.malformedValue` for a text that is none of its
    ///   column's type, `notSupported` for columns of types that have no binary form here: arrays, composites, and others that a
    ///   database defines itself; and what the server has against the data.
    @discardableResult
    @inlinable
    public nonisolated func copyIn<each P: DatabaseEncodable>(
        to table: String,
        columns: [String],
        rows: some Sequence<(repeat each P)>
    ) async throws(DatabaseError) -> Int {
        var rows = TupleRows<_, repeat each P>(rows)
        return try await copyBatches(to: table, columns: columns) { (builder) throws(DatabaseError) in
            try rows.fill(&builder, until: 262_144)
        }
    }

    /// The same, with rows encoded by `encode`.
    @discardableResult
    @inlinable
    public nonisolated func copyIn<Row>(
        to table: String,
        columns: [String],
        _ rows: some Sequence<Row>,
        encode: (Row, inout RowBatchBuilder) -> Void
    ) async throws(DatabaseError) -> Int {
        var iterator = rows.makeIterator()
        return try await copyBatches(to: table, columns: columns) { (builder) throws(DatabaseError) in
            try builder.fill(from: &iterator, until: 262_144, encode)
        }
    }

    /// Copies what `fill` writes into one batch after the other, until it returns true.
    @usableFromInline
    nonisolated func copyBatches(
        to table: String,
        columns: [String],
        _ fill: (inout RowBatchBuilder) throws(DatabaseError) -> Bool
    ) async throws(DatabaseError) -> Int {
        var builder = RowBatchBuilder(columnCount: columns.count, rowCapacity: 1_024, heapCapacity: 65_536)
        let copy = try await beginCopy(to: Self.parts(table), columns: columns)
        do throws(DatabaseError) {
            var isOver = false
            while !isOver {
                isOver = try fill(&builder)
                if builder.rowCount > 0 { try await send(builder.takeBatch(), in: copy) }
            }
            return try await finish(copy)
        } catch {
            throw await abort(copy, after: error)
        }
    }

    /// Copies the rows of a result, from whatever engine, into a table.
    @discardableResult
    public nonisolated func copyIn(
        to table: String,
        columns: [String],
        rowsOf results: ResultSet
    ) async throws(DatabaseError) -> Int {
        let copy = try await beginCopy(to: Self.parts(table), columns: columns)
        do throws(DatabaseError) {
            while let batch = try await results.nextBatch() { try await send(batch, in: copy) }
            return try await finish(copy)
        } catch {
            throw await abort(copy, after: error)
        }
    }

    /// Copies data that has the form already, such as the bytes of a CSV file.
    ///
    /// - Parameters:
    ///   - options: what stands in the parentheses after the format: `header, delimiter ';'`. Never text from outside.
    /// - Returns: the number of rows.
    /// - Throws: what the server has against the data, with the line it is in.
    @discardableResult
    public nonisolated func copyIn<Chunks: AsyncSequence>(
        to table: String,
        columns: [String] = [],
        format: CopyFormat,
        options: String? = nil,
        data: Chunks
    ) async throws -> Int where Chunks.Element == [UInt8] {
        let copy = try await beginCopy(to: Self.parts(table), columns: columns, format: format, options: options)
        do {
            for try await chunk in data { try await send(chunk, in: copy) }
            return try await finish(copy)
        } catch let error as DatabaseError {
            throw await abort(copy, after: error)
        } catch {
            _ = await abort(copy, after: PostgreSQLErrors.cancelled)
            throw error
        }
    }

    /// A copy in progress.
    struct CopyIn: Sendable {
        let exchange: NIOLoopBound<Exchange>
        let encoding: CopyEncoding
    }

    /// `schema.table` in its parts.
    private static func parts(_ table: String) -> [String] { table.split(separator: ".").map(String.init) }

    func beginCopy(to table: [String], columns: [String]) async throws(DatabaseError) -> CopyIn {
        var description: Statement = "select "
        for (index, column) in columns.enumerated() {
            if index > 0 { description.append(unsafe: ", ") }
            description.append(identifier: [column])
        }
        description.append(unsafe: " from ")
        description.append(identifier: table)
        // Asked anew each time: the server takes binary data for what the columns are now, and some types are of one length.
        if let known = session.cache.find(description) { session.forget(known) }
        _ = try await describe(description)
        let described = session.cache.find(description)
        let types = described?.columnTypes ?? []
        guard types.count == columns.count, CopyEncoding.supports(types) else {
            throw unsupported(types.firstIndex { !CopyEncoding.supports($0) }, of: columns, described)
        }
        let copy = try await beginCopy(to: table, columns: columns, format: .binary, options: nil)
        session.transport.write { buffer in
            buffer.writeMessage("d") { CopyEncoding.writeHeader(to: &$0) }
        }
        return CopyIn(exchange: copy.exchange, encoding: CopyEncoding(types: types))
    }

    private func unsupported(_ index: Int?, of names: [String], _ statement: ServerStatement?) -> DatabaseError {
        let name = index.flatMap { names.indices.contains($0) ? names[$0] : nil }
        let facts = index.flatMap { index in
            statement.flatMap { $0.columnFacts.indices.contains(index) ? $0.columnFacts[index] : nil }
        }
        let column = name.map { "Column \"\($0)\"" } ?? "A column"
        let error = DatabaseError(
            .notSupported,
            .notSupported,
            "\(column) is \(facts?.name ?? "of a type"), which cannot be copied in binary.",
            hint: "Copy text or CSV, or use executeMany.",
            sqlState: "0A000",
            engine: PostgreSQLErrors.engine
        )
        return name.map { error.concerning(column: $0) } ?? error
    }

    func beginCopy(
        to table: [String],
        columns: [String],
        format: CopyFormat,
        options: String?
    ) async throws(DatabaseError) -> CopyIn {
        var statement: Statement = "COPY "
        statement.append(identifier: table)
        if !columns.isEmpty {
            statement.append(unsafe: " (")
            for (index, column) in columns.enumerated() {
                if index > 0 { statement.append(unsafe: ", ") }
                statement.append(identifier: [column])
            }
            statement.append(unsafe: ")")
        }
        statement.append(unsafe: " FROM STDIN (FORMAT \(format.rawValue)\(options.map { ", " + $0 } ?? ""))")
        let exchange = try await start(statement.text)
        await wait(for: exchange) { $0.isCopyInReady || $0.isDone }
        if let error = exchange.error { throw outcome(error, exchange).inStatement(statement.text) }
        return CopyIn(
            exchange: NIOLoopBound(exchange, eventLoop: bound.eventLoop),
            encoding: CopyEncoding(types: [])
        )
    }

    private func start(_ text: String, isGathered: Bool = false) async throws(DatabaseError) -> Exchange {
        if session.cancelsInFlight > 0 { await session.waitForCancels(isolation: self) }
        try checkOpen()
        if Task.isCancelled { throw PostgreSQLErrors.cancelled.inStatement(text) }
        let exchange = Exchange(script: Exchange.Script(isSimple: true))
        exchange.copies = true
        exchange.copied.isGathered = isGathered
        session.transport.write { $0.writeQuery(text) }
        session.submit(exchange, timeout: nil)
        return exchange
    }

    /// Writes a batch; suspends while the socket is behind, so that memory stays bounded.
    func send(_ batch: RowBatch, in copy: CopyIn) async throws(DatabaseError) {
        try check(copy)
        let encoding = copy.encoding
        guard batch.columnCount == encoding.types.count else {
            throw DatabaseError(
                .programming,
                .parameterMismatch,
                "A row has \(batch.columnCount) values where \(encoding.types.count) columns are copied.",
                engine: PostgreSQLErrors.engine
            )
        }
        try session.transport.write { (buffer) throws(DatabaseError) in
            buffer.writeInteger(UInt8(ascii: "d"))
            let start = buffer.writerIndex
            buffer.writeInteger(Int32(0))
            try encoding.write(batch, to: &buffer)
            buffer.setInteger(Int32(truncatingIfNeeded: buffer.writerIndex - start), at: start)
        }
        await flush(copy)
    }

    func send(_ chunk: [UInt8], in copy: CopyIn) async throws(DatabaseError) {
        try check(copy)
        // A message's length has 31 bits.
        for start in stride(from: 0, to: chunk.count, by: 1 << 20) {
            let part = chunk[start..<min(start + 1 << 20, chunk.count)]
            session.transport.write { buffer in buffer.writeMessage("d") { $0.writeBytes(part) } }
            await flush(copy)
        }
    }

    private func check(_ copy: CopyIn) throws(DatabaseError) {
        if Task.isCancelled { throw PostgreSQLErrors.cancelled }
        // The server may refuse a row long before the last one is sent.
        if let error = copy.exchange.value.error { throw error }
        try checkOpen()
    }

    /// Suspends until the socket took what was written. A cancelled task does not wait for a peer that is gone.
    private func flush(_ copy: CopyIn) async {
        let (bound, exchange) = (bound, copy.exchange)
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                session.transport.flushFairly { continuation.resume() }
            }
        } onCancel: {
            bound.eventLoop.execute { bound.value.giveGrace(exchange.value) }
        }
    }

    func finish(_ copy: CopyIn) async throws(DatabaseError) -> Int {
        try check(copy)
        session.transport.write { buffer in
            if !copy.encoding.types.isEmpty {
                buffer.writeMessage("d") { CopyEncoding.writeTrailer(to: &$0) }
            }
            buffer.writeMessage("c") { _ in }
        }
        session.transport.flush()
        let exchange = copy.exchange.value
        await wait(for: exchange) { $0.isDone }
        if let error = exchange.error { throw outcome(error, exchange) }
        return exchange.rowsAffected ?? 0
    }

    /// Ends a copy without keeping any of it.
    func abort(_ copy: CopyIn, after error: DatabaseError) async -> DatabaseError {
        let exchange = copy.exchange.value
        let serverError = exchange.error
        if serverError == nil, session.closeError == nil {
            session.transport.write { buffer in
                buffer.writeMessage("f") { $0.writeZeroTerminated("the client gave up") }
            }
            session.transport.flush()
        }
        // Not shielded: a server that is gone would be waited for without end.
        session.giveGrace(exchange)
        await wait(for: exchange) { $0.isDone }
        return serverError.map { outcome($0, exchange) } ?? error
    }

    // MARK: Out

    /// Copies a table or the rows of a query out, in chunks as the server sends them, about a row each; reading slowly slows the
    /// server down.
    ///
    /// - Parameters:
    ///   - source: a query without parameters, or `TABLE name`.
    public func copyOut(
        _ source: Statement,
        format: CopyFormat,
        options: String? = nil
    ) async throws(DatabaseError) -> CopyOut {
        try await copyOut(source, format: format, options: options, isGathered: false)
    }

    /// The same, in chunks of a quarter of a mebibyte where they are gathered.
    func copyOut(
        _ source: Statement,
        format: CopyFormat,
        options: String? = nil,
        isGathered: Bool
    ) async throws(DatabaseError) -> CopyOut {
        guard source.parameters.isEmpty else {
            throw DatabaseError(
                .notSupported,
                .notSupported,
                "COPY takes no parameters.",
                hint: "Query the rows instead, or copy a view.",
                sqlState: "0A000",
                engine: PostgreSQLErrors.engine
            )
        }
        let text =
            "COPY (\(source.rendered(for: .postgresql))) TO STDOUT (FORMAT \(format.rawValue)\(options.map { ", " + $0 } ?? ""))"
        let exchange = try await start(text, isGathered: isGathered)
        await wait(for: exchange) { $0.hasNews || $0.stage == .copyOut }
        if let error = exchange.error { throw outcome(error, exchange).inStatement(text) }
        return CopyOut(connection: self, exchange: NIOLoopBound(exchange, eventLoop: bound.eventLoop))
    }

    /// What has arrived of a copy out; nil at its end.
    func nextCopied(_ bound: NIOLoopBound<Exchange>) async throws(DatabaseError) -> [UInt8]? {
        let exchange = bound.value
        await wait(for: exchange) { $0.isDone || $0.copied.isDue }
        if let error = exchange.error { throw outcome(error, exchange) }
        guard let data = exchange.copied.next() else { return nil }
        if !exchange.isDone, !session.isFull { session.transport.resume() }
        return data
    }

    func endCopy(_ bound: NIOLoopBound<Exchange>) {
        session.abandon(bound.value)
    }
}

/// The data of a copy out, in chunks.
public final class CopyOut: AsyncSequence, Sendable {
    public typealias Element = [UInt8]
    private let connection: PostgreSQLConnection
    private let exchange: NIOLoopBound<Exchange>

    init(connection: PostgreSQLConnection, exchange: NIOLoopBound<Exchange>) {
        self.connection = connection
        self.exchange = exchange
    }

    deinit {
        let (bound, exchange) = (connection.bound, exchange)
        exchange.eventLoop.execute { bound.value.abandon(exchange.value) }
    }

    /// The next chunk; nil at the end.
    func nextChunk() async throws(DatabaseError) -> [UInt8]? { try await connection.nextCopied(exchange) }

    /// Hands out the chunks in order.
    public struct AsyncIterator: AsyncIteratorProtocol {
        let copy: CopyOut

        /// The next chunk; nil at the end.
        public mutating func next() async throws -> [UInt8]? {
            try await copy.nextChunk()
        }
    }

    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(copy: self) }
}
