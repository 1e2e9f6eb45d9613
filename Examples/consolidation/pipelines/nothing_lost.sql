-- What is wrong: days whose sum is not that of the sales.
select 1
from (select coalesce(sum(cents), 0) as cents from {rows}) as d,
     (select coalesce(sum(cast(amount * 100 as bigint)), 0) as cents from sale_web) as w,
     (select coalesce(sum(cast(amount * 100 as bigint)), 0) as cents from sale_town) as t
where d.cents <> w.cents + t.cents
