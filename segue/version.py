"""What version of Segue this is."""

VERSION = "0.6.0"
