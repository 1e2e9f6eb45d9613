import Roost

/// Moves rows from a source to a sink: one task reads while another writes, with a bounded number of bytes between them.
enum Transfer {
    /// Bytes of rows between the two sides.
    static let bufferBytes = 2 << 20

    private enum Item: Sendable {
        case columns(ColumnList)
        case rows(RowBatch)
    }

    /// Moves all rows and commits the sink.
    ///
    /// - Parameters:
    ///   - change: what is made of each batch on its way; throws for a value that must not go through.
    ///   - progress: told how many rows were written since it was last told.
    /// - Returns: the number of rows.
    static func run(
        from source: any Source,
        to sink: any Sink,
        limit: Int? = nil,
        bufferBytes: Int = bufferBytes,
        change: (@Sendable (RowBatch) throws(DatabaseError) -> RowBatch)? = nil,
        progress: @escaping @Sendable (Int) -> Void = { _ in }
    ) async throws(DatabaseError) -> Int {
        let channel = BoundedChannel<Item>(capacity: bufferBytes)
        do {
            return try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    do throws(DatabaseError) {
                        let results = try await source.open()
                        try await channel.send(.columns(results.columns), bytes: 0)
                        var left = limit ?? .max
                        while left > 0, var batch = try await results.nextBatch() {
                            if batch.rowCount > left { batch = try batch.prefix(left) }
                            left -= batch.rowCount
                            if let change { batch = try change(batch) }
                            try await channel.send(.rows(batch), bytes: batch.byteCount)
                        }
                        channel.finish()
                    } catch {
                        channel.finish(error)
                    }
                }
                defer { channel.close() }
                do throws(DatabaseError) {
                    while let item = try await channel.next() {
                        switch item {
                        case .columns(let columns): try await sink.begin(columns)
                        case .rows(let batch):
                            try await sink.write(batch)
                            progress(batch.rowCount)
                        }
                    }
                    return try await sink.commit()
                } catch {
                    throw await sink.abort(after: error)
                }
            }
        } catch {
            throw (error as? DatabaseError) ?? BoundedChannel<Item>.cancelled
        }
    }

    /// The same for connections that share a form of rows of their own.
    static func runRaw(
        from source: any RawTransferConnection,
        _ query: Statement,
        to target: any RawTransferConnection,
        table: [String],
        columns: [String],
        bufferBytes: Int = bufferBytes,
        progress: @escaping @Sendable (Int) -> Void = { _ in }
    ) async throws(DatabaseError) -> Int {
        let channel = BoundedChannel<[UInt8]>(capacity: bufferBytes)
        do {
            return try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    do throws(DatabaseError) {
                        let export = try await source.beginRawExport(query)
                        while let chunk = try await export.nextChunk() {
                            try await channel.send(chunk, bytes: chunk.count)
                        }
                        channel.finish()
                    } catch {
                        channel.finish(error)
                    }
                }
                defer { channel.close() }
                let sink = try await target.beginRawImport(into: table, columns: columns)
                do throws(DatabaseError) {
                    while let chunk = try await channel.next() { try await sink.write(chunk) }
                    let count = try await sink.finish()
                    progress(count)
                    return count
                } catch {
                    throw await sink.abort(after: error)
                }
            }
        } catch {
            throw (error as? DatabaseError) ?? BoundedChannel<Item>.cancelled
        }
    }
}

extension RowBatch {
    /// The first rows of a batch.
    func prefix(_ count: Int) throws(DatabaseError) -> RowBatch {
        var builder = RowBatchBuilder(columnCount: columnCount, rowCapacity: count)
        for row in 0..<min(count, rowCount) {
            for column in 0..<columnCount { builder.append(value(row: row, column: column) ?? .null) }
            try builder.endRow()
        }
        return builder.finish()
    }
}
