"""Folders, commands, and the Python environment of the peers."""
import hashlib, os, subprocess, sys
from pathlib import Path

BENCHMARKS = Path(__file__).resolve().parent.parent
PACKAGE = BENCHMARKS.parent
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "roost-bench"
# One environment for all drivers in Python; another list of versions makes another environment.
PYTHON_PACKAGES = ("asyncpg==0.32.0", "psycopg[binary]==3.3.9", "sqlalchemy==2.1.9", "asyncmy==0.2.18", "pymysql==1.2.4", "alembic==1.20.0")


class Failure(Exception):
    """Ends the run with its message."""


def say(message):
    print(message, file=sys.stderr, flush=True)


def run(command, timeout=1800, **options):
    """Runs a command; what it said goes into the failure."""
    command = [str(part) for part in command]
    try:
        return subprocess.run(command, check=True, text=True, timeout=timeout, **options)
    except subprocess.CalledProcessError as error:
        raise Failure(f"{Path(command[0]).name} {shown(command)} ended with {error.returncode}: {(error.stderr or '').strip()[-2000:]}") from None
    except subprocess.TimeoutExpired:
        raise Failure(f"{Path(command[0]).name} {shown(command)} took more than {timeout} s") from None
    except OSError as error:
        raise Failure(str(error)) from None


def shown(command):
    """Arguments without URLs, which hold passwords."""
    return " ".join("…" if "://" in part else part for part in command[1:])


def swift_build(*products):
    for product in products:
        run(["swift", "build", "-c", "release", "--package-path", BENCHMARKS, "--scratch-path", BENCHMARKS / ".build", "--product", product],
            timeout=3600, stdout=sys.stderr)
    return [BENCHMARKS / ".build/release" / product for product in products]


def compile_c(name, sources, *flags):
    CACHE.mkdir(parents=True, exist_ok=True)
    include = BENCHMARKS / "Sources/CBenchmark/include"
    sources = [BENCHMARKS / "Peers" / source for source in sources] + [BENCHMARKS / "Sources/CBenchmark/CBenchmark.c"]
    run(["cc", "-O2", "-o", CACHE / name, *sources, "-I", include, "-I", BENCHMARKS / "Peers", *flags], stderr=subprocess.PIPE)
    return CACHE / name


def python_peers(packages=PYTHON_PACKAGES):
    """The interpreter with the peers in Python; None, with a word about it, where they cannot be installed."""
    folder = CACHE / ("venv-" + hashlib.sha256(" ".join((sys.version, *packages)).encode()).hexdigest()[:12])
    python, ready = folder / "bin/python", folder / "ready"
    if not ready.exists():
        say(f"Installing {', '.join(packages)}")
        try:
            run([sys.executable, "-m", "venv", "--clear", folder], stderr=subprocess.PIPE, stdout=subprocess.DEVNULL)
            run([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *packages], stderr=subprocess.PIPE)
        except Failure as failure:
            say(f"The peers in Python are left out: {failure}")
            return None
        ready.touch()
    return python


def package_version(python, package):
    """The installed version, which is the pinned one."""
    return run([python, "-c", f"import importlib.metadata as m; print(m.version('{package}'))"], capture_output=True).stdout.strip()


def roost_version():
    """The commit that is measured."""
    try:
        return run(["git", "-C", PACKAGE, "describe", "--always", "--dirty"], capture_output=True).stdout.strip()
    except Failure:
        return "unknown"
