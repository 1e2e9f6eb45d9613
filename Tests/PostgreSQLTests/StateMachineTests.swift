import Roost
import Testing

@testable import RoostPostgreSQL

/// The protocol as transcripts: what the server says, what becomes of the requests. No sockets.
@Suite struct StateMachineTests {
    /// Messages of a server.
    enum Server {
        static func message(_ tag: Character, _ body: [UInt8] = []) -> [UInt8] {
            Array(String(tag).utf8) + integer(Int32(body.count + 4)) + body
        }
        static func integer<T: FixedWidthInteger>(_ value: T) -> [UInt8] {
            withUnsafeBytes(of: value.bigEndian) { Array($0) }
        }
        static func text(_ text: String) -> [UInt8] { Array(text.utf8) + [0] }

        static let parseComplete = message("1")
        static let bindComplete = message("2")
        static let closeComplete = message("3")
        static let noData = message("n")
        static let emptyQuery = message("I")
        static func ready(_ status: String = "I") -> [UInt8] { message("Z", Array(status.utf8)) }
        static func parameters(_ oids: UInt32...) -> [UInt8] {
            message("t", integer(UInt16(oids.count)) + oids.flatMap { integer($0) })
        }
        static func row(_ fields: (String, UInt32)...) -> [UInt8] {
            var body = integer(UInt16(fields.count))
            for (name, oid) in fields {
                body += text(name)
                body += integer(UInt32(0))
                body += integer(Int16(0))
                body += integer(oid)
                body += integer(Int16(-1))
                body += integer(Int32(-1))
                body += integer(Int16(0))
            }
            return message("T", body)
        }
        static func data(_ cells: String?...) -> [UInt8] {
            var body = integer(UInt16(cells.count))
            for cell in cells {
                body += integer(Int32(cell?.utf8.count ?? -1))
                body += Array((cell ?? "").utf8)
            }
            return message("D", body)
        }
        static func complete(_ tag: String) -> [UInt8] { message("C", text(tag)) }
        static func error(_ state: String, _ words: String, severity: String = "ERROR") -> [UInt8] {
            message("E", fields([("S", severity), ("V", severity), ("C", state), ("M", words)]))
        }
        static func notice(_ words: String) -> [UInt8] {
            message("N", fields([("S", "NOTICE"), ("C", "00000"), ("M", words)]))
        }
        private static func fields(_ fields: [(String, String)]) -> [UInt8] {
            fields.flatMap { Array($0.0.utf8) + text($0.1) } + [0]
        }
    }

    private func statement(_ text: String = "select 1") -> ServerStatement {
        ServerStatement(name: "r1", source: Statement(unsafe: text), text: text, parameterTypes: [])
    }

    private func firstUse() -> Exchange {
        Exchange(script: Exchange.Script(parses: true, describes: true, executions: 1), statement: statement())
    }

    private func values(_ exchange: Exchange) -> [[Value]] {
        var rows: [[Value]] = []
        while let batch = exchange.takeBatch() {
            for row in 0..<batch.rowCount {
                rows.append((0..<batch.columnCount).map { batch.value(row: row, column: $0) ?? .null })
            }
        }
        return rows
    }

