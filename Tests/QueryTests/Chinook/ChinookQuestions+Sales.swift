import Roost
import RoostQuery

/// Questions about customers, invoices and money.
enum ChinookSales {
    private static let c = Chinook.Customer.as("c")
    private static let e = Chinook.Employee.as("e")
    private static let i = Chinook.Invoice.as("i")
    private static let r = Chinook.Ranked.table
    private static let m = Chinook.Month.table
    private static var year: SQLExpression<Int?> { i.date.field(.year) }
    private static var month: SQLExpression<Int?> { i.date.field(.month) }
    private static var sales: SQLExpression<BigDecimal?> { sum(i.total).expression.rounded(to: 2) }

    static let all: [ChinookQuestion] = [
        topOfCountries, runningTotal, median, byRepresentative, aboveAverage, growth, quartiles, byWeekday, cohorts,
        everyYear, pivot, directory,
    ]

    private static let topOfCountries = ChinookQuestion(
        "The customer of each country who spent most",
        c.join(i, on: i.customerID == c.id).select(
            value(Int?.none),
            c.id,
            sales,
            rowNumber().over(partitionBy: [c.country], orderBy: [sales.descending, c.id])
        ).groupBy(c.country, c.id).subquery(as: Chinook.Ranked.self).select(r.id, r.amount).where(r.place == 1).orderBy(
            r.id
        )
    ) { _ in
        """
        select customerid, spent from (
            select c.customerid, round(sum(i.total), 2) as spent, row_number() over (
                partition by c.country order by round(sum(i.total), 2) desc, c.customerid
            ) as place
            from customer c join invoice i on i.customerid = c.customerid group by c.country, c.customerid
        ) ranked where place = 1 order by customerid
        """
    }

    private static let runningTotal = ChinookQuestion(
        "Sales of each month, and since the beginning",
        i.select(year, month, sales).groupBy(year, month).subquery(as: Chinook.Month.self).select(
            m.year,
            m.month,
            m.sales,
            sum(m.sales).over(orderBy: [m.year, m.month]).rounded(to: 2)
        ).orderBy(m.year, m.month)
    ) { words in
        """
        select y, m, sales, round(sum(sales) over (order by y, m), 2) from (
            select \(words.year("invoicedate")) as y, \(words.month("invoicedate")) as m, round(sum(total), 2) as sales
            from invoice group by \(words.year("invoicedate")), \(words.month("invoicedate"))
        ) months order by y, m
        """
    }

    private static let median = ChinookQuestion(
        "The median invoice",
        i.select(count().over().optional, i.id, i.total.optional, rowNumber().over(orderBy: [i.total, i.id])).subquery(
            as: Chinook.Ranked.self
        ).select(average(r.amount).expression).where(
            r.place.between((r.group.required + 1) / 2, and: (r.group.required + 2) / 2)
        )
    ) { _ in
        """
        select avg(total) from (
            select total, row_number() over (order by total, invoiceid) as place, count(*) over () as size from invoice
        ) ranked where 2 * place between size and size + 2
        """
    }

    private static let byRepresentative = ChinookQuestion(
        "Customers and sales of each employee who supports some, or none",
        e.leftJoin(c.optional, on: c.supportID == e.id).leftJoin(i.optional, on: i.customerID == c.id).select(
            e.id,
            e.lastName,
            count(distinct: c.id).expression,
            sales.or(BigDecimal(0))
        ).groupBy(e.id, e.lastName).orderBy(e.id)
    ) { _ in
        """
        select e.employeeid, e.lastname, count(distinct c.customerid), coalesce(round(sum(i.total), 2), 0)
        from employee e left join customer c on c.supportrepid = e.employeeid
        left join invoice i on i.customerid = c.customerid group by e.employeeid, e.lastname order by e.employeeid
        """
    }

    private static var spent: CommonTable<Chinook.Ranked> {
        CommonTable(
            as: c.join(i, on: i.customerID == c.id).select(
                value(Int?.none).cast(to: Int?.self),
                c.id,
                sales,
                rank().over(orderBy: [sales.descending])
            ).groupBy(c.id)
        )
    }

    private static let aboveAverage = ChinookQuestion(
        "Customers who spent a tenth more than the average customer",
        r.select(r.id, r.amount, r.place).from(spent.table).where(
            r.amount.cast(to: Double.self)
                > spent.table.select(average(r.amount).expression).scalar.required * 1.1
        ).orderBy(r.amount.descending, r.id).with(spent)
    ) { _ in
        """
        with ranked as (
            select customerid, round(sum(total), 2) as spent, rank() over (order by round(sum(total), 2) desc) as place
            from invoice group by customerid
        )
        select customerid, spent, place from ranked where spent > (select avg(spent) from ranked) * 1.1
        order by spent desc, customerid
        """
    }

