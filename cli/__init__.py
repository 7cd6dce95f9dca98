"""The commands of `asza`, a file a subject. Data on stdout, diagnostics on stderr."""
