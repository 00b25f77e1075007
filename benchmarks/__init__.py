"""Programs that measure what is promised, each beside a bare baseline in the same run."""
