"""Several Mandarin speakers of one network: Kokoro-82M, int8, in ONNX Runtime, 24 kHz.

`convert` cuts the network into three graphs once, at set-up; `engine` speaks with them.
"""
