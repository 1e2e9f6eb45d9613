extension Schema {
    /// Something that goes and something that comes, which may be the same under another name. Only its author knows.
    public struct RenameCandidate: Sendable, Hashable, CustomStringConvertible {
        /// The column's table under its present name; nil where a table itself is meant.
        public var table: ObjectName?
        /// The name that goes.
        public var from: ObjectName
        /// The name that comes.
        public var to: ObjectName
        /// How alike the two are, above 0 and at most 1.
        public var likeness: Double

        /// The name that goes, as people write it: `customer` or `customer.name`.
        public var path: String { table.map { "\($0).\(from)" } ?? from.description }

        public var description: String { "\(path) → \(to)" }
    }

    /// What `changes(to:renames:)` would drop and create, although it may be a rename: each that goes with the likest that comes.
    ///
    /// Tables are alike by the columns they share. Columns of one table are candidates when their types are the same, whatever their
    /// names, or when their names are alike. Takes the product of what goes and what comes, per table.
    ///
    /// - Parameter renames: what has been said already.
    public func renameCandidates(to target: Schema, renames: Renames = Renames()) -> [RenameCandidate] {
        let source = renamed(by: renames)
        let present = Set(source.tables.map(\.name))
        let wanted = Set(target.tables.map(\.name))
        var pairs: [RenameCandidate] = []
        let created = target.tables.filter { !present.contains($0.name) }
        for old in source.tables where !wanted.contains(old.name) {
            for new in created {
                let likeness = old.likeness(to: new)
                guard likeness >= 0.5 else { continue }
                pairs.append(RenameCandidate(table: nil, from: old.name, to: new.name, likeness: likeness))
            }
        }
        var result = Self.likest(pairs)
        let former = Dictionary(renames.tables.map { ($0.value, $0.key) }) { first, _ in first }
        let targets = Dictionary(target.tables.map { ($0.name, $0) }) { first, _ in first }
        for old in source.tables {
            guard let new = targets[old.name] else { continue }
            result += Self.likest(old.columnCandidates(new, called: former[old.name] ?? old.name))
        }
        return result
    }

    /// Each name once, the likest pairs first.
    private static func likest(_ pairs: [RenameCandidate]) -> [RenameCandidate] {
        var gone: Set<ObjectName> = []
        var come: Set<ObjectName> = []
        return pairs.sorted { ($1.likeness, $0.from, $0.to) < ($0.likeness, $1.from, $1.to) }.filter {
            guard !gone.contains($0.from), !come.contains($0.to) else { return false }
            gone.insert($0.from)
            come.insert($0.to)
            return true
        }
    }
}

extension Schema.Table {
    /// The share of columns with the same name and type, and half as much of those with the same name.
    fileprivate func likeness(to other: Self) -> Double {
        let types = Dictionary(other.columns.map { ($0.name, $0.type) }) { first, _ in first }
        var shared = 0.0
        for column in columns {
            guard let type = types[column.name] else { continue }
            shared += type == column.type ? 1 : 0.5
        }
        let count = columns.count + other.columns.count
        return count == 0 ? 0 : 2 * shared / Double(count)
    }

    fileprivate func columnCandidates(_ other: Self, called name: ObjectName) -> [Schema.RenameCandidate] {
        let present = Set(columns.map(\.name))
        let wanted = Set(other.columns.map(\.name))
        let created = other.columns.filter { !present.contains($0.name) }
        var pairs: [Schema.RenameCandidate] = []
        for old in columns where !wanted.contains(old.name) {
            for new in created {
                let names = old.name.likeness(to: new.name)
                let isSameType = old.type == new.type
                guard isSameType || names >= 0.6 else { continue }
                pairs.append(
                    Schema.RenameCandidate(
                        table: name,
                        from: ObjectName(old.name),
                        to: ObjectName(new.name),
                        likeness: isSameType ? 0.5 + names / 2 : names / 2
                    )
                )
            }
        }
        return pairs
    }
}

extension String {
    /// Dice's coefficient over pairs of neighbouring characters, case ignored: 1 for the same, 0 for nothing in common.
    fileprivate func likeness(to other: String) -> Double {
        func pairs(_ text: String) -> [String] {
            let characters = Array(text.lowercased())
            guard characters.count > 1 else { return [text.lowercased()] }
            return (1..<characters.count).map { String(characters[($0 - 1)...$0]) }
        }
        let mine = pairs(self)
        var theirs = pairs(other)
        let count = mine.count + theirs.count
        var shared = 0
        for pair in mine {
            guard let index = theirs.firstIndex(of: pair) else { continue }
            theirs.remove(at: index)
            shared += 1
        }
        return 2 * Double(shared) / Double(count)
    }
}
