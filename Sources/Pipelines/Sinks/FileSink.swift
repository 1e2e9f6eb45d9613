public import Roost
import RoostFormats

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Writes rows into a file, which appears under its name only when all of it is there; `-` is standard output.
public actor FileSink: Sink {
    public nonisolated let name: String
    private let form: FileForm
    private let temporaryPath: String
    private var descriptor: Int32 = -1
    private var writer: ResultWriter?
    private var gzip: Encoder?

    /// An encoder that can be kept in an actor.
    private final class Encoder {
        var encoder: GzipEncoder
        init() throws(DatabaseError) { encoder = try GzipEncoder() }
    }

    /// A sink. The file is written beside its place, under a name of its own, and renamed at the end.
    public init(_ path: String, form: FileForm) {
        name = path
        self.form = form
        temporaryPath = "\(path).roost-\(getpid())"
    }

    private var isStandardOutput: Bool { name == "-" }

    public func begin(_ columns: ColumnList) async throws(DatabaseError) {
        if isStandardOutput {
            descriptor = STDOUT_FILENO
        } else {
            descriptor = open(temporaryPath, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
            guard descriptor >= 0 else { throw FileReading.failure("\(name) cannot be written", errno) }
        }
        if form.isGzip { gzip = try Encoder() }
        writer = ResultWriter(form.outputFormat, columns: columns, options: OutputOptions(hasHeader: form.hasHeader))
    }

    public func write(_ rows: RowBatch) async throws(DatabaseError) {
        for row in 0..<rows.rowCount {
            writer?.write((0..<rows.columnCount).map { rows.value(row: row, column: $0) ?? .null })
            if let count = writer?.bytes.count, count > 131_072 { try flush(isLast: false) }
        }
    }

    private func flush(isLast: Bool) throws(DatabaseError) {
        var bytes = writer?.takeBytes() ?? []
        if let gzip { bytes = try gzip.encoder.encode(bytes, isLast: isLast) }
        var offset = 0
        while offset < bytes.count {
            let count = bytes.withUnsafeBytes { Self.put(descriptor, $0, from: offset) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                let code = errno
                let error = FileReading.failure("\(name) cannot be written", code)
                throw code == ENOSPC
                    ? DatabaseError(.operational, .diskFull, error.message, hint: "Make room and run it again.") : error
            }
            offset += count
        }
    }

    private static func put(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer, from offset: Int) -> Int {
        guard let start = bytes.baseAddress else { return 0 }
        #if canImport(Glibc)
            return Glibc.write(descriptor, start + offset, bytes.count - offset)
        #elseif canImport(Musl)
            return Musl.write(descriptor, start + offset, bytes.count - offset)
        #else
            return Darwin.write(descriptor, start + offset, bytes.count - offset)
        #endif
    }

    public func commit() async throws(DatabaseError) -> Int {
        writer?.end()
        try flush(isLast: true)
        guard !isStandardOutput else { return writer?.rowCount ?? 0 }
        // A full disk may show only here.
        guard fsync(descriptor) == 0, close(descriptor) == 0 else {
            throw FileReading.failure("\(name) cannot be written", errno)
        }
        descriptor = -1
        guard rename(temporaryPath, name) == 0 else { throw FileReading.failure("\(name) cannot be written", errno) }
        return writer?.rowCount ?? 0
    }

    public func abort(after error: DatabaseError) async -> DatabaseError {
        if !isStandardOutput {
            if descriptor >= 0 { close(descriptor) }
            unlink(temporaryPath)
        }
        descriptor = -1
        return error
    }
}
