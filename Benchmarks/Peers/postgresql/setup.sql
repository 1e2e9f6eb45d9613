-- The table every peer reads: 1,000,000 rows of six columns, the same on every server and in every run.
drop table if exists bench_item;
create table bench_item (
    id bigint primary key, name text not null, price double precision not null, quantity integer not null,
    at timestamptz not null, note text
);
insert into bench_item
select i, 'item ' || i % 99991 || case when i % 5 = 0 then ' über 12345678' else '' end, (i * 7919 % 1000000) / 100.0::float8,
       i * 31 % 1000, timestamptz '2024-01-01 00:00:00+00' + (i * 37 % 31000000) * interval '1 second' + i * interval '1 microsecond',
       case when i % 3 = 0 then null else 'note ' || i % 997 end
from generate_series(1::bigint, 1000000) i;
analyze bench_item;
