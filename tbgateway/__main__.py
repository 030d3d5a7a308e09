"""`python -m tbgateway`."""

import sys

from tbgateway.cli import main

sys.exit(main())
