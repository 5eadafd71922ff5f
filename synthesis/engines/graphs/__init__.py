"""Networks written as ONNX graphs by hand: what every such engine needs."""
