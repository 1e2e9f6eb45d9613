import Roost

/// Lays rows out in columns that fit the terminal.
struct TableLayout {
    private let columns: ColumnList
    private let options: OutputOptions
    private var sample: [[String]] = []
    private var numeric: [Bool]
    private var widths: [Int]?
    /// The widths the cells seen so far would like to have.
    private var natural: [Int]

    init(columns: ColumnList, options: OutputOptions) {
        self.columns = columns
        self.options = options
        numeric = columns.map { ResultWriter.isNumeric($0.kind) }
        natural = columns.names.map { DisplayWidth.of(DisplayWidth.visible($0)) }
    }

    mutating func add(_ row: [Value], to bytes: inout [UInt8]) {
        if widths == nil {
            for (index, value) in row.enumerated() where columns[index].kind == nil && !value.isNull {
                // Where the column has no type of its own, its first values decide on which side they stand.
                if sample.isEmpty || !numeric[index] { numeric[index] = ResultWriter.isNumeric(value.kind) }
            }
        }
        let cells = row.map { DisplayWidth.visible($0.text ?? options.null ?? "NULL") }
        for (index, cell) in cells.enumerated() { natural[index] = max(natural[index], DisplayWidth.of(cell)) }
        guard var widths else {
            sample.append(cells)
            if sample.count >= ResultWriter.tableSample { flush(to: &bytes) }
            return
        }
        // A later cell may want more than the first rows did. Where there is room it gets it, from a new line on.
        if zip(natural, widths).contains(where: >) {
            let wider = Self.fit(natural, into: options.width)
            if wider != widths, !zip(wider, widths).contains(where: <) {
                widths = wider
                self.widths = wider
                rule("├", "┼", "┤", wider, to: &bytes)
            }
        }
        line(cells, widths, to: &bytes)
    }

    mutating func end(to bytes: inout [UInt8]) {
        if widths == nil { flush(to: &bytes) }
        if let widths, !widths.isEmpty { rule("└", "┴", "┘", widths, to: &bytes) }
    }

    private mutating func flush(to bytes: inout [UInt8]) {
        let names = columns.names.map { DisplayWidth.visible($0) }
        let widths = Self.fit(natural, into: options.width)
        self.widths = widths
        guard !widths.isEmpty else { return }
        rule("┌", "┬", "┐", widths, to: &bytes)
        if options.hasHeader {
            line(names, widths, to: &bytes)
            rule("├", "┼", "┤", widths, to: &bytes)
        }
        for row in sample { line(row, widths, to: &bytes) }
        sample = []
    }

    /// Takes cells from the widest columns first, down to a least width, until the table fits.
    static func fit(_ natural: [Int], into width: Int?) -> [Int] {
        guard let width else { return natural }
        var widths = natural
        var excess = widths.reduce(0, +) + 3 * widths.count + 1 - width
        while excess > 0, let widest = widths.max(), widest > 4 {
            let next = max(widths.filter { $0 < widest }.max() ?? 4, 4)
            let indices = widths.indices.filter { widths[$0] == widest }
            let step = max(min(widest - next, (excess + indices.count - 1) / indices.count), 1)
            for index in indices where excess > 0 {
                let taken = min(step, excess)
                widths[index] -= taken
                excess -= taken
            }
        }
        return widths
    }

    private func line(_ cells: [String], _ widths: [Int], to bytes: inout [UInt8]) {
        for (index, cell) in cells.enumerated() {
            let text = DisplayWidth.cut(cell, to: widths[index])
            let padding = String(repeating: " ", count: max(widths[index] - DisplayWidth.of(text), 0))
            bytes.append(contentsOf: "│ ".utf8)
            bytes.append(contentsOf: (numeric[index] ? padding + text : text + padding).utf8)
            bytes.append(0x20)
        }
        bytes.append(contentsOf: "│\n".utf8)
    }

    private func rule(_ left: String, _ middle: String, _ right: String, _ widths: [Int], to bytes: inout [UInt8]) {
        let bars = widths.map { String(repeating: "─", count: $0 + 2) }
        bytes.append(contentsOf: (left + bars.joined(separator: middle) + right + "\n").utf8)
    }
}
