"""What runs inside the forkserver and the board processes.

`messages`, `channel` and `kernel` need the standard library only, and the launchers use them too.
Everything that imports TensorBoard is imported by the two entry points, never from here.
"""
