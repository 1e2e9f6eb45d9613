import Roost
import RoostSchema

/// Several parts at a time, each by a pair of connections of its own.
extension DatabaseCopy {
    /// A pair of connections that copies one part after the other.
    struct Lane: Sendable {
        let source: any Connection
        let target: any Connection
        /// Bytes of rows between the two.
        let bufferBytes: Int
    }

    /// A table whose staging table is there, and its parts.
    struct TableLoad: Sendable {
        let table: TargetTable
        let parts: [CopyState.Part]
        /// About how many rows they have; nil where nobody knows.
        var expectedRows: Int?
        /// Whether it turned out that an interrupted copy had published it.
        var isPublished = false
    }

    /// Begins to read: by as many pairs of connections as were asked for where all of them can see one state of the source, otherwise
    /// by one.
    func openLanes(_ noted: @Sendable (String) -> Void) async throws(DatabaseError) -> [Lane] {
        let jobs = plan.options.jobs
        guard jobs > 1, let connecting else { return try await openLane() }
        guard plan.sourceEngine != .sqlite, plan.targetEngine != .sqlite,
            let source = source as? any SnapshotSharingConnection
        else {
            noted("One job: SQLite has one writer, and what reads it shares no snapshot.")
            return try await openLane()
        }
        guard plan.options.allowsLocking || !type(of: source).locksForSharedSnapshots else {
            noted("One job: several would keep all writers of the source waiting for a moment, which was not allowed.")
            return try await openLane()
        }
        var lanes = [Lane(source: source, target: target, bufferBytes: Transfer.bufferBytes / jobs)]
        do throws(DatabaseError) {
            for _ in 1..<jobs {
                let more = try await connecting(.source)
                do throws(DatabaseError) {
                    let lane = Lane(
                        source: more,
                        target: try await connecting(.target),
                        bufferBytes: Transfer.bufferBytes / jobs
                    )
                    lanes.append(lane)
                    if plan.targetEngine.isMySQLFamily { try await Publication.keepZeros(on: lane.target) }
                } catch {
                    await more.close()
                    throw error
                }
            }
            try await source.beginSharedSnapshot(with: lanes.dropFirst().map(\.source))
            return lanes
        } catch {
            await close(lanes)
            switch error.condition {
            case .insufficientPrivilege, .lockTimeout, .tooManyConnections, .notSupported:
                let reason = [error.message, error.hint].compactMap(\.self).joined(separator: " ")
                noted("One job: the source cannot be read by several connections in one state. \(reason)")
            default: throw error
            }
            return try await openLane()
        }
    }

    private func openLane() async throws(DatabaseError) -> [Lane] {
        let lane = Lane(source: source, target: target, bufferBytes: Transfer.bufferBytes)
        guard source.capabilities.has(.transactions) else { return [lane] }
        var options = TransactionOptions(isolation: nil, isReadOnly: source.capabilities.has(.readOnlyTransactions))
        if source.capabilities.isolationLevels.contains(.repeatableRead) { options.isolation = .repeatableRead }
        options.lockMode = .deferred
        try await source.begin(options)
        return [lane]
    }

    /// Closes the connections that were opened for jobs.
    func close(_ lanes: [Lane]) async {
        for lane in lanes.dropFirst() {
            await lane.source.close()
            await lane.target.close()
        }
    }

    /// What is left to do, and what was done.
    private struct Work {
        var next = 0
        var rows: [Int]
    }

    /// Stages all parts. The first error ends it, once all connections are done with what they began.
    func carryOut(
        _ loads: [TableLoad],
        on lanes: [Lane],
        _ began: @escaping @Sendable (String) -> Void,
        _ progress: @escaping @Sendable (Int) -> Void
    ) async throws(DatabaseError) -> [TableResult] {
        let parts = loads.enumerated().flatMap { index, load in load.isPublished ? [] : load.parts.map { (index, $0) } }
        let work = Locked(Work(rows: loads.map { $0.isPublished ? $0.parts.reduce(0) { $0 + ($1.rows ?? 0) } : 0 }))
        do {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for lane in lanes.prefix(max(parts.count, 1)) {
                    group.addTask {
                        while true {
                            let place = work.withLock { work in
                                defer { work.next += 1 }
                                return work.next
                            }
                            guard parts.indices.contains(place), !Task.isCancelled else { return }
                            let (index, part) = parts[place]
                            let table = loads[index].table
                            if part.number == loads[index].parts.first?.number { began(table.displayName) }
                            do throws(DatabaseError) {
                                let rows = try await load(part, of: table, on: lane, progress)
                                work.withLock { $0.rows[index] += rows }
                            } catch {
                                throw error.concerning(table: error.table ?? table.displayName)
                            }
                        }
                    }
                }
                try await group.waitForAll()
            }
        } catch {
            throw (error as? DatabaseError) ?? BoundedChannel<Int>.cancelled
        }
        if Task.isCancelled { throw BoundedChannel<Int>.cancelled }
        let rows = work.withLock { $0.rows }
        return loads.indices.map { index in
            let table = loads[index].table
            let wentRaw = rawPair(table, lanes[0]) != nil
            return TableResult(table: table.displayName, rows: rows[index], wentRaw: wentRaw)
        }
    }
}
