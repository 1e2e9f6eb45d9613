/// The columns of a result, in order. Made once per prepared statement and shared by all of its results.
public final class ColumnList: Sendable, RandomAccessCollection {
    /// No columns: the result of a statement that returns no rows.
    public static let empty = ColumnList([])

    private let descriptions: [ColumnDescription]

    /// A list of columns.
    public init(_ descriptions: [ColumnDescription]) {
        self.descriptions = descriptions
    }

    public var startIndex: Int { 0 }
    public var endIndex: Int { descriptions.count }
    public subscript(index: Int) -> ColumnDescription { descriptions[index] }

    /// The position of the first column of this name: exactly so, or else ignoring case. Linear in the number of columns;
    /// decoders call it once per result, not per row.
    public func index(named name: String) -> Int? {
        descriptions.firstIndex { $0.name == name }
            ?? descriptions.firstIndex { $0.name.lowercased() == name.lowercased() }
    }

    /// The columns' names in order.
    public var names: [String] { descriptions.map(\.name) }

    func missing(_ name: String) -> DatabaseError {
        let known = names.prefix(24).map { "\"\($0)\"" }.joined(separator: ", ")
        return DatabaseError(
            .programming,
            .missingColumn,
            "The result has no column \"\(name)\".",
            hint: isEmpty ? "The statement returns no rows at all." : "Its columns are \(known)."
        ).concerning(column: name)
    }
}
