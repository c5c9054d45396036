"""The names that Wireshark has for the values of the plugin's fields."""


class Names:
    """tshark: mqtt5_tools.tshark.Tshark."""

    def __init__(self, tshark):
        self.names = {}
        with tshark.running("-G", "values") as out:  # more than a million lines
            for line in out:
                if line.startswith(b"V\tmqtt5."):
                    _, field, value, name = line.decode("utf-8", errors="replace").rstrip("\n").split("\t")[:4]
                    self.names[field, int(value, 0)] = name

    def of(self, field, value):
        """The name of a value as tshark prints it, or the value."""
        try:
            return self.names.get((field, int(value, 0)), value)
        except ValueError:
            return value
