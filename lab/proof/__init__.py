"""The laws of every scenario, run for real: healthy, unsolved, solved, trapped, uncheatable, reversible."""
