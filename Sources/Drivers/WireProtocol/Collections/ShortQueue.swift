package import DequeModule

/// A queue that seldom holds more than one element: the first has a place of its own, and only others need an array.
package struct ShortQueue<Element> {
    /// What was appended first; nil for an empty queue.
    @usableFromInline package internal(set) var first: Element?
    @usableFromInline var others = Deque<Element>()

    /// An empty queue.
    @inlinable
    package init() {}

    @inlinable
    package var isEmpty: Bool { first == nil }

    @inlinable
    package var count: Int { first == nil ? 0 : 1 + others.count }

    /// Appends an element at the end.
    @inlinable
    package mutating func append(_ element: Element) {
        if first == nil { first = element } else { others.append(element) }
    }

    /// Takes out what was appended first.
    @inlinable
    package mutating func popFirst() -> Element? {
        defer { first = others.popFirst() }
        return first
    }

    @inlinable
    package mutating func removeAll() {
        first = nil
        others.removeAll()
    }

    @inlinable
    package func forEach(_ body: (Element) -> Void) {
        if let first { body(first) }
        others.forEach(body)
    }
}
