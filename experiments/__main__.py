"""The way in: whoever stops a command is answered from the first moment on, while its libraries are still imported."""

from experiments import stopping


def main() -> None:
    """Entry point: bad input ends with one or two lines and exit code 2, Ctrl-C with 130, SIGTERM with 143."""
    stopping.heed()
    from experiments import command_line

    command_line.main()


if __name__ == "__main__":
    main()
