"""The project: settings, doors, processes.

The Celery app is not loaded here: it is 10 MB that the gateway and the programs of a moment never use. Whoever
sends a task loads it first (settings.TASK_APP).
"""

from __future__ import annotations
