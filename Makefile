.RECIPEPREFIX := >
BIN := .venv/bin