    private static let growth = ChinookQuestion(
        "Sales of each year, and how they grew",
        i.select(year, value(0), sales).groupBy(year).subquery(as: Chinook.Month.self).select(
            m.year,
            m.sales,
            (m.sales - lag(m.sales).over(orderBy: [m.year])).rounded(to: 2)
        ).orderBy(m.year)
    ) { words in
        """
        select y, sales, round(sales - lag(sales) over (order by y), 2) from (
            select \(words.year("invoicedate")) as y, round(sum(total), 2) as sales
            from invoice group by \(words.year("invoicedate"))
        ) years order by y
        """
    }

    private static let quartiles = ChinookQuestion(
        "Quarters of the customers by what they spent",
        i.select(value(Int?.none), i.customerID, sales, ntile(4).over(orderBy: [sales.descending, i.customerID]))
            .groupBy(
                i.customerID
            ).subquery(as: Chinook.Ranked.self).select(
                r.place,
                count().expression,
                min(r.amount).expression,
                max(r.amount).expression
            ).groupBy(r.place).orderBy(r.place)
    ) { _ in
        """
        select quarter, count(*), min(spent), max(spent) from (
            select customerid, round(sum(total), 2) as spent,
                ntile(4) over (order by round(sum(total), 2) desc, customerid) as quarter
            from invoice group by customerid
        ) spending group by quarter order by quarter
        """
    }

    private static let byWeekday = ChinookQuestion(
        "Invoices and sales by day of the week",
        i.select(i.date.field(.weekday), count().expression, sales).groupBy(i.date.field(.weekday)).orderBy(
            i.date.field(.weekday)
        )
    ) { words in
        """
        select \(words.weekday("invoicedate")), count(*), round(sum(total), 2) from invoice
        group by \(words.weekday("invoicedate")) order by \(words.weekday("invoicedate"))
        """
    }

    private static var first: CommonTable<Chinook.Node> {
        CommonTable(as: i.select(i.customerID, min(year).expression.required).groupBy(i.customerID))
    }

    private static let cohorts = ChinookQuestion(
        "Customers by the year of their first purchase, and how many bought in each year",
        i.join(first.table, on: Chinook.Node.table.id == i.customerID).select(
            Chinook.Node.table.level,
            year,
            count(distinct: i.customerID).expression
        ).groupBy(Chinook.Node.table.level, year).orderBy(Chinook.Node.table.level, year).with(first)
    ) { words in
        """
        with tree as (select customerid, min(\(words.year("invoicedate"))) as cohort from invoice group by customerid)
        select cohort, \(words.year("i.invoicedate")), count(distinct i.customerid)
        from invoice i join tree on tree.customerid = i.customerid
        group by cohort, \(words.year("i.invoicedate")) order by cohort, \(words.year("i.invoicedate"))
        """
    }

    private static let everyYear = ChinookQuestion(
        "Customers who bought in every year there was",
        c.join(i, on: i.customerID == c.id).select(c.id, c.email).groupBy(c.id, c.email).having(
            count(distinct: year).expression
                == Chinook.Invoice.as("x").select(
                    count(distinct: Chinook.Invoice.as("x").date.field(.year)).expression
                ).scalar
        ).orderBy(c.id)
    ) { words in
        """
        select c.customerid, c.email from customer c join invoice i on i.customerid = c.customerid
        group by c.customerid, c.email
        having count(distinct \(words.year("i.invoicedate"))) = (
            select count(distinct \(words.year("invoicedate"))) from invoice
        ) order by c.customerid
        """
    }

    private static let pivot = ChinookQuestion(
        "Sales of each year in three countries, side by side",
        i.select(
            year,
            sum(i.total).filter(i.country == "USA").expression.rounded(to: 2),
            sum(i.total).filter(i.country == "Germany").expression.rounded(to: 2),
            sum(i.total).filter(i.country.notIn(["USA", "Germany"])).expression.rounded(to: 2)
        ).groupBy(year).orderBy(year)
    ) { words in
        """
        select \(words.year("invoicedate")),
            round(sum(case when billingcountry = 'USA' then total end), 2),
            round(sum(case when billingcountry = 'Germany' then total end), 2),
            round(sum(case when billingcountry not in ('USA', 'Germany') then total end), 2)
        from invoice group by \(words.year("invoicedate")) order by \(words.year("invoicedate"))
        """
    }

    private static let p = Chinook.Person.table

    private static let directory = ChinookQuestion(
        "Employees and customers by country, in one list",
        c.select(value("customer").cast(to: String.self), c.country).unionAll(
            e.select(value("employee").cast(to: String.self), e.country)
        ).subquery(as: Chinook.Person.self).select(p.country, p.kind, count().expression).groupBy(p.country, p.kind)
            .having(count().expression > 2).orderBy(count().expression.descending, p.country, p.kind)
    ) { _ in
        """
        select country, kind, count(*) from (
            select 'customer' as kind, country from customer union all select 'employee', country from employee
        ) people group by country, kind having count(*) > 2 order by count(*) desc, country, kind
        """
    }
}
