"""Who publishes a list, under which licence, and what may be said of it wherever it is quoted."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ListSource:
    """The publisher's particulars of one list, carried in each of its versions.

    ``url`` is the publisher's public page, ``language`` ISO 639-1; ``licence`` in words, empty where none is known.
    """

    list: str
    title: str
    publisher: str = ""
    licence: str = ""
    url: str = ""
    language: str = "en"
    legal_designation: bool = True
    """Whether an entry is a legal act; False for findings of other bodies and for compilations of lists."""
    non_commercial: bool = False
    note: str = ""
    """What else a reader must know to quote it fairly."""

    @property
    def cautions(self) -> tuple[str, ...]:
        """What has to be said wherever the list is quoted; empty for a list of legal designations of free use.

        >>> ListSource("x", "X", legal_designation=False, non_commercial=True).cautions
        ('not a legal designation', 'non-commercial use only')
        """
        said = (
            (not self.legal_designation, "not a legal designation"),
            (self.non_commercial, "non-commercial use only"),
            (bool(self.note), self.note),
        )
        return tuple(words for holds, words in said if holds)

    @property
    def credit(self) -> str:
        """Title, publisher and licence in one line, as they are quoted.

        >>> ListSource("x", "List X", "Office Y", "CC BY 4.0").credit
        'List X (Office Y; CC BY 4.0)'
        """
        about = "; ".join(part for part in (self.publisher, self.licence) if part)
        return f"{self.title} ({about})" if about else self.title
