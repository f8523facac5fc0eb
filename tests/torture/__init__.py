"""Crashes: the seller's process is killed again and again while orders come in and quantities go out."""
