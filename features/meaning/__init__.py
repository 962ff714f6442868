"""What a text means, as a vector: by a table of tokens, or by an encoder in ONNX. Knows neither labels nor files."""
