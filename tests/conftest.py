"""What pytest leaves alone (samples, and the scripts that made them with libraries that no test needs), and Ctrl-C for children."""

from __future__ import annotations

import signal

collect_ignore = ["data"]

# A shell that starts a command in the background has it ignore Ctrl-C, and so would every program that the tests start.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