    /// Feeds bytes in pieces of any size, as sockets deliver them.
    private func feed(_ machine: inout PostgreSQLStateMachine, _ bytes: [UInt8], pieces: Int = .max) throws {
        var unread: [UInt8] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            unread += rest.prefix(pieces)
            rest = rest.dropFirst(pieces)
            let used = try unread.withUnsafeBytes { try machine.receive($0) }
            unread.removeFirst(used)
        }
        #expect(unread.isEmpty)
    }

    @Test(arguments: [1, 2, 3, 7, 64, Int.max])
    func aFirstUseTakesOneRoundTrip(pieces: Int) throws {
        var machine = PostgreSQLStateMachine()
        let exchange = firstUse()
        machine.enqueue(exchange)
        try feed(
            &machine,
            Server.parseComplete + Server.parameters() + Server.row(("n", 23), ("t", 25)) + Server.bindComplete
                + Server.data("7", "seven")
                + Server.data(nil, "") + Server.complete("SELECT 2") + Server.ready(),
            pieces: pieces
        )
        #expect(exchange.isDone)
        #expect(exchange.error == nil)
        #expect(values(exchange) == [[.int(7), .text("seven")], [.null, .text("")]])
        #expect(exchange.columns?.names == ["n", "t"])
    }

    /// Rows of a copy are gathered, and whoever waits is woken for large pieces and the end alone.
    @Test(arguments: [97, 4_096, Int.max])
    func copiedRowsAreGathered(pieces: Int) throws {
        var machine = PostgreSQLStateMachine()
        let exchange = Exchange(script: Exchange.Script(isSimple: true))
        exchange.copies = true
        exchange.copied.isGathered = true
        machine.enqueue(exchange)
        try feed(&machine, Server.message("H", [1, 0, 1, 0, 1]), pieces: pieces)
        machine.events.removeAll()
        let rows = (0..<4_000).map { [UInt8](repeating: UInt8(truncatingIfNeeded: $0), count: $0 % 200) }
        try feed(&machine, rows.flatMap { Server.message("d", $0) }, pieces: pieces)
        let (eventCount, isFull) = (machine.events.count, machine.isFull)
        #expect(eventCount == 1 && !isFull)
        let piece = exchange.copied.next()
        let first = try #require(piece)
        #expect(first.count > 260_000)
        #expect(!exchange.copied.isDue && !exchange.copied.isEmpty)
        // A row that fills all of it is handed out, for nothing else would come.
        let long = [UInt8](repeating: 7, count: 1_200_000)
        try feed(&machine, Server.message("d", long), pieces: pieces)
        let rest = exchange.copied.next() ?? []
        let isStillFull = machine.isFull
        #expect(isStillFull && exchange.copied.isDue)
        let row = exchange.copied.next()
        #expect(row == long)
        try feed(
            &machine,
            Server.message("d", [8]) + Server.message("c") + Server.complete("COPY 4001") + Server.ready(),
            pieces: pieces
        )
        #expect(exchange.isDone && exchange.error == nil)
        #expect(first + rest == rows.flatMap { $0 })
        let end = exchange.copied.next()
        #expect(end == [8])
        #expect(exchange.copied.isEmpty)
    }

    @Test func answersGoToTheirRequestsInOrder() throws {
        var machine = PostgreSQLStateMachine()
        let exchanges = (0..<3).map { _ in firstUse() }
        for exchange in exchanges { machine.enqueue(exchange) }
        for number in 0..<3 {
            try feed(
                &machine,
                Server.parseComplete + Server.parameters() + Server.row(("n", 20)) + Server.bindComplete
                    + Server.data("\(number)")
                    + Server.complete("SELECT 1") + Server.ready()
            )
        }
        #expect(exchanges.map { values($0) } == [[[.int(0)]], [[.int(1)]], [[.int(2)]]])
    }

    @Test func anErrorFailsItsOwnRequestAlone() throws {
        var machine = PostgreSQLStateMachine()
        let (bad, good) = (firstUse(), firstUse())
        machine.enqueue(bad)
        machine.enqueue(good)
        try feed(&machine, Server.error("42P01", "relation \"x\" does not exist") + Server.ready())
        try feed(
            &machine,
            Server.parseComplete + Server.parameters() + Server.row(("n", 20)) + Server.bindComplete + Server.data("1")
                + Server.complete("SELECT 1") + Server.ready()
        )
        #expect(bad.error?.condition == .undefinedTable)
        #expect(good.error == nil)
        #expect(values(good) == [[.int(1)]])
    }

    @Test func rowsBeforeAnErrorAreNotHandedOut() throws {
        var machine = PostgreSQLStateMachine()
        let exchange = firstUse()
        machine.enqueue(exchange)
        try feed(
            &machine,
            Server.parseComplete + Server.parameters() + Server.row(("n", 20)) + Server.bindComplete + Server.data("1")
                + Server.error("22012", "division by zero")
                + Server.ready("E")
        )
        #expect(exchange.error?.condition == .divisionByZero)
        #expect(values(exchange).isEmpty)
        let status = machine.transactionStatus
        #expect(status == UInt8(ascii: "E"))
    }

    @Test func aBatchOfExecutionsAddsUp() throws {
        var machine = PostgreSQLStateMachine()
        let exchange = Exchange(script: Exchange.Script(closes: 2, executions: 3), statement: statement())
        machine.enqueue(exchange)
        try feed(
            &machine,
            Server.closeComplete + Server.closeComplete
                + (0..<3).flatMap { _ in Server.bindComplete + Server.complete("INSERT 0 2") } + Server.ready("T")
        )
        #expect(exchange.rowsAffected == 6)
        let status = machine.transactionStatus
        #expect(status == UInt8(ascii: "T"))
    }

    @Test func countsBeyondMeasureDoNotTrap() throws {
        var machine = PostgreSQLStateMachine()
        let exchange = Exchange(script: Exchange.Script(executions: 2), statement: statement())
        machine.enqueue(exchange)
        let most = Server.bindComplete + Server.complete("INSERT 0 9223372036854775807")
        try feed(&machine, most + most + Server.ready())
        #expect(exchange.rowsAffected == .max)
    }

    @Test(arguments: [
        "-9223372036854775808 days", "00:-9223372036854775808:00", "00:00:-9223372036854775808", "1:2:3.-12345",
        "99999999999 years", ":::", "1 day", "9999999999:00:00",
    ])
    func intervalsBeyondMeasureDoNotTrap(text: String) {
        let isSound = text == "1 day"
        #expect((IntervalText.parse(text) != nil) == isSound)
    }

    @Test func noticesBelongToTheRequestThatRaisedThem() throws {
        var machine = PostgreSQLStateMachine()
        let exchange = Exchange(script: Exchange.Script(isSimple: true))
        machine.enqueue(exchange)
        try feed(
            &machine,
            Server.notice("mind the gap") + Server.complete("DO") + Server.ready() + Server.notice("nobody's")
        )
        #expect(exchange.notices.map(\.message) == ["mind the gap"])
        let others = machine.events.compactMap { if case .notice(let notice) = $0 { notice.message } else { nil } }
        #expect(others == ["nobody's"])
    }

    @Test func endlessNoticesTakeBoundedMemory() throws {
        var machine = PostgreSQLStateMachine()
        let exchange = Exchange(script: Exchange.Script(isSimple: true))
        machine.enqueue(exchange)
        for _ in 0..<10_000 { try feed(&machine, Server.notice("again")) }
        #expect(exchange.notices.count <= 1_000)
        let long = Exchange(script: Exchange.Script(isSimple: true))
        machine = PostgreSQLStateMachine()
        machine.enqueue(long)
        for _ in 0..<100 { try feed(&machine, Server.notice(String(repeating: "long ", count: 20_000))) }
        #expect(long.notices.count < 20)
    }

    @Test func aConsumerThatIsBehindStopsTheReading() throws {
        var machine = PostgreSQLStateMachine()
        let exchange = Exchange(
            script: Exchange.Script(parses: true, describes: true, executions: 1),
            statement: statement(),
            batchBytes: 1_024
        )
        machine.enqueue(exchange)
        try feed(&machine, Server.parseComplete + Server.parameters() + Server.row(("t", 25)) + Server.bindComplete)
        let rows = (0..<100_000).flatMap { _ in Server.data("some text that takes room") }
        let used = try rows.withUnsafeBytes { try machine.receive($0) }
        #expect(used < rows.count)
        let isFull = machine.isFull
        #expect(isFull)
        #expect(exchange.batchedBytes < 8 << 20)
        while exchange.takeBatch() != nil {}
        let isStillFull = machine.isFull
        #expect(!isStillFull)
    }

    /// A cancellation may come too late for the server to notice, and in time for rows to be dropped here.
    @Test func aResultThatWasDroppedOnTheWayIsNotTakenForAWholeOne() throws {
        var machine = PostgreSQLStateMachine()
        let exchange = firstUse()
        machine.enqueue(exchange)
        try feed(&machine, Server.parseComplete + Server.parameters() + Server.row(("n", 20)) + Server.bindComplete)
        exchange.isEnding = true
        exchange.passesOverRows = true
        try feed(&machine, Server.data("1") + Server.complete("SELECT 1") + Server.ready())
        #expect(exchange.isDone)
        #expect(exchange.error?.condition == .cancelled)
    }

    @Test func theAnnouncedEndIsTheReason() throws {
        var machine = PostgreSQLStateMachine()
        let exchange = firstUse()
        machine.enqueue(exchange)
        try feed(
            &machine,
            Server.error("57P01", "terminating connection due to administrator command", severity: "FATAL")
        )
        machine.failAll(machine.fatalError ?? PostgreSQLErrors.closed)
        #expect(exchange.error?.condition == .connectionLost)
        #expect(exchange.error?.sqlState == "57P01")
    }

    /// What a hostile or broken server may send: each is an error, none a trap, none takes memory by its word.
    @Test(arguments: [
        [UInt8]("D".utf8) + [0x7F, 0xFF, 0xFF, 0xFF], [UInt8]("Z".utf8) + [0, 0, 0, 3],
        [UInt8]("Z".utf8) + [0xFF, 0xFF, 0xFF, 0xFF],
        Server.message("Z", [0x58]), Server.message("T", [0xFF, 0xFF]), Server.message("C", [0x41]),
        Server.message("E", [0x53]),
        Server.message("t", [0, 9, 1]), Server.message("@"), Server.message("R", [0, 0, 0, 0]), Server.data("1"),
        Server.bindComplete,
        Server.message("d", [1, 2, 3]), Server.message("G", [0, 0, 0]), Server.message("A", [1]),
        Server.message("S", [0x41, 0]),
    ])
    func brokenMessagesAreErrors(bytes: [UInt8]) {
        var machine = PostgreSQLStateMachine()
        machine.enqueue(firstUse())
        // Five bytes make a header; a longer message is padded, so that it is complete.
        let error = #expect(throws: DatabaseError.self) {
            _ = try (bytes + [0]).withUnsafeBytes { try machine.receive($0) }
        }
        #expect(error?.condition == .protocolViolation)
    }

    @Test func rowsThatContradictTheirDescriptionAreErrors() throws {
        let bodies: [[UInt8]] = [
            [0, 2, 0, 0, 0, 1, 0x31], [0, 1, 0, 0, 0, 9, 0x31], [0, 1, 0, 0, 0], [0, 1, 0, 0, 0, 1, 0x31, 0x32],
            [0xFF, 0xFF], [0, 1, 0x7F, 0xFF, 0xFF, 0xFF],
        ]
        for body in bodies {
            var machine = PostgreSQLStateMachine()
            machine.enqueue(firstUse())
            try feed(&machine, Server.parseComplete + Server.parameters() + Server.row(("n", 20)) + Server.bindComplete)
            #expect(throws: DatabaseError.self, "\(body)") {
                _ = try Server.message("D", body).withUnsafeBytes { try machine.receive($0) }
            }
        }
    }
}
