select id, date(sold_at) as day, cents / 100.0 as amount
from sale
where voided = 0
