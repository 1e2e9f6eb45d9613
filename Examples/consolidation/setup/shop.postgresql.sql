create table orders (
    id bigint primary key,
    customer_id integer not null,
    currency varchar(3) not null,
    amount numeric(12,2) not null,
    ordered_at timestamp not null,
    updated_at timestamp not null
);
insert into orders
select n, n % 40 + 1, (array['EUR', 'NOK'])[n % 2 + 1], n * 1.25,
       timestamp '2026-01-01' + n * interval '10 minutes', timestamp '2026-01-01' + n * interval '10 minutes'
from generate_series(1, 400) as n;
