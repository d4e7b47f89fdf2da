"""`python -m sandbox --listen 127.0.0.1:0`."""

from sandbox.server import main

if __name__ == "__main__":
    main()
