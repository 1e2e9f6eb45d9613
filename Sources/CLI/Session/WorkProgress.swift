/// Tells a person on standard error how far long work is: by a bar on a terminal, by a line every ten seconds elsewhere.
final class WorkProgress {
    private var meter: ProgressMeter
    private(set) var count = 0

    init(_ what: String, total: Int? = nil) {
        meter = Self.meter(what, total)
    }

    private static func meter(_ what: String, _ total: Int?) -> ProgressMeter {
        ProgressMeter(
            what,
            total: total,
            style: Terminal.errorWidth.map { .bar(width: $0) } ?? .lines,
            start: .now
        )
    }

    /// Something else of the same kind begins.
    func restart() {
        end()
        count = 0
        meter = Self.meter(meter.what, nil)
    }

    /// One more is done.
    func advance() {
        count += 1
        // A look at the clock costs 30 ns; writing a row costs fifty times that, but inserting one does not.
        guard count & 15 == 0, let text = meter.text(at: .now, count: count) else { return }
        Terminal.write(Array(text.utf8), to: Terminal.standardError)
    }

    /// So many more are done, of about so many that there will be.
    func advance(by more: Int, expected: Int? = nil) {
        count += more
        if let expected { meter.expect(expected) }
        guard let text = meter.text(at: .now, count: count) else { return }
        Terminal.write(Array(text.utf8), to: Terminal.standardError)
    }

    /// The work is over, well or not; takes the bar away.
    func end() {
        Terminal.write(Array(meter.ending().utf8), to: Terminal.standardError)
    }
}

/// A sequence whose consumption is counted.
struct CountedSequence<Base: Sequence>: Sequence {
    let base: Base
    let progress: WorkProgress

    struct Iterator: IteratorProtocol {
        var base: Base.Iterator
        let progress: WorkProgress

        mutating func next() -> Base.Element? {
            guard let element = base.next() else { return nil }
            progress.advance()
            return element
        }
    }

    func makeIterator() -> Iterator {
        Iterator(base: base.makeIterator(), progress: progress)
    }
}

extension Sequence {
    /// The same sequence; each element that is taken from it advances `progress`.
    func counted(by progress: WorkProgress) -> CountedSequence<Self> {
        CountedSequence(base: self, progress: progress)
    }
}
