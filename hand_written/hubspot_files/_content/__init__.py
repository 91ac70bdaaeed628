"""Content that goes up and comes down: sources, upload bodies, downloads, atomic files."""
