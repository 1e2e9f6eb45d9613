import Roost
import RoostQuery

enum ConditionCases {
    private static let c = Customers.table
    private static let o = Orders.table

    static let all: [QueryCase] = comparisons + combinations + texts + memberships

    private static let comparisons: [QueryCase] = cases {
        QueryCase.customers("equal", c.id == 2, "2")
        QueryCase.customers("not equal", c.id != 2, "1 3 4 5")
        QueryCase.customers("less", c.id < 3, "1 2")
        QueryCase.customers("less or equal", c.id <= 3, "1 2 3")
        QueryCase.customers("greater", c.id > 3, "4 5")
        QueryCase.customers("greater or equal", c.id >= 3, "3 4 5")
        QueryCase.customers("text equal", c.name == "Bo", "2")
        QueryCase.customers("text equal minds case", c.name == "bo", "")
        QueryCase.customers("text greater", c.name > "Cy", "4 5")
        QueryCase.customers("optional equal", c.city == "Köln", "2 3")
        QueryCase.customers("NULL is not unequal", c.city != "Köln", "1 5")
        QueryCase.customers("is null", c.city.isNull, "4")
        QueryCase.customers("is not null", c.city.isNotNull, "1 2 3 5")
        QueryCase.customers("columns equal", c.id == c.referrer, "")
        QueryCase.customers("columns less", c.referrer < c.id, "2 3 4 5")
        QueryCase.customers("same as a value", c.city.isSame(as: "Paris"), "5")
        QueryCase.customers("same as nil", c.city.isSame(as: nil), "4")
        QueryCase.customers("distinct from a value", c.city.isDistinct(from: "Köln"), "1 4 5")
        QueryCase.customers("distinct from nil", c.city.isDistinct(from: nil), "1 2 3 5")
        QueryCase.customers("columns the same", c.referrer.isSame(as: c.referrer), "1 2 3 4 5")
        QueryCase.customers("columns distinct", c.referrer.isDistinct(from: c.id), "1 2 3 4 5")
        QueryCase.customers("between", c.credit.between(10, and: 30), "1 2 3")
        QueryCase.customers("between expressions", c.credit.between(c.id, and: c.id * 10), "1 2 3 4")
        QueryCase.customers("arithmetic in a comparison", c.credit / 10 == c.id, "1 2 3 4")
        QueryCase.orders("decimal equal", o.price == BigDecimal(5), "3")
        QueryCase.orders("decimal greater", o.price > BigDecimal(7), "1 2 4")
        QueryCase.orders("decimal computed", o.price * BigDecimal(2) > BigDecimal(15), "1 2 4")
        QueryCase.orders("double less", o.weight < 1, "3 5")
        QueryCase.orders("boolean true", o.paid.isTrue, "1 3 4")
        QueryCase.orders("boolean not true", !o.paid.isTrue, "2 5")
        QueryCase.orders("boolean equal", o.paid == false, "2 5")
        QueryCase.orders("date equal", o.day == LocalDate("2024-02-29") ?? .infinity, "2")
        QueryCase.orders("date less", o.day < LocalDate("2024-01-15") ?? .infinity, "4 5")
        QueryCase.orders("timestamp greater", o.placed > LocalDateTime("2024-01-15 10:30:00") ?? .infinity, "2 3")
        QueryCase.orders("timestamp equal", o.placed == LocalDateTime("2024-03-10 00:00:00") ?? .infinity, "3")
    }

    private static let combinations: [QueryCase] = cases {
        QueryCase.customers("and", c.id > 1 && c.id < 4, "2 3")
        QueryCase.customers("or", c.id == 1 || c.id == 5, "1 5")
        QueryCase.customers("not", !(c.id == 1), "2 3 4 5")
        QueryCase.customers("and binds tighter than or", c.id == 1 || c.id > 2 && c.credit > 30, "1 4")
        QueryCase.customers("or inside and", (c.id == 1 || c.id == 4) && c.credit > 10, "4")
        QueryCase.customers("not of or", !(c.id == 1 || c.id == 2), "3 4 5")
        QueryCase.customers("not of and", !(c.city == "Köln" && c.id == 2), "1 3 4 5")
        QueryCase.customers("not of NULL is neither", !(c.city == "Köln"), "1 5")
        QueryCase.customers("all of none", SQLCondition.all(of: []), "1 2 3 4 5")
        QueryCase.customers("any of none", SQLCondition.any(of: []), "")
        QueryCase.customers("all of three", .all(of: [c.id > 1, c.id < 5, c.city.isNotNull]), "2 3")
        QueryCase.customers("any of three", .any(of: [c.id == 1, c.id == 3, c.id == 5]), "1 3 5")
        QueryCase.customers("any of four hundred", .any(of: (1...400).map { c.credit == $0 * 10 }), "1 2 3 4")
        QueryCase.customers("always", SQLCondition.always, "1 2 3 4 5")
        QueryCase.customers("never", SQLCondition.never, "")
        QueryCase.customers("not never", !SQLCondition.never, "1 2 3 4 5")
        QueryCase.customers("never or", SQLCondition.never || c.id == 2, "2")
    }

