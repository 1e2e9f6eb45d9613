/// A row that a session knows.
@usableFromInline
final class KnownModel<M: Model> {
    /// As the row is.
    @usableFromInline var original: M
    /// As it is to be, where that was said.
    @usableFromInline var change: M?
    @usableFromInline var isDeleted = false

    @inlinable
    init(_ model: M) { original = model }

    @inlinable var current: M { change ?? original }
}

/// A model to be inserted.
@usableFromInline
struct PendingModel<M: Model> {
    @usableFromInline let id: Int
    @usableFromInline let model: M
    /// Takes the key of the added model it needs; false while that has none. Nil where it needs nobody's.
    @usableFromInline let takeKey: ((inout M) -> Bool)?
    /// What a flush has inserted, until its transaction ends.
    @usableFromInline var inserted: M?

    @inlinable
    init(id: Int, model: M, takeKey: ((inout M) -> Bool)? = nil) {
        self.id = id
        self.model = model
        self.takeKey = takeKey
    }
}
