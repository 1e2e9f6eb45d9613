import Roost
import RoostFormats

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Reads files into batches, a piece at a time.
actor FileReading: RowBatchSource {
    /// Bytes of one batch.
    private static let batchBytes = 262_144
    /// Bytes of one piece of a file.
    private static let pieceBytes = 131_072

    private let paths: [String]
    private let form: FileForm
    private let given: [String: ValueKind]
    private let columns: [String]
    private var position = 0
    private var descriptor: Int32 = -1
    private var reader: any RecordReader
    private var transcoder: TextTranscoder
    private var gzip: GzipBox?
    private var names: [String] = []
    private var kinds: [ValueKind] = []
    private var rowCount = 0
    private let positions: RowPositions?
    private let forecast: RowForecast
    private let leavingOut: LeavingOut?
    /// Bytes of all files, where they are known, and those read of them.
    private let totalBytes: Int?
    private var readBytes = 0
    private var places: [(path: Int, line: Int)] = []

    /// What is told of a record that cannot be read: its place and why.
    typealias LeavingOut = @Sendable (_ place: String, _ reason: String) throws(DatabaseError) -> Void

    /// A decoder that can be kept in an actor.
    private final class GzipBox {
        var decoder: GzipDecoder
        init() throws(DatabaseError) { decoder = try GzipDecoder() }
    }

    init(
        paths: [String],
        form: FileForm,
        columns: [String],
        kinds: [String: ValueKind],
        positions: RowPositions? = nil,
        forecast: RowForecast = RowForecast(),
        leavingOut: LeavingOut? = nil
    ) {
        self.positions = positions
        self.forecast = forecast
        self.leavingOut = leavingOut
        totalBytes = Self.size(of: paths)
        self.paths = paths
        self.columns = columns
        self.form = form
        given = kinds
        transcoder = TextTranscoder(form.encoding)
        reader = Self.makeReader(form, columns: nil)
    }

    deinit {
        if descriptor > 0 { close(descriptor) }
    }

    /// The bytes of all files; nil where one is none, such as a pipe.
    private static func size(of paths: [String]) -> Int? {
        var total = 0
        for path in paths {
            var status = stat()
            guard path != "-", stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
            let (sum, overflow) = total.addingReportingOverflow(Int(status.st_size))
            total = overflow ? .max : sum
        }
        return total
    }

    private static func makeReader(_ form: FileForm, columns: [String]?) -> any RecordReader {
        switch form.layout {
        case .csv: DelimitedReader(isTSV: false, separator: form.separator, hasHeader: form.hasHeader)
        case .tsv: DelimitedReader(isTSV: true, separator: form.separator, hasHeader: form.hasHeader)
        case .ndjson: NDJSONReader(columns: columns)
        }
    }

    /// Opens the first file and learns the columns.
    func begin() throws(DatabaseError) -> ColumnList {
        try openFile()
        try readHeader()
        if let objects = reader as? NDJSONReader, !objects.firstKinds.isEmpty {
            kinds = zip(names, objects.firstKinds).map { name, kind in given[name] ?? Self.kind(of: kind) }
        } else {
            kinds = names.map { given[$0] ?? .text }
        }
        return ColumnList(zip(names, kinds).map { ColumnDescription(name: $0, kind: $1) })
    }

    private static func kind(of kind: JSONScanner.Kind) -> ValueKind {
        switch kind {
        case .object, .array: .json
        case .number: .decimal
        case .bool: .bool
        case .string, .null: .text
        }
    }

    private func openFile() throws(DatabaseError) {
        let path = paths[position]
        if path == "-" {
            descriptor = STDIN_FILENO
        } else {
            descriptor = open(path, O_RDONLY | O_CLOEXEC)
            guard descriptor >= 0 else { throw Self.failure("\(path) cannot be read", errno) }
        }
        transcoder = TextTranscoder(form.encoding)
        gzip = form.isGzip ? try GzipBox() : nil
        reader = Self.makeReader(form, columns: names.isEmpty ? nil : names)
    }

    private func closeFile() {
        if descriptor > STDIN_FILENO { close(descriptor) }
        descriptor = -1
    }

    static func failure(_ what: String, _ code: Int32) -> DatabaseError {
        DatabaseError(.operational, .ioError, "\(what): \(String(cString: strerror(code))).")
    }

    private func readHeader() throws(DatabaseError) {
        do throws(ReadingFailure) {
            while try !reader.readHeader() { feed() }
        } catch {
            throw located(error)
        }
        if let error = pending { throw error }
        let found = reader.columnNames ?? columns
        guard !found.isEmpty || form.layout == .ndjson else {
            throw DatabaseError(
                .interface,
                .invalidConfiguration,
                "\(paths[position]) has no header, so its columns need names.",
                hint: "Copy it into a table that exists."
            )
        }
        if names.isEmpty {
            names = found
        } else if names != found {
            throw DatabaseError(
                .data,
                .unexpectedResult,
                "\(paths[position]) has other columns than \(paths[0])."
            )
        }
    }

    /// What went wrong while a piece was read, where the reader can only say that something did.
    private var pending: DatabaseError?

    /// Gives the reader the next piece.
    private func feed() {
        var piece = [UInt8](repeating: 0, count: Self.pieceBytes)
        let descriptor = descriptor
        var count = -1
        var code: Int32 = 0
        repeat {
            count = piece.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
            code = errno
        } while count < 0 && code == EINTR
        do throws(DatabaseError) {
            guard count >= 0 else { throw Self.failure("\(paths[position]) cannot be read", code) }
            readBytes += count
            guard count > 0 else {
                try gzip?.decoder.finish()
                let rest = transcoder.finish()
                rest.withUnsafeBytes { reader.append($0) }
                reader.end()
                return
            }
            guard let gzip else {
                piece.withUnsafeBytes { append(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
                return
            }
            piece.removeLast(Self.pieceBytes - count)
            try gzip.decoder.decode(piece) { bytes throws(DatabaseError) in append(bytes) }
        } catch {
            pending = error
            reader.end()
        }
    }

    private func append(_ bytes: UnsafeRawBufferPointer) {
        if transcoder.isIdentity { return reader.append(bytes) }
        transcoder.transcode(bytes).withUnsafeBytes { reader.append($0) }
    }

    private func located(_ failure: ReadingFailure) -> DatabaseError {
        if let pending { return pending }
        return DatabaseError(
            .data,
            .malformedValue,
            "\(paths[position]), \(failure).",
            hint: "Mend the file there, or give the column another type."
        )
    }

    func nextBatch() async throws(DatabaseError) -> RowBatch? {
        var builder = RowBatchBuilder(columnCount: kinds.count, rowCapacity: 2_048, heapCapacity: 65_536)
        while builder.byteCount < Self.batchBytes {
            guard descriptor >= 0 else { break }
            if Task.isCancelled { throw BoundedChannel<Int>.cancelled }
            let isOver: Bool
            do throws(ReadingFailure) {
                isOver = try fill(&builder)
            } catch {
                guard pending == nil, error.isOfOneRecord, let leavingOut else { throw located(error) }
                try leavingOut("\(paths[position]), line \(error.line)", "breaks the file's form: \(error.reason)")
                continue
            }
            if let pending { throw pending }
            guard isOver else { continue }
            closeFile()
            position += 1
            if position < paths.count {
                try openFile()
                try readHeader()
            } else {
                position -= 1
            }
        }
        positions?.begin(firstRow: rowCount, places)
        places = []
        rowCount += builder.rowCount
        if let totalBytes, readBytes > 0 {
            forecast.set(Int(exactly: (Double(rowCount) / Double(readBytes) * Double(totalBytes)).rounded()))
        }
        return builder.rowCount == 0 ? nil : builder.finish()
    }

    /// Reads records until the batch is full or a piece is used up; true at the file's end.
    private func fill(_ builder: inout RowBatchBuilder) throws(ReadingFailure) -> Bool {
        let outcome =
            positions == nil
            ? try Self.readRecords(&reader, into: &builder, kinds) : try readPlacedRecords(into: &builder)
        switch outcome {
        case .row: return false
        case .end: return true
        case .needsInput:
            feed()
            return false
        }
    }

    /// The same, noting where each record begins.
    private func readPlacedRecords(into builder: inout RowBatchBuilder) throws(ReadingFailure) -> RecordOutcome {
        while builder.byteCount < Self.batchBytes {
            let line = reader.line
            let outcome = try reader.readRecord(into: &builder, as: kinds)
            guard case .row = outcome else { return outcome }
            places.append((position, line))
        }
        return .row
    }

    private static func readRecords<Reader: RecordReader>(
        _ reader: inout Reader,
        into builder: inout RowBatchBuilder,
        _ kinds: [ValueKind]
    ) throws(ReadingFailure) -> RecordOutcome {
        while builder.byteCount < batchBytes {
            let outcome = try reader.readRecord(into: &builder, as: kinds)
            guard case .row = outcome else { return outcome }
        }
        return .row
    }

    func nextResult() async throws(DatabaseError) -> ColumnList? { nil }

    func currentSummary() async -> ExecutionSummary { ExecutionSummary(rowsAffected: rowCount) }

    nonisolated func abandon() {}
}
