public import RoostFormats

/// How a file holds rows, and how it is packed: told by its name.
public struct FileForm: Sendable, Hashable {
    /// How rows are written.
    public enum Layout: String, Sendable, CaseIterable {
        case csv, tsv, ndjson
    }

    /// How rows are written.
    public var layout: Layout
    /// Whether the file is compressed by gzip.
    public var isGzip = false
    /// How text is encoded.
    public var encoding = TextEncoding.utf8
    /// What separates values; nil for the layout's own.
    public var separator: UInt8?
    /// Whether the first record names the columns.
    public var hasHeader = true

    /// A form.
    public init(_ layout: Layout) {
        self.layout = layout
    }

    /// The form a file's name tells of: `orders.csv`, `orders.ndjson.gz`, `orders.jsonl`; nil for other names.
    public init?(path: String) {
        var name = path.lowercased()
        let isGzip = name.hasSuffix(".gz")
        if isGzip { name.removeLast(3) }
        switch name.split(separator: ".", omittingEmptySubsequences: false).last {
        case "csv": layout = .csv
        case "tsv", "tab": layout = .tsv
        case "ndjson", "jsonl": layout = .ndjson
        default: return nil
        }
        self.isGzip = isGzip
    }

    var outputFormat: OutputFormat {
        switch layout {
        case .csv: .csv
        case .tsv: .tsv
        case .ndjson: .ndjson
        }
    }
}
