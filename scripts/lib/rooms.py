#!/usr/bin/env python3
"""rooms.py [ROOT]: checks that the rooms below src/ are those of the table in ARCHITECTURE.md, and that each includes only
what its row allows.

A room is a folder below src/, or a file that has a row (main.cpp). A row's third column lists the rooms that it may use. A room
below another ("backend/bpf") has its own row, and its whole name is used in the column. A unit is FILE.h with FILE.cpp.
Prints a line for each fault: a folder without a row, a row without a folder, an include that the row does not allow, a
cycle of rooms, a cycle of units, a type that two files define under one name (the linker merges their functions, and says
nothing). Exit status 1 when there is one."""
import collections
import pathlib
import re
import sys

HEADER = ["folder", "what lives there", "may use"]
INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"')
SOURCES = {".h", ".cpp", ".c"}
NAMESPACE = re.compile(r"^namespace\s*([\w:]*)\s*\{")
TYPE = re.compile(r"^(?:template <[^>]*>\s*)?(?:struct|class|union|enum class|enum) ([\w:]+)(?: final)?(?: :[^;]*)? \{")

# Includes that the search for cycles of units ignores, each with its reason. An entry that is not needed is a fault.
KNOWN = [
    # The host's own package manager is a fact of its distribution, and is chosen by the distribution's id.
    ("host/distribution", "host/remedy_rows"),
    # A rule names the child whose exit status its parent took over; that child's end is judged by the same rules.
    ("verdict/rules", "verdict/childs_end"),
]


class Row:
    def __init__(self, line, room, may_use):
        self.line, self.room, self.may_use = line, room, may_use


def cells_of(line):
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def rows_of(text):
    """The rows of the table of rooms that are for src/, and the faults of the table."""
    rows, faults, inside = [], [], False
    for number, line in enumerate(text.splitlines(), 1):
        if not line.startswith("|"):
            inside = False
            continue
        cells = cells_of(line)
        if cells == HEADER:
            inside = True
        elif inside and not set(line) <= set("|-: "):
            found = re.match(r"^`src/([^`]+?)/?`$", cells[0])
            if found and len(cells) == len(HEADER):
                rows.append(Row(number, found[1], [] if cells[2] == "-" else [name.strip() for name in cells[2].split(",")]))
            elif cells[0].startswith("`src/"):
                faults.append(f"ARCHITECTURE.md:{number}: a row is `src/FOLDER/` | text | rooms")
    if not rows:
        faults.append("ARCHITECTURE.md: there is no table of rooms: " + " | ".join(HEADER))
    return rows, faults


class House:
    """The sources below ROOT/src, by rooms and by units."""

    def __init__(self, root, rooms):
        self.src = (root / "src").resolve()
        self.rooms = rooms
        self.files = sorted(path for path in self.src.rglob("*") if path.suffix in SOURCES)

    def room_of(self, path):
        name = str(path.relative_to(self.src))
        return name if name in self.rooms else str(path.parent.relative_to(self.src))

    def unit_of(self, path):
        return str(path.relative_to(self.src).with_suffix(""))

    def found(self, file, name):
        """The file below src/ that an include means; None for a file that the build makes."""
        paths = (path.resolve() for path in (file.parent / name, self.src / name) if path.is_file())
        return next((path for path in paths if path.is_relative_to(self.src)), None)

    def includes(self):
        """(file, line, included file) of every include of a file below src/."""
        for file in self.files:
            for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
                written = INCLUDE.match(line)
                path = self.found(file, written[1]) if written else None
                if path:
                    yield file, number, path


def cycles(edges):
    """The sets of nodes that reach each other (Tarjan's strongly connected components of more than one node)."""
    order, low, stack, found = {}, {}, [], []

    def visit(node):
        order[node] = low[node] = len(order)
        stack.append(node)
        for next_one in sorted(edges.get(node, ())):
            if next_one not in order:
                visit(next_one)
                low[node] = min(low[node], low[next_one])
            elif next_one in stack:
                low[node] = min(low[node], order[next_one])
        if low[node] == order[node]:
            part = stack[stack.index(node):]
            del stack[stack.index(node):]
            if len(part) > 1:
                found.append(sorted(part))

    sys.setrecursionlimit(100_000)
    for node in sorted(edges):
        if node not in order:
            visit(node)
    return sorted(found)


