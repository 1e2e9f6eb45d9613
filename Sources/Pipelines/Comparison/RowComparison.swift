public import Roost

/// Compares the rows of two sources, whatever their engines and orders: first by checksums of buckets that the keys' digests choose, then
/// row by row in the buckets that differ.
///
/// Two sources that are equal are read once, at the same time. Memory holds the checksums, and of the second reading at most
/// ``maximumRows`` keys and digests at a time; more differing buckets mean further readings.
public struct RowComparison: Sendable {
    /// The most rows whose digests are kept at a time.
    public static let maximumRows = 200_000
    private static let bucketCount = 16_384

    private let sources: [any Source]
    private let key: [String]
    private let listed: Int

    /// A comparison.
    ///
    /// - Parameters:
    ///   - key: the columns by which rows of both sides belong together; none compares whole rows.
    ///   - listed: how many differing rows the report lists; all are counted.
    public init(_ first: any Source, _ second: any Source, key: [String], listed: Int = 10_000) {
        sources = [first, second]
        self.key = key
        self.listed = listed
    }

    /// A bucket of one side.
    private struct Tally: Hashable, Sendable {
        var count = 0
        var first: UInt64 = 0
        var second: UInt64 = 0

        mutating func add(_ digest: RowDigest) {
            count += 1
            first &+= digest.first
            second &+= digest.second
        }
    }

    /// A row of a bucket that differs.
    private struct Entry: Sendable {
        var key: [String]
        var columns: [UInt64]
        var count: Int
    }

    /// How the columns of both sides are read.
    private struct Shape: Sendable {
        var names: [String]
        var forms: [CellForm]
        var keys: [Int]
    }

    /// Compares.
    ///
    /// - Throws: `programming.parameterMismatch` when the sides have other columns, and what the sources throw.
    public func run() async throws(DatabaseError) -> ComparisonReport {
        var report = ComparisonReport()
        let (shape, tallies) = try await pass { rows, shape, tallies in
            Self.tally(rows, shape, into: &tallies)
        } start: {
            [Tally](repeating: Tally(), count: Self.bucketCount)
        }
        report.keyColumns = shape.keys.map { shape.names[$0] }
        report.firstCount = tallies[0].reduce(0) { $0 + $1.count }
        report.secondCount = tallies[1].reduce(0) { $0 + $1.count }
        var differing = (0..<Self.bucketCount).filter { tallies[0][$0] != tallies[1][$0] }
        while !differing.isEmpty {
            // As many buckets as fit; one at least.
            var chosen: Set<Int> = []
            var rows = 0
            while let bucket = differing.last {
                let count = max(tallies[0][bucket].count, tallies[1][bucket].count)
                guard chosen.isEmpty || rows + count <= Self.maximumRows else { break }
                chosen.insert(bucket)
                rows += count
                differing.removeLast()
            }
            let buckets = chosen
            let (_, entries) = try await pass { rows, shape, entries in
                Self.collect(rows, shape, buckets, into: &entries)
            } start: {
                [RowDigest: Entry]()
            }
            compare(entries[0], entries[1], shape, &report)
        }
        return report
    }

    private func compare(
        _ first: [RowDigest: Entry],
        _ second: [RowDigest: Entry],
        _ shape: Shape,
        _ report: inout ComparisonReport
    ) {
        func add(_ kind: ComparisonReport.Kind, _ key: [String], _ columns: [String], times: Int = 1) {
            report.counts[kind, default: 0] += times
            for _ in 0..<times where report.differences.count < listed {
                report.differences.append(ComparisonReport.Difference(kind: kind, key: key, columns: columns))
            }
        }
        for (digest, entry) in first {
            let other = second[digest]
            let count = other?.count ?? 0
            if entry.count > count { add(.missing, entry.key, [], times: entry.count - count) }
            if count > entry.count { add(.extra, entry.key, [], times: count - entry.count) }
            if let other, other.columns != entry.columns, other.count == entry.count {
                let columns = shape.names.indices.filter { other.columns[$0] != entry.columns[$0] }
                add(.changed, entry.key, columns.map { shape.names[$0] })
            }
        }
        for (digest, entry) in second where first[digest] == nil { add(.extra, entry.key, [], times: entry.count) }
    }

    // MARK: Reading

