-- The rows that are moved, from :first to :last.
create table if not exists bench_move (id integer primary key, name text not null, price real not null, quantity integer not null,
                                       at timestamp not null, note text);
with recursive series(i) as (select :first union all select i + 1 from series where i < :last)
insert into bench_move
select i, 'item ' || (i % 99991) || case when i % 5 = 0 then ' über 12345678' else '' end, (i * 7919 % 1000000) / 100.0, i * 31 % 1000,
       strftime('%Y-%m-%d %H:%M:%S', 1704067200 + i * 37 % 31000000, 'unixepoch') || printf('.%06d', i % 1000000),
       case when i % 3 = 0 then null when i % 16 = 1 then substr('note ' || (i % 997) || ' ' || replace(hex(zeroblob(100)), '0', 'x'), 1, 200)
            else 'note ' || (i % 997) end
from series;
