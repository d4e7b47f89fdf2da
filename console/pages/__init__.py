"""The pages, one module for each subject; `console.routes` gives each its address and the right it needs."""
