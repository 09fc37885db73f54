"""States as tables: guards, next buttons, diagrams and tests all come from one dict."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from backend.common.errors import TransitionRefused


@dataclass(frozen=True)
class StateTable:
    """``{(state, event): next state}`` with a Vietnamese and an English label per state.

    Built once at import; raises ValueError for a state without label or that cannot be reached.
    """

    name: str
    initial: str
    transitions: Mapping[tuple[str, str], str]
    labels: Mapping[str, tuple[str, str]]
    event_labels: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        reached = {self.initial}
        frontier = [self.initial]
        while frontier:
            here = frontier.pop()
            for (source, _event), target in self.transitions.items():
                if source == here and target not in reached:
                    reached.add(target)
                    frontier.append(target)
        named = {self.initial, *(s for s, _ in self.transitions), *self.transitions.values()}
        if named != set(self.labels):
            raise ValueError(f"{self.name}: labels do not match states: {named ^ set(self.labels)}")
        if reached != named:
            raise ValueError(f"{self.name}: unreachable: {named - reached}")

    def can(self, state: str, event: str) -> bool:
        """Whether ``event`` changes ``state``."""
        return (state, event) in self.transitions

    def next(self, state: str, event: str) -> str:
        """The state after ``event``.

        A repeat (the event already led here) returns ``state`` unchanged, so that a retry is a no-op.
        Raises TransitionRefused for every other pair that the table lacks.
        """
        target = self.transitions.get((state, event))
        if target is not None:
            return target
        if any(e == event and t == state for (_, e), t in self.transitions.items()):
            return state
        raise TransitionRefused(noun=self.name, state=state, event=event)

    def is_repeat(self, state: str, event: str) -> bool:
        """Whether ``event`` has already led to ``state`` and would change nothing."""
        return not self.can(state, event) and any(
            e == event and t == state for (_, e), t in self.transitions.items()
        )

    def events(self, state: str) -> tuple[str, ...]:
        """The events that ``state`` accepts, in the order of the table: the buttons to show."""
        return tuple(event for (source, event) in self.transitions if source == state)

    def sources(self, event: str) -> tuple[str, ...]:
        """The states that ``event`` may leave: the WHERE of a conditional UPDATE."""
        return tuple(source for (source, e) in self.transitions if e == event)

    def label(self, state: str, language: str = "vi") -> str:
        """The word on the screen for ``state``."""
        return self.labels[state][0 if language == "vi" else 1]

    def mermaid(self) -> str:
        """The table as a Mermaid state diagram, for docs."""
        name = {state: state.replace(" ", "_") for state in self.labels}
        lines = ["stateDiagram-v2"]
        lines += [f'    state "{state}" as {alias}' for state, alias in name.items() if alias != state]
        lines += [f"    [*] --> {name[self.initial]}"]
        lines += [
            f"    {name[source]} --> {name[target]}: {event}"
            for (source, event), target in self.transitions.items()
        ]
        return "\n".join(lines) + "\n"
