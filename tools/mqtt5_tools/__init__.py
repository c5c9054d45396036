"""What the mqtt5-... programs share: program (options, errors, exit status) and tshark (running it, reading what it prints)."""
