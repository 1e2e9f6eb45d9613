create table sale (id integer primary key, sold_at text not null, cents integer not null, voided integer not null default 0);
with recursive n(i) as (values (1) union all select i + 1 from n where i < 300)
insert into sale select i, datetime('2026-01-01', (i * 13) || ' minutes'), i * 10, i % 50 = 0 from n;
