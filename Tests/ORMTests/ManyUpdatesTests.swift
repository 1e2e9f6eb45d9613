import Roost
import RoostORM
import RoostQuery
import Testing

/// A model with columns of all kinds, all of which may be `NULL`.
struct Sample: Model {
    struct Columns: Table {
        static let tableName = "orm_sample"
        let id = Column<Int>("id")
        let number = Column<Int?>("number")
        let ratio = Column<Double?>("ratio")
        let amount = Column<BigDecimal?>("amount")
        let words = Column<String?>("words")
        let bytes = Column<[UInt8]?>("bytes")
        let day = Column<LocalDate?>("day")
        let at = Column<LocalDateTime?>("at")
        let moment = Column<LocalDateTime?>("moment")
        let flag = Column<Bool?>("flag")
        let details = Column<JSON?>("details")
    }
    static let mapping = Mapping<Sample>(key: .generated(\.id, \.id))

    var id: Int?
    var number: Int?
    var ratio: Double?
    var amount: BigDecimal?
    var words: String?
    var bytes: [UInt8]?
    var day: LocalDate?
    var at: LocalDateTime?
    var moment: LocalDateTime?
    var flag: Bool?
    var details: Settings?

    func write(to row: inout ColumnWriter) {
        row.write(id)
        row.write(number)
        row.write(ratio)
        row.write(amount)
        row.write(words)
        row.write(bytes)
        row.write(day)
        row.write(at)
        row.write(moment)
        row.write(flag)
        row.write(json: details)
    }
}

extension Sample {
    init(from row: inout RowReader) throws(DatabaseError) {
        id = try row.next()
        number = try row.next()
        ratio = try row.next()
        amount = try row.next()
        words = try row.next()
        bytes = try row.next()
        day = try row.next()
        at = try row.next()
        moment = try row.next()
        flag = try row.next()
        details = try row.nextJSON(Settings?.self)
    }

    /// What the row is to become.
    mutating func fill(_ index: Int) {
        func some<T>(_ value: T?) -> T? { index % 5 == 4 ? nil : value }
        let microseconds = Int64(index) * 86_400_123_457
        number = some([Int.min, Int.max, 0, -1, 7][index % 5])
        ratio = some([0.1, -1e308, .leastNonzeroMagnitude, 1.0 / 3, 2][index % 5])
        amount = some(BigDecimal("\(index)1234567890123456789012345.00000000\(index % 10)5"))
        words = some(["", "Ü ß 🎵 '\"\\", " trailing ", "NULL", "123"][index % 5])
        bytes = some([0, 255, UInt8(index % 256), 39, 92])
        day = some(LocalDate("\(1_900 + index)-02-28"))
        at = some(LocalDateTime(microsecondsSinceEpoch: microseconds - (index % 3 == 0 ? microseconds % 1_000_000 : 0)))
        moment = at
        flag = some(index % 2 == 0)
        details = some(Settings(isLive: index % 2 == 0, tags: ["\(index)", "ü"]))
    }
}

/// Updates of many rows at once change what updates one by one would.
@Suite(.serialized) struct ManyUpdatesTests {
    private func updates(_ counter: QueryCounter, since start: Int) -> Int {
        counter.texts.dropFirst(start).count { $0.lowercased().hasPrefix("update") }
    }

    // SQLite has no columns of all these kinds.
    @Test(arguments: ORMEngine.running.filter { $0 != .sqlite }) func everyKindOfValue(engine: ORMEngine) async throws {
        try await engine.withTables { connection, counter in
            // As many as three statements take, and some more.
            let count = 64 + 64 + 3
            let both = try await connection.insert(contentsOf: (0..<(2 * count)).map { _ in Sample() })
            var (single, together) = (Array(both[..<count]), Array(both[count...]))
            for index in 0..<count {
                single[index].fill(index)
                together[index].fill(index)
            }
            for sample in single { try await connection.update(sample) }
            let start = counter.texts.count
            try await connection.update(contentsOf: together)
            #expect(updates(counter, since: start) == (engine == .mysql ? 3 : 1))
            let rows = try await connection.query(
                "select number, ratio, amount, words, bytes, day, at, moment, flag, details from orm_sample order by id"
            ).fetchAll(limit: .unbounded).map(\.values)
            #expect(rows.count == 2 * count)
            let different = zip(rows.prefix(count), rows.suffix(count)).filter { $0 != $1 }
            #expect(different.isEmpty)
            #expect(rows[0].allSatisfy { !$0.isNull } && rows[4].allSatisfy(\.isNull))

            // Rows that are found and stay as they are, are no stale ones; of a row that occurs twice the last counts.
            try await connection.update(contentsOf: together)
            var last = together[0]
            last.number = 5
            try await connection.update(contentsOf: together + [last])
            #expect(try await connection.get(Sample.self, try #require(last.id)).number == 5)
            var gone = together
            gone[7].id = -1
            #expect(await condition { try await connection.update(contentsOf: gone) } == .staleWrite)
        }
    }

    @Test(arguments: ORMEngine.running) func versionsAndSessions(engine: ORMEngine) async throws {
        try await engine.withTables { connection, counter in
            let albums = try await connection.insert(
                contentsOf: (0..<70).map { Album(artistID: 1, title: "album \($0)") }
            )
            let session = Session(on: connection)
            for var album in try await session.fetchAll(Album.all, limit: 80) {
                album.title += "!"
                album.label.city = album.artistID == 1 ? "London" : nil
                try await session.save(album)
            }
            let start = counter.texts.count
            try await session.flush()
            #expect(updates(counter, since: start) == (engine == .mysql ? 2 : 1))
            let read = try await connection.fetchAll(Album.all, limit: 80)
            #expect(read.allSatisfy { $0.title.hasSuffix("!") && $0.version == 2 && $0.label.city == "London" })
            // One of those that were read before is enough to keep all from being written.
            var stale = read
            stale[20] = albums[20]
            for index in stale.indices { stale[index].title = "stale" }
            #expect(await condition { try await connection.update(contentsOf: stale) } == .staleWrite)
            #expect(try await connection.fetchAll(Album.where { $0.title == "stale" }, limit: 1) == [])
            #expect(await condition { try await connection.delete(contentsOf: albums) } == .staleWrite)
            try await connection.delete(contentsOf: read)
            #expect(try await connection.fetchAll(Album.all, limit: 1) == [])
        }
    }
}
