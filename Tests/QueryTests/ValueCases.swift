import Roost
import RoostQuery

enum ValueCases {
    private static let c = Customers.table
    private static let o = Orders.table
    private static let mysqls: Set<QueryEngine> = [.mysql, .mariadb]
    private static let notPostgreSQL: Set<QueryEngine> = [.sqlite, .mysql, .mariadb]

    private static func text(_ text: String) -> SQLExpression<String> { value(text).cast(to: String.self) }
    private static func number(_ number: Int) -> SQLExpression<Int> { value(number) }
    private static func real(_ number: Double) -> SQLExpression<Double> { value(number) }

    static let all: [QueryCase] = texts + numbers + branches + documents + arrays

    private static let texts: [QueryCase] = cases {
        QueryCase.value("lower case", text("ABC").lowercased(), "abc")
        QueryCase.value("upper case", text("abc").uppercased(), "ABC")
        QueryCase.value("length in characters", text("Köln").length, "4")
        QueryCase.value("length of nothing", text("").length, "0")
        QueryCase.value("trimmed", text("  a b ").trimmed(), "a b")
        QueryCase.value("trimmed at the start", text("  a ").trimmedStart().appending("."), "a .")
        QueryCase.value("trimmed at the end", text(" a  ").trimmedEnd().appending("."), " a.")
        QueryCase.value("replaced", text("banana").replacing("an", with: "x"), "bxxa")
        QueryCase.value("replaced by nothing", text("banana").replacing("a", with: ""), "bnn")
        QueryCase.value("substring to the end", text("abcdef").substring(from: 3), "cdef")
        QueryCase.value("substring of a length", text("abcdef").substring(from: 2, length: 3), "bcd")
        QueryCase.value("substring beyond the end", text("abc").substring(from: 9), "")
        QueryCase.value("position", text("banana").position(of: "nan"), "3")
        QueryCase.value("position of what is not there", text("banana").position(of: "x"), "0")
        QueryCase.value("prefix", text("abcdef").prefix(2), "ab")
        QueryCase.value("prefix longer than the text", text("ab").prefix(9), "ab")
        QueryCase.value("suffix", text("abcdef").suffix(2), "ef")
        QueryCase.value("suffix longer than the text", text("ab").suffix(9), "ab")
        QueryCase.value("padded at the start", text("7").paddedStart(to: 3, with: "0"), "007")
        QueryCase.value("padded at the end", text("ab").paddedEnd(to: 4, with: "."), "ab..")
        QueryCase.value("cut by padding", text("abcdef").paddedEnd(to: 3), "abc")
        QueryCase.value("cut by padding at the start", text("abcdef").paddedStart(to: 3), "abc")
        QueryCase.value("padded with several", text("x").paddedStart(to: 4, with: "ab"), "abax")
        QueryCase.value("repeated", text("ab").repeated(3), "ababab")
        QueryCase.value("repeated never", text("ab").repeated(0), "")
        QueryCase.value("reversed", without: [.sqlite], text("abc").reversed(), "cba")
        QueryCase.value("appended", text("a").appending("b"), "ab")
        QueryCase.value("appended thrice", text("a").appending(text("b").appending("c")), "abc")
        QueryCase.rows("NULL appended is NULL", c.select(c.name.optional.appending(c.city)).where(c.id == 4), "nil")
        QueryCase.value("text with quotes", text("it's \"so\" \\n"), "it's \"so\" \\n")
        QueryCase.value("text of many scripts", text("żółw 日本 🐢"), "żółw 日本 🐢")
    }

