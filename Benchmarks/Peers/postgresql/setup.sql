-- What every peer reads and writes, made by the server alone. A line that ends with a semicolon ends a statement.
drop table if exists bench_item, bench_new, bench_bytes, bench_array, bench_rows;
create table bench_item (
    id bigint primary key, name text not null, price double precision not null, quantity integer not null,
    at timestamptz not null, note text
);
insert into bench_item
select i, 'item ' || i % 99991 || case when i % 5 = 0 then ' über 12345678' else '' end, (i * 7919 % 1000000) / 100.0::float8,
       i * 31 % 1000, timestamptz '2024-01-01 00:00:00+00' + (i * 37 % 31000000) * interval '1 second' + i % 1000000 * interval '1 microsecond',
       case when i % 3 = 0 then null when i % 16 = 1 then rpad('note ' || i % 997 || ' ', 200, 'x') else 'note ' || i % 997 end
from generate_series(1::bigint, 1000000) i;
create table bench_new (like bench_item);
create table bench_bytes as
select substring(decode(repeat(md5(i::text), 63), 'hex') for 1000) as data from generate_series(1, 100) i;
create table bench_array as
select array(select i * 1000 + k from generate_series(1, 100) k)::integer[] as numbers from generate_series(1, 100) i;
create table bench_rows (a integer, b integer, c integer, d text, e double precision, f integer, g text);
analyze bench_item;
analyze bench_bytes;
analyze bench_array;
comment on table bench_item is 'roost benchmarks 3';
