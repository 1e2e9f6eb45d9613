public import Roost
import RoostFormats

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The rows of files of one form, one after the other: `-` is standard input.
public struct FileSource: Source {
    public let name: String
    let paths: [String]
    let form: FileForm
    let columns: [String]
    let kinds: [String: ValueKind]
    /// Is told where rows stand; nil where nobody asks.
    var positions: RowPositions?
    /// Is told of records that cannot be read, by their place and why, and lets the rest be read by not throwing; nil where each of them
    /// ends the reading.
    var leavingOut: FileReading.LeavingOut?
    private let expected = RowForecast()

    public var forecast: RowForecast? { expected }

    /// A source.
    ///
    /// - Parameters:
    ///   - pattern: a path, a pattern with `*`, `?` and `[…]`, or `-`.
    ///   - columns: the names of the columns of files without a header.
    ///   - kinds: what each column's text is read as; text where nothing is said.
    /// - Throws: `operational.ioError` when nothing matches the pattern.
    public init(_ pattern: String, form: FileForm, columns: [String] = [], kinds: [String: ValueKind] = [:])
        throws(DatabaseError)
    {
        self.columns = columns
        name = pattern
        self.form = form
        self.kinds = kinds
        paths = pattern == "-" ? ["-"] : try Self.files(matching: pattern)
    }

    private static func files(matching pattern: String) throws(DatabaseError) -> [String] {
        guard access(pattern, F_OK) != 0 else { return [pattern] }
        var found = glob_t()
        defer { globfree(&found) }
        guard glob(pattern, 0, nil, &found) == 0, found.gl_pathc > 0, let list = found.gl_pathv else {
            throw DatabaseError(
                .operational,
                .ioError,
                "There is no file \(pattern).",
                hint: "Give a path, a pattern in quotes such as 'orders-*.csv', or - for standard input."
            )
        }
        return (0..<Int(found.gl_pathc)).compactMap { list[$0].map { String(cString: $0) } }
    }

    public func open() async throws(DatabaseError) -> sending ResultSet {
        let reading = FileReading(
            paths: paths,
            form: form,
            columns: columns,
            kinds: kinds,
            positions: positions,
            forecast: expected,
            leavingOut: leavingOut
        )
        let columns = try await reading.begin()
        return ResultSet(columns: columns, source: reading)
    }
}