    private static let numbers: [QueryCase] = cases {
        QueryCase.value("sum of literals", number(1) + 2, "3")
        QueryCase.value("difference", number(1) - 2, "-1")
        QueryCase.value("product", number(6) * 7, "42")
        QueryCase.value("a value on the left", 10 - number(3), "7")
        QueryCase.value("integers divide to integers", number(7) / 2, "3")
        QueryCase.value("negative integers divide towards zero", number(-7) / 2, "-3")
        QueryCase.value("remainder", number(7) % 3, "1")
        QueryCase.value("remainder of a negative", number(-7) % 3, "-1")
        QueryCase.value("precedence", number(1) + number(2) * 3, "7")
        QueryCase.value("parentheses", (number(1) + 2) * 3, "9")
        QueryCase.value("subtraction from the right", number(10) - (number(5) - 2), "7")
        QueryCase.value("negated", -(number(3) + 1), "-4")
        QueryCase.value("doubles divide", real(7) / 2, "3.5")
        QueryCase.value("double sum", real(0.5) + 0.25, "0.75")
        QueryCase.value("big integer", number(9_007_199_254_740_993), "9007199254740993")
        QueryCase.value("magnitude", number(-5).magnitude, "5")
        QueryCase.value("sign", number(-5).sign, "-1")
        QueryCase.value("sign of zero", number(0).sign, "0")
        QueryCase.value("rounded up", real(1.2).roundedUp(), "2.0")
        QueryCase.value("rounded down", real(-1.2).roundedDown(), "-2.0")
        QueryCase.value("rounded", real(2.4).rounded(), "2.0")
        QueryCase.value("rounded to places", real(2.346).rounded(to: 2), "2.35")
        QueryCase.value("square root", real(9).squareRoot(), "3.0")
        QueryCase.value("power", real(2).raised(to: 10), "1024.0")
        QueryCase.value("logarithm of one", real(1).logarithm(), "0.0")
        QueryCase.value("exponential of zero", real(0).exponential(), "1.0")
        QueryCase.value("greatest", greatest(number(1), number(3), number(2)), "3")
        QueryCase.value("least", least(number(1), number(3), number(2)), "1")
        QueryCase.rows(
            "greatest of a NULL is NULL",
            c.select(greatest(c.referrer, c.id.optional)).where(c.id == 1),
            "nil"
        )
        QueryCase.rows("random is from 0 to 1", select((random() >= 0 && random() < 1).value), "true")
        QueryCase.each("decimals add", o.price + BigDecimal(1), "11.5 21.25 6 8.75 2.25")
        QueryCase.each("doubles multiply", o.weight * 2, "3.0 5.0 1.0 6.0 0.5")
        QueryCase.each("column arithmetic", o.total - o.id * 10, "90 30 40 30 -20")
        QueryCase.value("cast to text", number(12).cast(to: String.self), "12")
        QueryCase.value("cast to an integer", text("12").cast(to: Int.self), "12")
        QueryCase.value("cast to a double", text("1.5").cast(to: Double.self), "1.5")
        QueryCase.value(
            "cast to a decimal",
            text("1.50").cast(to: .decimal(precision: 10, scale: 2), as: BigDecimal.self),
            "1.5"
        )
        QueryCase.value("cast to a date", text("2024-02-29").cast(to: LocalDate.self), "2024-02-29")
    }

    private static let branches: [QueryCase] = cases {
        QueryCase.rows("coalesce to a value", c.select(c.city.or("?")).where(c.id == 4), "?")
        QueryCase.rows("coalesce leaves values", c.select(c.city.or("?")).where(c.id == 5), "Paris")
        QueryCase.rows("coalesce to an expression", c.select(c.city.or(c.name)).where(c.id == 4), "Di")
        QueryCase.rows("null if", c.select(c.name.nullIf("Di")).where(c.id > 3).orderBy(c.id), "nil", "ed")
        QueryCase.each("case", when(o.total >= 70, then: "big").otherwise("small"), "big small big big small")
        QueryCase.each(
            "case of three",
            when(o.total > 90, then: "a").when(o.total > 60, then: "b").otherwise("c"),
            "a c b b c"
        )
        QueryCase.each("case without else", when(o.total > 90, then: 1).otherwiseNull, "1 nil nil nil nil")
        QueryCase.each("case with expressions", when(o.paid.isTrue, then: o.total).otherwise(o.id), "100 2 70 70 5")
        QueryCase.each("case inside arithmetic", when(o.paid.isTrue, then: 1).otherwise(0) + 1, "2 1 2 2 1")
        QueryCase.each("a condition as a value", (o.total > 60).value, "true false true true false")
        QueryCase.rows("a condition that is neither", c.select((c.city == "x").value).where(c.id == 4), "nil")
        QueryCase.value("a boolean", value(true), "true")
        QueryCase.value("a missing number", value(Int?.none).cast(to: Int?.self), "nil")
        QueryCase.value("raw", sql("1 + \(2)", as: Int.self), "3")
        QueryCase.value("raw inside arithmetic", sql("1 + \(number(2))", as: Int.self) * 2, "6")
        QueryCase.value("a function by name", call("abs", arguments: [number(-3)], as: Int.self), "3")
        QueryCase.rows("an alias", c.select(c.id.as("number")).where(c.id == 1), "1")
        QueryCase.rows("an alias that needs quotes", c.select(c.id.as("a \"b\" c")).where(c.id == 1), "1")
        QueryCase.rows("typed as another type", c.select(c.id.typed(Int64.self)).where(c.id == 1), "1")
    }

