import Roost
import RoostQuery

extension Model {
    /// The model as it will be written: after its hooks, with its times and its next version.
    func prepared(isNew: Bool) throws(DatabaseError) -> Self {
        var copy = self
        try copy.willSave(isNew: isNew)
        let mapping = Self.mapping
        for change in isNew ? mapping.beforeInsert : mapping.beforeUpdate { change(&copy) }
        if !isNew, let version = mapping.version {
            let (next, overflow) = version.read(copy).addingReportingOverflow(1)
            version.write(&copy, overflow ? 1 : next)
        }
        try copy.validate()
        return copy
    }

    /// The values that tell this row, as it was read, from all others: its key, and its version where it has one.
    func rowValues() throws(DatabaseError) -> [Value] {
        guard let key else { throw DatabaseError.withoutKey(Self.self) }
        guard let version = Self.mapping.version else { return key.keyValues }
        return key.keyValues + [.int(Int64(version.read(self)))]
    }

    /// Every column's value.
    func values() throws(DatabaseError) -> [Value] {
        let width = Self.mapping.columnNames.count
        var writer = ColumnWriter(columnCount: width, rowCapacity: 1)
        write(to: &writer)
        try writer.endRow(Self.self)
        let batch = writer.takeBatch()
        return (0..<width).map { batch.value(row: 0, column: $0) ?? .null }
    }
}

extension Mapping {
    /// Where the key's columns are.
    var keyPositions: Set<Int> { Set(key.columns.compactMap { positions[$0] }) }
    /// Where all others are.
    var otherPositions: [Int] { columnNames.indices.filter { !keyPositions.contains($0) } }
    /// How many values tell a row.
    var rowValueCount: Int { key.columns.count + (version == nil ? 0 : 1) }
}
