"""Long work in warm worker processes: each job once for everybody, watched through files."""
