"""Files that people send: what they are by their content, and what is left once nothing hidden travels along."""
