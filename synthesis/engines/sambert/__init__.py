"""Sambert and HiFi-GAN: released model folders, spoken by our own networks in PyTorch.

Nothing outside this package imports torch, and this file does not either: `config` can be read without it.
"""
