"""Nine lessons as notebooks, a page on tipping that needs no installation, and a teacher's sheet."""
