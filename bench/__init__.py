"""What is measured, each figure beside its floor from the same run and the same layout of processes."""
