/// What is said of work under way, and when: apart from any clock or terminal, so that it can be tested without either.
struct ProgressMeter {
    enum Style: Equatable {
        /// One line that is written over and over, at most this many cells wide.
        case bar(width: Int)
        /// A line now and then.
        case lines
    }

    /// What is counted, such as `rows`.
    let what: String
    /// How many there will be; nil when nobody knows.
    private(set) var total: Int?
    /// Whether that is an estimate.
    private var isAbout = false
    let style: Style
    private let start: ContinuousClock.Instant
    private var due: ContinuousClock.Instant
    private var hasBar = false

    init(_ what: String, total: Int? = nil, style: Style, start: ContinuousClock.Instant) {
        self.what = what
        self.total = total
        self.style = style
        self.start = start
        // Work that is soon done is not worth a word.
        due = start + (style == .lines ? .seconds(10) : .milliseconds(500))
    }

    /// There will be about so many.
    mutating func expect(_ total: Int) {
        self.total = total
        isAbout = true
    }

    /// What is to be written at `now`, when `count` are done; nil for nothing.
    mutating func text(at now: ContinuousClock.Instant, count: Int) -> String? {
        guard now >= due else { return nil }
        due = now + (style == .lines ? .seconds(10) : .milliseconds(100))
        let seconds = max((now - start) / .seconds(1), 0.001)
        let rate = "\(Self.grouped(Int(Double(count) / seconds)))/s"
        var text = "\(Self.grouped(count)) \(what), \(rate)"
        // There are more than was thought: what was thought is no use.
        if let total, count <= total || !isAbout {
            text = "\(Self.grouped(count)) of \(isAbout ? "about " : "")\(Self.grouped(total)) \(what), \(rate)"
            if count > 0, count < total {
                text += ", \(Self.span(seconds / Double(count) * Double(total - count))) left"
            }
        }
        guard case .bar(let width) = style else { return text + "\n" }
        hasBar = true
        // The cursor stays in the line: in its last cell some terminals would begin a new one.
        return "\r" + String((bar(count, cells: width - text.count - 3) + text).prefix(width - 1)) + "\u{1B}[K"
    }

    /// What takes the bar away.
    func ending() -> String {
        hasBar ? "\r\u{1B}[K" : ""
    }

    /// `40 s`, `3 min`, `2 h 5 min`.
    private static func span(_ seconds: Double) -> String {
        guard seconds < 359_999 else { return "more than 99 h" }
        let whole = Int(seconds.rounded(.up))
        if whole < 120 { return "\(whole) s" }
        let minutes = (whole + 30) / 60
        return minutes < 120 ? "\(minutes) min" : "\(minutes / 60) h \(minutes % 60) min"
    }

    private func bar(_ count: Int, cells: Int) -> String {
        guard let total, total > 0, cells >= 10 else { return "" }
        let cells = min(cells, 40)
        let filled = min(max(count * cells / total, 0), cells)
        return String(repeating: "█", count: filled) + String(repeating: "░", count: cells - filled) + "  "
    }

    /// Digits in groups of three.
    static func grouped(_ number: Int) -> String {
        var groups: [Substring] = []
        var digits = String(number.magnitude)[...]
        while digits.count > 3 {
            groups.insert(digits.suffix(3), at: 0)
            digits = digits.dropLast(3)
        }
        groups.insert(digits, at: 0)
        return (number < 0 ? "-" : "") + groups.joined(separator: ",")
    }
}
