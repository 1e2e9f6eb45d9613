-- Each order by itself, at the rate of its day; orders in euros need none. Exact amounts come as text: round() gives a number back.
select o.id, o.customer_id, date(o.ordered_at) as day, o.updated_at,
       round(o.amount / coalesce(r.rate, 1), 2) as amount
from input as o
left join rate as r on r.currency = o.currency and r.day = date(o.ordered_at)
where o.currency = 'EUR' or r.rate is not null
