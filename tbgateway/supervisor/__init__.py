"""All boards' processes: what should run, what does run, and the steps from one to the other."""
