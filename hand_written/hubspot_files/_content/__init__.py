"""Content of uploads and downloads: sources, upload bodies, destinations and atomic files."""