    private static func digest(_ row: Int, _ batch: RowBatch, _ columns: [Int], _ shape: Shape) -> RowDigest {
        batch.withCells(ofRow: row) { cells, heap in
            var digest = RowDigest()
            for column in columns { shape.forms[column].mix(cells[column], heap: heap, into: &digest) }
            return digest
        }
    }

    private static func tally(_ batch: RowBatch, _ shape: Shape, into tallies: inout [Tally]) {
        let all = Array(shape.names.indices)
        for row in 0..<batch.rowCount {
            let key = digest(row, batch, shape.keys, shape)
            let whole = shape.keys.count == all.count ? key : digest(row, batch, all, shape)
            tallies[Int(truncatingIfNeeded: key.first % UInt64(bucketCount))].add(whole)
        }
    }

    private static func collect(
        _ batch: RowBatch,
        _ shape: Shape,
        _ buckets: Set<Int>,
        into entries: inout [RowDigest: Entry]
    ) {
        for row in 0..<batch.rowCount {
            let key = digest(row, batch, shape.keys, shape)
            guard buckets.contains(Int(truncatingIfNeeded: key.first % UInt64(bucketCount))) else { continue }
            let columns = shape.names.indices.map { digest(row, batch, [$0], shape).first }
            if var known = entries[key] {
                known.count += 1
                // Rows that share a key are told apart by the sum of their values.
                for index in columns.indices { known.columns[index] &+= columns[index] }
                entries[key] = known
            } else {
                let values = shape.keys.map { batch.value(row: row, column: $0)?.text ?? "NULL" }
                entries[key] = Entry(key: values, columns: columns, count: 1)
            }
        }
    }

    /// Reads both sides at the same time, each into a result of its own.
    private func pass<Result: Sendable>(
        _ body: @escaping @Sendable (RowBatch, Shape, inout Result) -> Void,
        start: @escaping @Sendable () -> Result
    ) async throws(DatabaseError) -> (Shape, [Result]) {
        let columns = [BoundedChannel<ColumnList>(capacity: 1), BoundedChannel<ColumnList>(capacity: 1)]
        let shapes = [BoundedChannel<Shape>(capacity: 1), BoundedChannel<Shape>(capacity: 1)]
        do {
            return try await withThrowingTaskGroup(of: (Int, Result).self) { group in
                for side in 0..<2 {
                    let source = sources[side]
                    group.addTask {
                        do throws(DatabaseError) {
                            let results = try await source.open()
                            try await columns[side].send(results.columns, bytes: 0)
                            guard let shape = try await shapes[side].next() else {
                                throw BoundedChannel<Shape>.cancelled
                            }
                            var result = start()
                            while let batch = try await results.nextBatch() { body(batch, shape, &result) }
                            return (side, result)
                        } catch {
                            columns[side].finish(error)
                            throw error
                        }
                    }
                }
                defer { for channel in shapes { channel.finish(BoundedChannel<Shape>.cancelled) } }
                guard let first = try await columns[0].next(), let second = try await columns[1].next() else {
                    throw BoundedChannel<Shape>.cancelled
                }
                let shape = try self.shape(first, second)
                for channel in shapes { try await channel.send(shape, bytes: 0) }
                var results: [Result?] = [nil, nil]
                for try await (side, result) in group { results[side] = result }
                return (shape, results.compactMap { $0 })
            }
        } catch {
            throw (error as? DatabaseError) ?? BoundedChannel<Shape>.cancelled
        }
    }

    private func shape(_ first: ColumnList, _ second: ColumnList) throws(DatabaseError) -> Shape {
        guard first.count == second.count else {
            throw DatabaseError(
                .programming,
                .parameterMismatch,
                "\(sources[0].name) has \(first.count) columns and \(sources[1].name) has \(second.count).",
                hint: "Name the columns to compare."
            )
        }
        var keys: [Int] = []
        for name in key {
            guard let index = first.index(named: name) else {
                throw DatabaseError(.programming, .missingColumn, "\(sources[0].name) has no column \"\(name)\".")
            }
            keys.append(index)
        }
        return Shape(
            names: first.names,
            forms: zip(first, second).map { CellForm($0, $1) },
            keys: keys.isEmpty ? Array(first.indices) : keys
        )
    }
}
