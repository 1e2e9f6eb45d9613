import Roost

/// The prepared statements a connection keeps, least recently used first out.
struct StatementCache {
    private let capacity: Int
    private var entries: [String: Entry] = [:]
    private var clock: UInt64 = 0
    /// How often a statement was found here.
    private(set) var hits = 0
    /// How often it had to be prepared.
    private(set) var misses = 0

    private struct Entry {
        let handle: PreparedHandle
        var lastUse: UInt64
    }

    init(capacity: Int) {
        self.capacity = capacity
    }

    var count: Int { entries.count }

    /// The statement for this text, if it is kept and not in use.
    mutating func take(_ text: String) -> PreparedHandle? {
        clock += 1
        guard let index = entries.index(forKey: text), !entries.values[index].handle.isInUse else {
            misses += 1
            return nil
        }
        hits += 1
        entries.values[index].lastUse = clock
        return entries.values[index].handle
    }

    /// Makes room for one more statement before it is prepared.
    mutating func makeRoom() {
        guard entries.count >= capacity, capacity > 0 else { return }
        let oldest = entries.filter { !$0.value.handle.isInUse }.min { $0.value.lastUse < $1.value.lastUse }
        if let oldest { entries[oldest.key] = nil }
    }

    mutating func insert(_ handle: PreparedHandle) {
        guard capacity > 0, entries.count < capacity, entries[handle.text] == nil else { return }
        handle.isCached = true
        entries[handle.text] = Entry(handle: handle, lastUse: clock)
    }

    mutating func removeAll() {
        entries.removeAll()
    }
}
