"""The framework's shell: specs, bodies, the gate, the wrapper, the store. It knows no trading."""
