"""Other people's servers as a second opinion: each is wrong somewhere else."""
