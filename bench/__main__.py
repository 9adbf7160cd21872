"""`make bench`: every benchmark, one after the other."""

from bench import kernel

if __name__ == "__main__":
    kernel.main()
