import Foundation
import Roost
import RoostMigrations
import RoostSQLite
import Testing

@Suite struct ImportTests {
    /// What an import gives, written out and read again.
    private func graph(_ found: MigrationImport) throws -> RevisionGraph {
        let target = try MigrationFiles()
        defer { target.remove() }
        for template in found.migrations { try template.write(into: target.path) }
        return try target.graph()
    }

    private func steps(_ graph: RevisionGraph, _ id: String, _ direction: Revision.Direction = .up) throws -> [String] {
        try #require(graph[id]).steps(direction, dialect: .sqlite).map(\.text)
    }

    @Test func flyway() throws {
        let files = try MigrationFiles([
            "V1__create_customer.sql": "create table customer (id int);",
            "V10__last.sql": "select 10;", "V2.1__add_city.sql": "alter table customer add city text;",
            "U2.1__add_city.sql": "alter table customer drop column city;",
            "V10__last.sql.conf": "executeInTransaction=false",
            "afterMigrate.sql": "select 1;",
        ])
        defer { files.remove() }
        let found = try MigrationImport.read(.flyway, folder: files.path)
        #expect(found.isComplete && found.remarks.count == 1)
        let graph = try graph(found)
        #expect(graph.revisions.map(\.id) == ["1", "2.1", "10"])
        #expect(graph["2.1"]?.description == "add city")
        #expect(graph["10"]?.isTransactional == false)
        #expect(try steps(graph, "2.1", .down) == ["alter table customer drop column city"])
        try files.write("select 1;", to: "R__view.sql")
        #expect(try !MigrationImport.read(.flyway, folder: files.path).isComplete)
    }

    @Test func atlas() throws {
        let files = try MigrationFiles([
            "20250101000000_init.sql": "create table t (id int);",
            "20250102000000.sql": "-- atlas:txmode none\nselect 2;",
            "20250103000000_x.up.sql": "select 3;", "20250103000000_x.down.sql": "select -3;", "atlas.sum": "h1:…",
        ])
        defer { files.remove() }
        let graph = try graph(try MigrationImport.read(.atlas, folder: files.path))
        #expect(graph.revisions.map(\.id) == ["20250101000000", "20250102000000", "20250103000000"])
        #expect(graph["20250102000000"]?.isTransactional == false)
        #expect(try steps(graph, "20250103000000", .down) == ["select -3"])
        try files.write("-- atlas:delimiter \\n\\n\nselect 4", to: "20250104000000.sql")
        #expect(try !MigrationImport.read(.atlas, folder: files.path).isComplete)
    }

    private static let plain = #"""
        """create customer

        Revision ID: 1a2b
        """
        from typing import Union
        from alembic import op
        import sqlalchemy as sa

        # revision identifiers, used by Alembic.
        revision: str = '1a2b'
        down_revision: Union[str, None] = None
        branch_labels = None
        depends_on = None


        def upgrade() -> None:
            # a comment with op.create_table(
            op.execute("create table customer (id int, "
                       'name text default \'a\n\')')
            op.execute(sa.text("""
                insert into customer
                values (1, '#');
            """))


        def downgrade():
            op.execute("drop table customer")
        """#

    private static let written = """
        '''merge'''
        revision = "3c"
        down_revision = ("1a2b", "2b")

        def upgrade():
            pass

        def downgrade():
            pass
        """

    private static let operations = """
        revision = '2b'
        down_revision = '1a2b'

        def upgrade():
            op.add_column(
                'customer', sa.Column('city', sa.Text()))
            name = "x"
            op.execute(f"drop table {name}")

        def downgrade():
            op.drop_column('customer', 'city')
        """

    @Test func alembic() throws {
        let files = try MigrationFiles(["a.py": Self.plain])
        defer { files.remove() }
        let graph = try graph(try MigrationImport.read(.alembic, folder: files.path))
        #expect(graph["1a2b"]?.description == "create customer")
        let up = try steps(graph, "1a2b")
        #expect(up.first == "create table customer (id int, name text default 'a\n')")
        #expect(up.count == 2 && up.last?.hasPrefix("insert into customer") == true)
        #expect(try steps(graph, "1a2b", .down) == ["drop table customer"])
    }

    @Test func whatAlembicWroteInPythonIsSaidOrTakenFromItsScript() throws {
        let files = try MigrationFiles(["a.py": Self.plain, "b.py": Self.operations, "c.py": Self.written])
        defer { files.remove() }
        let found = try MigrationImport.read(.alembic, folder: files.path)
        #expect(!found.isComplete)
        let blocking = found.remarks.filter(\.isBlocking)
        #expect(blocking.map(\.line) == [5, 7, 8])
        #expect(blocking.first?.message.contains("op.add_column(") == true)
        let script = """
            BEGIN;

            CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL);

            -- Running upgrade  -> 1a2b

            INSERT INTO alembic_version (version_num) VALUES ('1a2b');

            -- Running upgrade 1a2b -> 2b

            ALTER TABLE customer ADD COLUMN city TEXT;

            UPDATE alembic_version SET version_num='2b' WHERE alembic_version.version_num = '1a2b';

            -- Running upgrade 1a2b, 2b -> 3c

            COMMIT;
            """
        try files.write(script, to: "all.sql")
        let whole = try MigrationImport.read(.alembic, folder: files.path, offlineScript: files.path + "/all.sql")
        #expect(whole.isComplete)
        let graph = try graph(whole)
        #expect(graph.revisions.map(\.id) == ["1a2b", "2b", "3c"])
        #expect(try steps(graph, "2b") == ["ALTER TABLE customer ADD COLUMN city TEXT"])
        #expect(graph["2b"]?.isReversible(dialect: .sqlite) == false, "nothing is guessed for the way back")
        #expect(graph["3c"]?.parents == ["1a2b", "2b"])
    }
}
