"""What the peers in Python share: the clock, the rows and the checksums. See CBenchmark.h for the same in C."""
import datetime, json, resource, time

MASK = (1 << 64) - 1
EPOCH = datetime.datetime(1970, 1, 1)
START = datetime.datetime(2024, 1, 1)


class Clock:
    """The work stands in its `with`; checksums come after it, for in Python they would cost more than the work."""

    def __enter__(self):
        self.wall, self.cpu = time.perf_counter(), cpu()
        return self

    def __exit__(self, *_):
        self.cpu, self.wall = cpu() - self.cpu, time.perf_counter() - self.wall
        self.rss = max_rss_mib()

    def report(self, engine, peer, work, operations, checksum, **more):
        print(json.dumps({**more, "engine": engine, "work": work, "peer": peer, "operations": operations, "per_s": round(operations / self.wall),
                          "cpu_us": round(self.cpu * 1e6 / operations, 4), "checksum": str(checksum & MASK), "max_rss_mib": round(self.rss, 1)}))


def max_rss_mib():
    """The most memory held; on Linux getrusage would count the program that started this one too."""
    try:
        with open("/proc/self/status") as status:
            return next(int(line.split()[1]) for line in status if line.startswith("VmHWM:")) / 1024
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def cpu():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def mix(z):
    z = (z + 0x9E3779B97F4A7C15) & MASK
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    return z ^ (z >> 31)


def ids(count):
    return [mix(i) % 1_000_000 + 1 for i in range(count)]


def item(i, timezone=None):
    """Row i, as setup.sql makes it."""
    name = f"item {i % 99991}" + (" über 12345678" if i % 5 == 0 else "")
    at = (START + datetime.timedelta(seconds=i * 37 % 31_000_000, microseconds=i % 1_000_000)).replace(tzinfo=timezone)
    note = None if i % 3 == 0 else f"note {i % 997} ".ljust(200, "x") if i % 16 == 1 else f"note {i % 997}"
    return i, name, (i * 7919 % 1_000_000) / 100, i * 31 % 1000, at, note


def text_check(text):
    text = text.encode() if isinstance(text, str) else text
    return len(text) + text[0] + text[-1] if text else 0


def microseconds(at):
    return (at.replace(tzinfo=None) - EPOCH) // datetime.timedelta(microseconds=1)


def check(row, time_check):
    id, name, price, quantity, at, note = row
    return id + text_check(name) + int(price * 100 + 0.5) + quantity + time_check(at) + (0 if note is None else text_check(note))
