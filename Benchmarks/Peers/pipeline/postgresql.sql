-- The rows that are moved, from :first to :last, of the shape all benchmarks have. A line that ends with a semicolon ends a statement.
create table if not exists bench_move (
    id bigint primary key, name text not null, price double precision not null, quantity integer not null,
    at timestamptz not null, note text
);
insert into bench_move
select i, 'item ' || i % 99991 || case when i % 5 = 0 then ' über 12345678' else '' end, (i * 7919 % 1000000) / 100.0::float8,
       i * 31 % 1000, timestamptz '2024-01-01 00:00:00+00' + (i * 37 % 31000000) * interval '1 second' + i % 1000000 * interval '1 microsecond',
       case when i % 3 = 0 then null when i % 16 = 1 then rpad('note ' || i % 997 || ' ', 200, 'x') else 'note ' || i % 997 end
from generate_series(:first::bigint, :last) i;
