"""Which members of a family can be its variants.

Pure: options as pairs of whatever two attributes and two values are the same by.
"""

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from typing import NamedTuple, TypeVar

Option = tuple[Hashable, Hashable]
Member = TypeVar("Member", bound=Hashable)
Family = TypeVar("Family", bound=Hashable)


class Lines(NamedTuple):
    """What a template has: the attributes of its variants, and the combinations of these."""

    attributes: frozenset[Hashable]
    taken: frozenset[frozenset[Option]]


def sort_members(
    families: Mapping[Family, Mapping[Member, Sequence[Option]]], known: Mapping[Family, Lines]
) -> tuple[list[Member], list[Member]]:
    """Return those that become variants, and those that find their combination taken.

    The others have other attributes than their family: those of its template, or the ones most of
    its members have where there is none yet.
    """
    fitting, twins = [], []
    for family, members in families.items():
        lines = known.get(family) or Lines(_usual_attributes(members), frozenset())
        taken = set(lines.taken)
        for member, options in members.items():
            combination = frozenset(options)
            attributes = _attributes_of(options)
            if len(options) != len(attributes) or attributes != lines.attributes:
                continue
            if combination in taken:
                twins.append(member)
            else:
                taken.add(combination)
                fitting.append(member)
    return fitting, twins


def _usual_attributes(members: Mapping[Member, Sequence[Option]]) -> frozenset[Hashable]:
    kinds = Counter(map(_attributes_of, members.values()))
    return kinds.most_common(1)[0][0]


def _attributes_of(options: Sequence[Option]) -> frozenset[Hashable]:
    return frozenset(attribute for attribute, _value in options)
