import Roost
import RoostQuery

extension Model {
    /// The model as it will be written: after its hooks, with its times and its next version.
    func prepared(isNew: Bool, _ mapping: Mapping<Self>) throws(DatabaseError) -> Self {
        var copy = self
        try copy.willSave(isNew: isNew)
        for change in isNew ? mapping.beforeInsert : mapping.beforeUpdate { change(&copy) }
        if !isNew, let version = mapping.version {
            let (next, overflow) = version.read(copy).addingReportingOverflow(1)
            version.write(&copy, overflow ? 1 : next)
        }
        try copy.validate()
        return copy
    }

    /// The values that tell this row, as it was read, from all others: its key, and its version where it has one.
    func rowValues(_ mapping: Mapping<Self>) throws(DatabaseError) -> [Value] {
        guard let key = mapping.key.read(self) else { throw DatabaseError.withoutKey(Self.self) }
        guard let version = mapping.version else { return key.keyValues }
        return key.keyValues + [.int(Int64(version.read(self)))]
    }
}

extension Mapping {
    /// Where the key's columns are.
    var keyPositions: Set<Int> { Set(key.columns.compactMap { positions[$0] }) }
    /// What an insert leaves out where the engine makes the key.
    var keylessOmissions: Set<Int> { keyPositions.union(computedPositions) }
    /// Where the columns are that an update writes: all but the key's and those the database computes.
    var otherPositions: [Int] { columnNames.indices.filter { !keylessOmissions.contains($0) } }
    /// The names of the columns that an insert writes.
    func insertedNames(withKey: Bool) -> [String] {
        let omitted = withKey ? computedPositions : keylessOmissions
        return columnNames.indices.filter { !omitted.contains($0) }.map { columnNames[$0] }
    }
    /// Where the columns are that tell a row: those of its key, and its version where it has one.
    var rowPositions: [Int] { (key.columns + (version.map { [$0.column] } ?? [])).compactMap { positions[$0] } }
    /// How many values tell a row.
    var rowValueCount: Int { key.columns.count + (version == nil ? 0 : 1) }
}
