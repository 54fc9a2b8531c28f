"""Where the trials of a sweep are computed: clusters, and what passes between them and us."""
