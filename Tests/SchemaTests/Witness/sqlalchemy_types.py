"""Prints, a JSON object a line, a table for every type that SQLAlchemy knows for a dialect, as its own DDL makes it.

Usage: sqlalchemy_types.py postgresql|mysql|mariadb|sqlite
"""
import inspect
import json
import sys

import sqlalchemy as sa
from sqlalchemy.dialects import mysql, postgresql, sqlite
from sqlalchemy.schema import CreateTable
from sqlalchemy.types import TypeEngine

name = sys.argv[1]
module = {"postgresql": postgresql, "sqlite": sqlite}.get(name, mysql)
if name == "mariadb":
    from sqlalchemy.dialects.mysql.mariadb import MariaDBDialect
    dialect = MariaDBDialect()
else:
    dialect = module.dialect()

arguments = {
    "ARRAY": lambda t: t(sa.Integer), "ENUM": lambda t: t("a", "b'c", name="an_enum"), "Enum": lambda t: t("x", "y", name="enum_two"),
    "SET": lambda t: t("a", "b"), "VARCHAR": lambda t: t(30), "String": lambda t: t(30), "Unicode": lambda t: t(30),
    "NVARCHAR": lambda t: t(30), "NCHAR": lambda t: t(3), "CHAR": lambda t: t(3), "VARBINARY": lambda t: t(30), "BINARY": lambda t: t(3),
    "NUMERIC": lambda t: t(12, 3), "DECIMAL": lambda t: t(12, 3), "Numeric": lambda t: t(12, 3), "DOMAIN": lambda t: None,
}
abstract = {"TypeEngine", "UserDefinedType", "TypeDecorator", "NullType", "Variant", "SchemaType", "MatchType", "Concatenable",
            "ExternalType", "Indexable", "TupleType", "AbstractRange", "AbstractSingleRange", "AbstractMultiRange"}
types = {}
for source in (sa.types, module):
    for word in sorted(set(dir(source))):
        kind = getattr(source, word)
        if inspect.isclass(kind) and issubclass(kind, TypeEngine) and word not in abstract and not word.startswith("_"):
            types[word if source is sa.types else "dialect_" + word] = kind
for number, (word, kind) in enumerate(types.items()):
    short = word.removeprefix("dialect_")
    if short == "ARRAY" and name != "postgresql":
        continue
    try:
        column_type = arguments.get(short, lambda t: t())(kind)
        if column_type is None:
            continue
        statements = []
        if name == "postgresql" and short in ("ENUM", "Enum"):
            column_type.name = "enum_" + word.lower()
            statements.append(str(postgresql.CreateEnumType(
                column_type if short == "ENUM" else postgresql.ENUM(*column_type.enums, name=column_type.name)
            ).compile(dialect=dialect)))
        table = sa.Table(f"t{number}_{word}", sa.MetaData(), sa.Column("id", sa.Integer, primary_key=True), sa.Column("c", column_type))
        spelling = column_type.compile(dialect=dialect)
        statements.append(str(CreateTable(table).compile(dialect=dialect)))
    except (sa.exc.CompileError, AttributeError, TypeError, NotImplementedError) as error:
        print(f"{word}: {error}", file=sys.stderr)
        continue
    print(json.dumps({"type": word, "table": table.name, "spelling": spelling, "statements": statements}))