    private static let documents: [QueryCase] = cases {
        QueryCase.each("JSON integer", o.note.value(at: "a", as: Int.self), "1 nil 2 nil 3")
        QueryCase.each("JSON text", o.note.value(at: ["b", "c"], as: String.self), "x nil nil nil nil")
        QueryCase.each("JSON key with a dot", o.note.value(at: ["b", "d.e"], as: String.self), "y nil nil nil nil")
        QueryCase.each("JSON element", o.note.value(at: ["l", 1], as: Int.self), "2 nil nil nil nil")
        QueryCase.each("JSON null is NULL", o.note.value(at: "n", as: String.self), "nil nil nil nil nil")
        QueryCase.each("JSON document", o.note.document(at: "l"), "[1,2,3] nil nil nil nil")
        QueryCase.each("JSON array's length", o.note.arrayLength(at: "l"), "3 nil nil nil nil")
        QueryCase.orders("JSON has a path", o.note.has(["b", "c"]), "1")
        QueryCase.orders("JSON has a null", o.note.has("n"), "3")
        QueryCase.orders("JSON compared", o.note.value(at: "a", as: Int.self) > 1, "3 5")
        QueryCase.rows("JSON set", o.select(o.note.setting("a", to: 9)).where(o.id == 5), #"{"a":9}"#)
        QueryCase.rows("JSON removed", o.select(o.note.removing("a")).where(o.id == 5), "{}")
        QueryCase.rows(
            "JSON key with a quote in it",
            o.select(o.note.value(at: "it's", as: String.self)).where(o.id == 5),
            "nil"
        )
        QueryCase.rows(
            "JSON key with a backslash",
            o.select(o.note.value(at: "a\\b", as: String.self)).where(o.id == 5),
            "nil"
        )
    }

    private static let arrays: [QueryCase] = cases {
        QueryCase.value("array element", without: notPostgreSQL, array(number(4), number(5)).element(2), "5")
        QueryCase.value("array count", without: notPostgreSQL, array(number(4), number(5)).elementCount(), "2")
        QueryCase.customers(
            "element of an array",
            without: notPostgreSQL,
            c.id.isElement(of: array(number(2), number(9))),
            "2"
        )
        QueryCase.value(
            "array contains all",
            without: notPostgreSQL,
            array(number(1), number(2)).contains(all: [1]).value,
            "true"
        )
        QueryCase.value(
            "array contains any",
            without: notPostgreSQL,
            array(number(1), number(2)).contains(any: [3]).value,
            "false"
        )
        QueryCase.rows(
            "array unnested",
            without: notPostgreSQL,
            select(array(number(1), number(2)).unnested()),
            "1",
            "2"
        )
        QueryCase.rows(
            "array aggregate",
            without: notPostgreSQL,
            o.select(array(of: o.id).orderBy(o.id.descending).expression),
            "[5, 4, 3, 2, 1]"
        )
    }
}