    private static let texts: [QueryCase] = cases {
        QueryCase.customers("like", c.city.like("K%"), "2 3")
        QueryCase.customers("like one character", c.name.like("_o"), "2")
        QueryCase.customers("not like", c.name.notLike("%y"), "1 2 4 5")
        QueryCase.customers("like whatever the case", c.name.ilike("AN%"), "1")
        QueryCase.customers("like with an escaped wildcard", c.name.like("\\%"), "")
        QueryCase.customers("contains", c.city.contains("öl"), "2 3")
        QueryCase.customers("contains minds case", c.name.contains("A"), "1")
        QueryCase.customers("contains a wildcard", c.name.contains("%"), "")
        QueryCase.customers("contains an underscore", c.name.contains("_"), "")
        QueryCase.customers("contains a backslash", c.name.contains("\\"), "")
        QueryCase.customers("contains nothing", c.name.contains(""), "1 2 3 4 5")
        QueryCase.customers("has prefix", c.name.hasPrefix("A"), "1")
        QueryCase.customers("has prefix minds case", c.name.hasPrefix("E"), "")
        QueryCase.customers("has suffix", c.city.hasSuffix("a"), "1")
        QueryCase.customers("has a longer suffix", c.name.hasSuffix("aAna"), "")
        QueryCase.customers("case folded", c.name.lowercased() == "cy", "3")
    }

    private static let memberships: [QueryCase] = cases {
        QueryCase.customers("in", c.id.in([1, 3, 9]), "1 3")
        QueryCase.customers("in one", c.id.in([2]), "2")
        QueryCase.customers("in none", c.id.in([]), "")
        QueryCase.customers("not in", c.id.notIn([1, 3]), "2 4 5")
        QueryCase.customers("not in none", c.id.notIn([]), "1 2 3 4 5")
        QueryCase.customers("in texts", c.city.in(["Köln", "Paris"]), "2 3 5")
        QueryCase.customers("NULL is not in", c.city.notIn(["Köln"]), "1 5")
        QueryCase.customers("in a hundred", c.id.in(Array(3...102)), "3 4 5")
        QueryCase.orders("in dates", o.day.in([LocalDate("2024-01-01") ?? .infinity]), "5")
        QueryCase.customers("in a query", c.id.in(o.select(o.customerID).where(o.total > 60)), "1 2 3")
        QueryCase.customers("not in a query", c.id.notIn(o.select(o.customerID)), "4 5")
        QueryCase.customers(
            "in a query of optionals",
            c.id.in(Customers.as("r").select(Customers.as("r").referrer)),
            "1 2 4"
        )
        QueryCase.customers("exists", o.select(o.id).where(o.customerID == c.id && o.total < 60).exists, "1 3")
        QueryCase.customers("not exists", o.select(o.id).where(o.customerID == c.id).notExists, "4 5")
        QueryCase.customers(
            "equal to any of a query",
            without: [.sqlite],
            c.id.compare(.equal, any: o.select(o.customerID)),
            "1 2 3"
        )
        QueryCase.customers(
            "greater than all of a query",
            without: [.sqlite],
            c.id.compare(.greater, all: o.select(o.customerID)),
            "4 5"
        )
        QueryCase.customers("a scalar subquery", c.id == o.select(max(o.customerID).expression).scalar, "3")
        QueryCase.customers("a raw condition", condition("\(c.id) % 2 = \(1)"), "1 3 5")
        QueryCase.customers(
            "a raw condition with an expression",
            condition("\(c.id + 1) = 3 or 1 = 0") && c.id > 1,
            "2"
        )
        QueryCase.customers("a raw query inside", condition("\(c.id) in \(o.select(o.customerID))"), "1 2 3")
        QueryCase.customers("a statement as a condition", condition(SQLFragment("id > \(3)" as Statement)), "4 5")
    }
}
