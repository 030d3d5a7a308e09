"""`python -m tbgateway.worker.plugin_check [OPTIONS]`: try the allowed plugins, say what works.

Prints one line of JSON: the entry points that `work`, and the `problems` of the others.
"""

import json
import os
import sys

from tbgateway.worker import kernel
from tbgateway.worker.isolation import enter_private_network
from tbgateway.worker.options import Options
from tbgateway.worker.template import load_template


def main(options: Options) -> None:
    """Load everything as a forkserver does."""
    kernel.adopt_orphans()
    enter_private_network()
    template = load_template(options, pack_assets=False)
    found = {"works": template.working_plugins(), "problems": template.problems}
    sys.stdout.write(f"{json.dumps(found)}\n")
    sys.stdout.flush()
    os._exit(0)  # a plugin may have started threads that never end


if __name__ == "__main__":
    main(Options.parse(sys.argv[1:]))
