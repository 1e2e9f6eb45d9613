import Roost

/// The demo's shop: seeded, so that everybody gets the same rows, with the awkward things real data has.
struct DemoShop {
    /// Rows of each table.
    static let customerCount = 20_000
    static let productCount = 2_000
    static let orderCount = 60_000
    /// Rows of all tables: the seed makes it so.
    static let rowCount = 231_837

    private var generator = SeededGenerator(seed: 20_240_131)

    private static let ddl: [Statement] = [
        """
        create table customer (
          id integer primary key,
          name text not null,
          email text unique,
          city text,
          vip boolean not null default 0 check (vip in (0, 1)),
          created_at timestamptz not null
        )
        """,
        """
        create table product (
          id integer primary key,
          sku uuid not null unique,
          title text not null,
          price decimal_text not null,
          attributes json_text
        )
        """,
        """
        create table orders (
          id integer primary key,
          customer_id integer not null references customer (id),
          ordered_at timestamptz not null,
          ship_date date,
          note text
        )
        """,
        """
        create table order_item (
          order_id integer not null references orders (id) on delete cascade,
          line integer not null,
          product_id integer not null references product (id),
          quantity integer not null check (quantity > 0),
          unit_price decimal_text not null,
          primary key (order_id, line)
        ) without rowid
        """,
        "create index orders_customer on orders (customer_id, ordered_at)",
        "create index order_item_product on order_item (product_id)",
        """
        create view city_orders as
          select c.city, count(*) as orders from orders o join customer c on c.id = o.customer_id group by c.city
        """,
        """
        create trigger order_item_price before insert on order_item when new.unit_price < 0
        begin select raise(abort, 'a price must not be negative'); end
        """,
    ]

    private static let names = [
        "Ana Sousa", "O'Brien, Pat", "李小龍", "Žofie Nováková", "Müller; Söhne", "Jean-Luc \"JL\" Petit", "Åse Bjørk",
        "नेहा शर्मा",
        "Robert'); DROP TABLE customer;--", "  Leading Space", "Tab\tSeparated", "Emoji 🎸 Store", "Нина Иванова",
    ]
    private static let cities: [String?] = [
        "Lisboa", "Cork", "台北", "Praha", "Köln", nil, "Tromsø", "", "São Paulo", "Москва",
    ]

    /// Creates and fills the tables in one transaction.
    ///
    /// - Returns: how many rows there are.
    mutating func build<C: Connection>(on connection: C) async throws -> Int {
        let progress = WorkProgress("rows", total: Self.rowCount)
        defer { progress.end() }
        try await connection.begin()
        do {
            for statement in Self.ddl { try await connection.execute(statement) }
            var count = try await fillCustomers(connection, progress)
            count += try await fillProducts(connection, progress)
            count += try await fillOrders(connection, progress)
            try await connection.commit()
            try await connection.execute("analyze")
            return count
        } catch {
            try await connection.rollback()
            throw error
        }
    }

    private mutating func instant() -> Instant {
        // 2019 to 2024, to the microsecond.
        Instant(microsecondsSinceEpoch: 1_546_300_800_000_000 + Int64(generator.below(189_302_400_000_000)))
    }

    private mutating func fillCustomers<C: Connection>(
        _ connection: C,
        _ progress: WorkProgress
    ) async throws -> Int {
        var rows: [(Int, String, String?, String?, Bool, Instant)] = []
        for id in 1...Self.customerCount {
            let name = Self.names[generator.below(Self.names.count)]
            let email = generator.below(10) == 0 ? nil : "customer\(id)@example.com"
            rows.append(
                (id, name, email, Self.cities[generator.below(Self.cities.count)], generator.below(20) == 0, instant())
            )
        }
        try await connection.executeMany("insert into customer values (?, ?, ?, ?, ?, ?)", rows.counted(by: progress))
        return rows.count
    }

    private mutating func fillProducts<C: Connection>(
        _ connection: C,
        _ progress: WorkProgress
    ) async throws -> Int {
        var rows: [(Int, String, String, BigDecimal, JSON?)] = []
        for id in 1...Self.productCount {
            let digits = String(id, radix: 16)
            let sku = "00000000-0000-4000-8000-" + String(repeating: "0", count: 12 - digits.count) + digits
            let price = BigDecimal("\(generator.below(500)).\(10 + generator.below(90))") ?? .zero
            let attributes =
                generator.below(3) == 0
                ? nil : JSON("{\"weight\": \(generator.below(5_000)), \"tags\": [\"a\", \"b\"]}")
            rows.append((id, sku, "Product \(id)", price, attributes))
        }
        try await connection.executeMany("insert into product values (?, ?, ?, ?, ?)", rows.counted(by: progress))
        return rows.count
    }

    private mutating func fillOrders<C: Connection>(
        _ connection: C,
        _ progress: WorkProgress
    ) async throws -> Int {
        var orders: [(Int, Int, Instant, LocalDate?, String?)] = []
        var items: [(Int, Int, Int, Int, BigDecimal)] = []
        for id in 1...Self.orderCount {
            let at = instant()
            let ship =
                generator.below(8) == 0
                ? nil
                : LocalDate(
                    daysSinceEpoch: at.localDateTime(utcOffset: 0).date.daysSinceEpoch + Int32(generator.below(9))
                )
            let note = generator.below(6) == 0 ? "gift; wrap \"nicely\"\nand don't fold" : nil
            // A few customers order most, as everywhere.
            let customer = 1 + min(generator.below(Self.customerCount), generator.below(Self.customerCount))
            orders.append((id, customer, at, ship, note))
            for line in 1...(1 + generator.below(4)) {
                let price = BigDecimal("\(generator.below(500)).\(10 + generator.below(90))") ?? .zero
                items.append((id, line, 1 + generator.below(Self.productCount), 1 + generator.below(5), price))
            }
        }
        try await connection.executeMany("insert into orders values (?, ?, ?, ?, ?)", orders.counted(by: progress))
        try await connection.executeMany("insert into order_item values (?, ?, ?, ?, ?)", items.counted(by: progress))
        return orders.count + items.count
    }
}

/// SplitMix64: the same numbers on every machine.
struct SeededGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func below(_ bound: Int) -> Int {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return Int((mixed ^ (mixed >> 31)) % UInt64(bound))
    }
}
