"""The process: settings, runtime, pumps, command line, demo. It puts the other packages together and holds no rule."""
