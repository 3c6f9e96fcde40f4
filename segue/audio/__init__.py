"""What Segue knows of sound: the musical grid, Riffusion's pictures, and files of either.

Importing this package costs nothing; `spectrogram` and `files` bring in the numeric libraries.
"""
