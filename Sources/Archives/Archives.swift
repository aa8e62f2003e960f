/// Reads and lists archives.
