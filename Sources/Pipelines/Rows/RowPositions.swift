import Roost

/// Where the rows of the last batch stood in their file.
final class RowPositions: Sendable {
    private struct State {
        var firstRow = 0
        var places: [(path: Int, line: Int)] = []
    }

    private let paths: [String]
    private let state = Locked(State())

    init(paths: [String]) { self.paths = paths }

    /// The places of the next batch's rows.
    func begin(firstRow: Int, _ places: [(path: Int, line: Int)]) {
        state.withLock { $0 = State(firstRow: firstRow, places: places) }
    }

    /// `rates.csv, line 7`; nil for a row that is not of the last batch.
    func place(ofRow row: Int) -> String? {
        state.withLock { state in
            let index = row - state.firstRow
            guard state.places.indices.contains(index) else { return nil }
            let place = state.places[index]
            return "\(paths[place.path]), line \(place.line)"
        }
    }
}
