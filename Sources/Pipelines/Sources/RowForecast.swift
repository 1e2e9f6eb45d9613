import Roost

/// About how many rows a source has: what its engine or a file's size tells, better known the further it is read.
public final class RowForecast: Sendable {
    private let state: Locked<Int?>

    /// A forecast.
    ///
    /// - Parameter rows: nil while nobody knows.
    public init(_ rows: Int? = nil) {
        state = Locked(rows)
    }

    /// The rows; nil while nobody knows.
    public var rows: Int? { state.withLock { $0 } }

    func set(_ rows: Int?) {
        state.withLock { $0 = rows }
    }
}