def way_round(part, edges):
    """A shortest path from the part's first node back to it, as "a > b > a"."""
    first, before, queue = part[0], {}, collections.deque([part[0]])
    while queue:
        node = queue.popleft()
        for next_one in sorted(edges.get(node, ())):
            if next_one == first:
                way = [first]
                while node != first:
                    way.append(node)
                    node = before[node]
                return " > ".join([first] + way[::-1])
            if next_one in part and next_one not in before:
                before[next_one] = node
                queue.append(next_one)
    return " > ".join(part)


def graph(pairs):
    edges = collections.defaultdict(set)
    for one, other in pairs:
        if one != other:
            edges[one].add(other)
    return edges


def faults_of_rows(rows, house):
    rooms = [row.room for row in rows]
    for row in rows:
        if not (house.src / row.room).exists():
            yield f"ARCHITECTURE.md:{row.line}: there is no src/{row.room}"
        if rooms.count(row.room) > 1:
            yield f"ARCHITECTURE.md:{row.line}: src/{row.room} has two rows"
        for name in row.may_use:
            if name not in rooms:
                yield f"ARCHITECTURE.md:{row.line}: '{name}' is no room: the third column lists rooms, or is -"
    for room in sorted({house.room_of(file) for file in house.files} - set(rooms)):
        yield f"ARCHITECTURE.md: src/{room} has no row in the table of rooms"


def faults_of_includes(rows, house, includes):
    may_use = {row.room: {row.room, *row.may_use} for row in rows}
    for file, number, path in includes:
        room, other = house.room_of(file), house.room_of(path)
        if room in may_use and other in may_use and other not in may_use[room]:
            yield f"{file.relative_to(house.src.parent)}:{number}: {room} may not use {other} ({path.relative_to(house.src)})"


def faults_of_cycles(house, includes, known):
    rooms = graph((house.room_of(file), house.room_of(path)) for file, _, path in includes)
    units = graph((house.unit_of(file), house.unit_of(path)) for file, _, path in includes)
    for part in cycles(rooms):
        yield f"rooms use each other: {way_round(part, rooms)}"
    whole = cycles(units)
    for one, other in known:
        if not any(one in part and other in part for part in whole) or other not in units[one]:
            yield f"scripts/lib/rooms.py: '{one}' > '{other}' is part of no cycle any more: take it out of KNOWN"
        units[one].discard(other)
    for part in cycles(units):
        yield f"units use each other: {way_round(part, units)}"


def types_of(text):
    """The types that a file defines outside of nameless namespaces, with their namespaces. clang-format indents nothing in a
    namespace, and a closing brace of one says so."""
    inside = []
    for line in text.splitlines():
        opened, defined = NAMESPACE.match(line), TYPE.match(line)
        if opened:
            inside.append(opened[1])
        elif line.startswith("}  // namespace"):
            inside = inside[:-1]
        elif defined and "" not in inside:
            yield "::".join([*inside, defined[1]])


def faults_of_types(house):
    where = collections.defaultdict(set)
    for file in house.files:
        if file.suffix != ".c" and ".bpf." not in file.name:
            for name in types_of(file.read_text(encoding="utf-8")):
                where[name].add(str(file.relative_to(house.src)))
    for name, files in sorted(where.items()):
        if len(files) > 1:
            yield f"{name} is defined in {' and in '.join(sorted(files))}: one name, one type"


def faults(root, known=None):
    rows, wrong = rows_of((root / "ARCHITECTURE.md").read_text(encoding="utf-8"))
    house = House(root, {row.room for row in rows})
    includes = list(house.includes())
    return [*wrong, *faults_of_rows(rows, house), *faults_of_includes(rows, house, includes),
            *faults_of_cycles(house, includes, KNOWN if known is None else known), *faults_of_types(house)]


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else __file__).resolve()
    found = faults(root if len(sys.argv) > 1 else root.parents[2])
    print("\n".join(found), end="\n" if found else "")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
