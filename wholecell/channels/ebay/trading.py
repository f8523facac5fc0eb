"""Calls to eBay's Trading API: the same access token, a budget by the day, and HTTP 200 whatever happens."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from wholecell.channels.contract import CredentialsError, RateLimit, TemporaryError, WaitingError
from wholecell.channels.ebay import trading_xml
from wholecell.channels.ebay.access import Rest
from wholecell.channels.ebay.budget import learn_sometimes
from wholecell.channels.ebay.limits import TRADING
from wholecell.channels.ebay.settings import SCHEMA
from wholecell.channels.ebay.sign_in import RETRY, SIGN_IN_AGAIN
from wholecell.channels.ebay.trading_xml import Answer, Inside
from wholecell.channels.ebay.values import UnreadableError
from wholecell.channels.http import Content
from wholecell.channels.values import sentence

TRADING_PATH = "/ws/api.dll"
XML = "text/xml; charset=utf-8"
# Codes of Trading that are about the call and not about what was asked for (Trading's list of errors).
TOKEN_CODES = frozenset({"21917053", "21916984", "931", "932"})
USED_UP, SUSPENDED, FAULT, TOO_FAST = "518", "841", "10007", "21919144"
WINDOW = 15.0  # seconds of a burst: who goes over it is blocked until the window ends


class Access(Rest):
    """One seller's login at the REST interfaces and at Trading."""

    def trading(
        self,
        name: str,
        inside: list[tuple[str, Inside]],
        limit: RateLimit,
        *,
        is_write: bool = False,
        is_urgent: bool = False,
    ) -> Answer:
        """Send one Trading call, of today's budget; the answer may hold faults of what was asked for.

        Raises WaitingError when the budget is used up, TemporaryError, and CredentialsError.
        """
        content = Content(XML, trading_xml.message(name, inside))
        if not is_urgent:
            learn_sometimes(self)

        def once() -> Answer:
            self.state.spend(TRADING, is_urgent=is_urgent)
            return self._trade(name, content, limit, is_write)

        answer = self._with_token(once)
        if answer.codes & TOKEN_CODES:
            self.state.drop_token(self._token)
            answer = self._with_token(once)
        return self._judged_trade(answer, is_write=is_write, is_urgent=is_urgent)

    def _trade(self, name: str, content: Content, limit: RateLimit, is_write: bool) -> Answer:
        headers = {
            "X-EBAY-API-CALL-NAME": name,
            "X-EBAY-API-SITEID": str(self.site.number),
            "X-EBAY-API-COMPATIBILITY-LEVEL": self.settings.get("schema") or SCHEMA,
            "X-EBAY-API-IAF-TOKEN": self._token,
            "Accept": "text/xml",
        }
        try:
            response = self._http.request("POST", TRADING_PATH, content=content, headers=headers, costs=[(limit, 1)])
        except TemporaryError as error:
            error.maybe_applied = error.maybe_applied and is_write
            raise
        try:
            return trading_xml.answer(response.text)
        except UnreadableError as error:
            problem = self.unreadable(str(error), response, maybe_applied=is_write and response.is_ok)
        raise problem

    def _judged_trade(self, answer: Answer, *, is_write: bool, is_urgent: bool) -> Answer:
        """Raise for the faults that are about the call, whatever it asked for."""
        words = sentence(self.hide(answer.words))
        if answer.is_done or not answer.codes:
            return answer
        if answer.codes & TOKEN_CODES:
            self.state.drop_token(self._token)
            raise CredentialsError(f"eBay does not accept the sign-in any more: {words}", advice=SIGN_IN_AGAIN)
        if SUSPENDED in answer.codes:
            raise CredentialsError(
                f"eBay has suspended this account: {words}",
                advice="Clear it up with eBay, then sign in again on the Details tab.",
            )
        if USED_UP in answer.codes:
            ends_at = day_end()
            # Each call may have a number of its own: that pages are used up must not stop a fall before it is tried.
            left = 0 if is_urgent else TRADING.kept_back
            self.state.learn_budget(TRADING, TRADING.count, left, ends_at)
            wait = (ends_at - datetime.now(UTC)).total_seconds()
            raise WaitingError(f"Today's calls are used up: {words}", retry_after=max(wait, WINDOW))
        if TOO_FAST in answer.codes:
            raise TemporaryError(f"eBay asked us to slow down: {words}", retry_after=WINDOW)
        if answer.ack == "PartialFailure":
            return answer  # what was done is told beside what was not
        if FAULT in answer.codes or all(each.is_theirs for each in answer.faults):
            raise TemporaryError(f"eBay has a fault of its own: {words}", retry_after=RETRY, maybe_applied=is_write)
        return answer


def day_end() -> datetime:
    """When eBay's day ends: at the next midnight Pacific time."""
    zone = ZoneInfo(TRADING.zone)
    tomorrow = datetime.now(zone).date() + timedelta(days=1)
    return datetime.combine(tomorrow, time.min, zone).astimezone(UTC)
