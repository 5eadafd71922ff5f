"""The embedded voice: FastSpeech 2 and a multi-band MelGAN, a Mandarin woman at 24 kHz, in ONNX Runtime.

`convert` makes the graphs once, at set-up; `engine` speaks with them.
"""
