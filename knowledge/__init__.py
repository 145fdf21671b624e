"""What the policy says. Pure: no chat, no people, no network."""

import os

# Questions are small: threads of the linear algebra would wait for each other longer than they work, most of all on a busy machine.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
