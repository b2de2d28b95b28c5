"""What the catalogue states in words: searched, written up as a brief, and held against a reader's text.

statements, claims, facts ──> search   what is known about this?
          │                   brief    write it up, in two languages
          └─────────────────> judge    is this text right?
"""
