/// How two sets of rows differ.
public struct ComparisonReport: Sendable {
    /// What is the matter with a row.
    public enum Kind: String, Sendable, CaseIterable {
        /// The first side has it, the second does not.
        case missing
        /// The second side has it, the first does not.
        case extra
        /// Both have it, with other values.
        case changed
    }

    /// A row that differs.
    public struct Difference: Sendable, Hashable {
        /// What is the matter.
        public var kind: Kind
        /// The values of its key, or of all columns where there is no key.
        public var key: [String]
        /// The columns whose values differ, of a changed row.
        public var columns: [String]
    }

    /// Rows of the first side.
    public var firstCount = 0
    /// Rows of the second side.
    public var secondCount = 0
    /// How many rows of each kind there are.
    public var counts: [Kind: Int] = [:]
    /// The rows that differ, as many as were asked for.
    public var differences: [Difference] = []
    /// The columns of the key, or all columns.
    public var keyColumns: [String] = []

    /// Whether both sides hold the same rows.
    public var isEqual: Bool { counts.values.allSatisfy { $0 == 0 } }

    /// `2 missing, 1 changed of 100 rows`
    public var summary: String {
        let parts = Kind.allCases.compactMap { kind in
            counts[kind].flatMap { $0 > 0 ? "\($0) \(kind.rawValue)" : nil }
        }
        return parts.isEmpty
            ? "\(firstCount) rows, all equal" : "\(parts.joined(separator: ", ")) of \(firstCount) rows"
    }
}
