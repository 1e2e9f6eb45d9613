select s.day, 'web' as channel, c.country, cast(s.amount * 100 as bigint) as cents
from sale_web as s
join customer as c on c.id = s.customer_id and c.is_current
union all
select day, 'town', 'NO', cast(amount * 100 as bigint)
from sale_town
