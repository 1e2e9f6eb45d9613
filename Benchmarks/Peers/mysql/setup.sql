-- What every peer reads and writes, made by the server alone. A line that ends with a semicolon ends a statement.
drop table if exists bench_item, bench_new, bench_orm;
create table bench_item (
    id bigint primary key, name text not null, price double not null, quantity integer not null, at timestamp(6) not null, note text
) engine = InnoDB default charset = utf8mb4;
insert into bench_item
with digit as (
    select 0 as d union all select 1 union all select 2 union all select 3 union all select 4
    union all select 5 union all select 6 union all select 7 union all select 8 union all select 9
), number as (
    select 1 + a.d + 10 * b.d + 100 * c.d + 1000 * d.d + 10000 * e.d + 100000 * f.d as i
    from digit a, digit b, digit c, digit d, digit e, digit f
)
select i, concat('item ', i % 99991, case when i % 5 = 0 then ' über 12345678' else '' end), (i * 7919 % 1000000) / 100e0, i * 31 % 1000,
       timestamp'2024-01-01 00:00:00' + interval (i * 37 % 31000000) second + interval (i % 1000000) microsecond,
       case when i % 3 = 0 then null when i % 16 = 1 then rpad(concat('note ', i % 997, ' '), 200, 'x') else concat('note ', i % 997) end
from number order by i;
create table bench_new like bench_item;
create table bench_orm like bench_item;
alter table bench_orm modify id bigint not null auto_increment;
analyze table bench_item;
alter table bench_item comment = 'roost benchmarks 2';
