"""The containers a sound may come in. Importing this costs nothing."""

AUDIO_TYPES = {  # libsndfile's name: media type, extension
    "WAV": ("audio/wav", ".wav"),
    "FLAC": ("audio/flac", ".flac"),
    "MP3": ("audio/mpeg", ".mp3"),
    "OGG": ("audio/ogg", ".ogg"),
}
