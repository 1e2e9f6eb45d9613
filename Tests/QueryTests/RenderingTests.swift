import Roost
import RoostMySQL
import RoostPostgreSQL
import RoostQuery
import Testing

struct Customers: Table {
    static let tableName = "customer"
    let id = Column<Int>("id")
    let name = Column<String>("name")
    let city = Column<String?>("city")
    let credit = Column<Int>("credit")
    let referrer = Column<Int?>("referrer")
}

struct Orders: Table {
    static let tableName = "orders"
    let id = Column<Int>("id")
    let customerID = Column<Int>("customer_id")
    let total = Column<Int>("total")
    let placed = Column<LocalDateTime>("placed")
    let day = Column<LocalDate>("day")
    let price = Column<BigDecimal>("price")
    let weight = Column<Double>("weight")
    let paid = Column<Bool>("paid")
    let note = Column<JSON?>("note")
}

let dialects: [Dialect] = [.sqlite, .postgresql, .mysql, .mariadb, .sqlserver, .oracle, .db2]

@Suite struct RenderingTests {
    @Test func oneSelectInEveryDialect() throws {
        let c = Customers.as("c")
        let query = c.select(c.id, c.name).where(c.city == "Köln" && c.credit > 5).orderBy(c.name.descending).limit(10)
        let texts = try dialects.map { try query.statement(for: $0).rendered(for: $0) }
        #expect(
            texts == [
                #"select "c"."id", "c"."name" from "customer" as "c" where "c"."city" = ? and "c"."credit" > ? order by "c"."name" desc limit ?"#,
                #"select "c"."id", "c"."name" from "customer" as "c" where "c"."city" = $1 and "c"."credit" > $2 order by "c"."name" desc limit $3"#,
                "select `c`.`id`, `c`.`name` from `customer` as `c` where `c`.`city` = ? and `c`.`credit` > ? order by `c`.`name` desc limit ?",
                "select `c`.`id`, `c`.`name` from `customer` as `c` where `c`.`city` = ? and `c`.`credit` > ? order by `c`.`name` desc limit ?",
                "select [c].[id], [c].[name] from [customer] as [c] where [c].[city] = @p1 and [c].[credit] > @p2 order by [c].[name] desc offset 0 rows fetch next @p3 rows only",
                #"select "c"."id", "c"."name" from "customer" "c" where "c"."city" = :1 and "c"."credit" > :2 order by "c"."name" desc fetch first :3 rows only"#,
                #"select "c"."id", "c"."name" from "customer" as "c" where "c"."city" = ? and "c"."credit" > ? order by "c"."name" desc fetch first ? rows only"#,
            ]
        )
    }
}
