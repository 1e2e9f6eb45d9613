"""The engines' own clients, as commands and for a question."""
import os, subprocess, sys
from urllib.parse import unquote, urlsplit


class Server:
    """A database by its URL; a file's path makes one that answers nothing."""

    def __init__(self, text):
        self.url = urlsplit(text)
        self.is_postgresql = self.url.scheme == "postgresql"

    def command(self, *words):
        """The client with its options; the password is in the environment."""
        host, port, user, database = self.url.hostname, str(self.url.port), unquote(self.url.username or ""), self.url.path[1:]
        if self.is_postgresql:
            return ["psql", "-Xq", "-v", "ON_ERROR_STOP=1", "-h", host, "-p", port, "-U", user, "-d", database, *words]
        return ["mariadb", "--no-defaults", "--protocol=tcp", "--skip-ssl", "--default-character-set=utf8mb4", "-h", host, "-P", port, "-u", user,
                "--init-command=set time_zone = '+00:00'", database, *words]

    def query(self, statement):
        """Rows of texts; NULL is None."""
        words = ["-At", "-F", "\t", "-P", "null=\\N", "-c", statement] if self.is_postgresql else \
            ["--batch", "--skip-column-names", "-e", statement]
        password = unquote(self.url.password or "")
        result = subprocess.run(self.command(*words), text=True, capture_output=True, timeout=600,
                                env={**os.environ, "PGPASSWORD": password, "MYSQL_PWD": password, "PGTZ": "UTC", "PGSSLMODE": "disable"})
        if result.returncode:
            sys.exit(f"{words[-1][:60]}…: {result.stderr.strip()}")
        null = "\\N" if self.is_postgresql else "NULL"
        return [[None if value == null else value for value in line.split("\t")] for line in result.stdout.splitlines()]
