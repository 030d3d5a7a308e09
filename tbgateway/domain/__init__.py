"""The vocabulary: names, records, states and the rules between them. No I/O, no clock."""
