"""Who runs a board's process: the forkserver, a plain exec, or a fake for tests."""
