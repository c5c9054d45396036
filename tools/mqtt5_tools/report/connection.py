"""One connection of the capture, and how it ended."""

WELL, OPEN, CLOSED, TROUBLE, REFUSED = "well", "open", "closed", "trouble", "refused"
SIDES = {"1": "client", "2": "server"}
GOODBYE = {0, 4}  # reason codes of a DISCONNECT with which a client leaves as it should; 4 asks for its Will


class Connection:
    """What the report says of a connection. Times are seconds since 1970."""
    __slots__ = ("client_id", "client", "server", "carrier", "version", "frame", "start", "end", "outcome", "how", "why",
                 "packets", "published", "delivered", "findings", "client_port")

    def __init__(self, frame, time):
        self.frame, self.start, self.end = frame, time, time
        self.client_id = self.client = self.server = self.carrier = self.version = self.client_port = ""
        self.outcome, self.how, self.why = OPEN, "", ""
        self.packets = self.published = self.delivered = 0
        self.findings = {}

    @property
    def over(self):
        """Whether the capture shows that it ended, or that it was refused."""
        return self.outcome != OPEN

    def refused(self, cause):
        self.outcome, self.how, self.why = REFUSED, "refused by the server", cause

    def disconnected(self, side, code, cause):
        """A DISCONNECT. code: its reason code, 0 if it has none."""
        if self.outcome == REFUSED:
            return
        well = side == "client" and code in GOODBYE
        self.outcome, self.how, self.why = WELL if well else TROUBLE, f"DISCONNECT from the {side}", cause

    def closed(self, side, reset, cause):
        """The first FIN or RST of a connection that was not over."""
        self.outcome = TROUBLE if reset or cause else CLOSED
        self.how = f"{'RST' if reset else 'FIN'} from the {side}" + ("" if cause else ", no DISCONNECT seen")
        self.why = cause

    def worst(self):
        """The worst severity of its findings, or ""."""
        return next((severity for severity in ("error", "warning", "note") if self.findings.get(severity)), "")

    def troubled(self):
        """How much it deserves to be seen, the more the worse."""
        return 2 * (self.outcome in (TROUBLE, REFUSED)) + (self.worst() in ("error", "warning"))
