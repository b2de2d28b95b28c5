"""The real-time driver: observe the engine, run the very round that replay runs, store what is intended, act."""
