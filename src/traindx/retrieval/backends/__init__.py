"""Who counts: threads of this process, a GPU, other processes, a cluster. The counts are the same."""
