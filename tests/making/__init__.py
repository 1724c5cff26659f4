"""What tests make and drive: logs, files, models, pages, faults."""
