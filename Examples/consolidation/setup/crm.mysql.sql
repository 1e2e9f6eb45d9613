create table customer (
    id int primary key,
    name varchar(80) not null,
    email varchar(120),
    phone varchar(30),
    birthday date,
    country char(2) not null,
    notes text
);
insert into customer (id, name, email, phone, birthday, country, notes)
with recursive n(i) as (select 1 union all select i + 1 from n where i < 40)
select i, concat('Customer ', i), concat('c', i, '@example.com'), concat('+47 555 0', 100 + i),
       date_add('1980-01-01', interval i month), if(i % 3 = 0, 'SE', 'NO'), 'called twice'
from n;
