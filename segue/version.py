"""What version of Segue this is."""

VERSION = "0.5.0"
