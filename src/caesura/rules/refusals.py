"""When providers refuse a campaign's messages one after the other, through no fault of recipients.

Wrong credentials, a sender that is not ours, no credit left: every further message would fare the
same, and each costs its lead a try. So many in a row pause the campaign. One message that is taken
begins the count anew. (How large a share fails over minutes is the business of the pause rules.)
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class InARow:
    """The refusals of one campaign on one cell, since a message was taken."""

    count: int = 0

    def taken(self) -> None:
        self.count = 0

    def refused(self, provider: str, code: str, reason: str, limit: int) -> str | None:
        """Count one; when the limit is reached, the reason to pause."""
        self.count += 1
        if self.count < limit:
            return None
        count, self.count = self.count, 0
        return (
            f"{count} messages in a row were refused by {provider}: {reason} ({code}) "
            "No lead was used up: resume when that is put right."
        )
